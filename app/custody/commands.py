"""The commands of this room, beside those that make tenants: `heed tenant export`, `delete` and `proof`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from time import sleep
from typing import TextIO
from uuid import UUID

import click

from app.custody.departing import queries as departures
from app.custody.departing import rules
from app.custody.departing import service as departing
from app.custody.departing.models import Departure
from app.custody.exporting import service as exporting
from app.kernel import clock
from app.kernel.errors import Conflict
from app.kernel.scope import Actor, acting, directory_scope, tenant_scope
from app.tenants.commands import find_tenant_id, tenant

__all__ = ["delete", "export", "proof", "tenant"]


@tenant.command()
@click.argument("slug")
@click.option("--to", "target", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A new ZIP file.")
def export(slug: str, target: Path) -> None:
    """Write everything that the tenant SLUG has into a file that only you can read."""
    tenant_id = find_tenant_id(slug)
    try:
        file = os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except FileExistsError as error:
        raise Conflict(f"{target} is there already.") from error
    with file, acting(Actor("command", label="heed tenant export")), tenant_scope(tenant_id):
        rows = exporting.export_to(file.write)
    click.echo(f"{rows} lines of {slug} stand in {target}.")


@tenant.command()
@click.argument("slug")
@click.option("--confirm", required=True, help="The short name once more.")
@click.option("--now", is_flag=True, help="Without the seven days in which it can be taken back.")
def delete(slug: str, confirm: str, now: bool) -> None:
    """Delete the tenant SLUG with everything in it; with --now the proof is printed."""
    if confirm != slug:
        raise click.UsageError("--confirm is another short name.")
    tenant_id = find_tenant_id(slug)
    with acting(Actor("command", label="heed tenant delete")):
        if now:
            click.echo(json.dumps(_delete_now(tenant_id), indent=2, sort_keys=True))
            return
        with tenant_scope(tenant_id):
            departure = departing.ask_to_depart(None, confirm)
        click.echo(
            f"{slug} will be deleted at {departure.ends_at.isoformat()}; any administrator can keep it until then."
        )


def _delete_now(tenant_id: UUID) -> object:
    with tenant_scope(tenant_id):
        departing.check_hold()
    with directory_scope():
        departure_id = departing.remove_now(tenant_id)
    while True:  # what takes longer than a job may is gone on with
        with directory_scope():
            is_gone = departing.delete_tenant(departure_id)
        with directory_scope():
            found = departures.get_departure(departure_id)
        if is_gone:
            return found.proof
        _wait(found)


def _wait(departure: Departure) -> None:
    """Until those are done who were let in before the doors closed."""
    assert departure.closed_at is not None
    until = rules.settled_at(departure.closed_at)
    if (seconds := (until - clock.now()).total_seconds()) > 0:
        click.echo(f"Waiting until {until:%H:%M:%S} UTC for whatever was under way as the doors closed.", err=True)
        sleep(seconds)


@tenant.group()
def proof() -> None:
    """Check what was signed here."""


@proof.command()
@click.argument("file", type=click.File("r", "utf-8"))
def verify(file: TextIO) -> int:
    """Say whether this installation has signed the proof of a deletion in FILE, as it stands there."""
    try:
        told = json.load(file)
    except ValueError as error:
        raise click.UsageError("FILE is no JSON.") from error
    is_genuine = isinstance(told, dict) and departing.is_genuine(told)
    click.echo("genuine" if is_genuine else "NOT genuine: changed, or signed by another installation")
    return 0 if is_genuine else 1
