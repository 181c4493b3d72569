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
    """Delete the tenant SLUG with everything in it; with --now the proof is printed.

    What was broken off with --now is gone on with when the command is given again.
    """
    if confirm != slug:
        raise click.UsageError("--confirm is another short name.")
    with acting(Actor("command", label="heed tenant delete")):
        if now:
            click.echo(_told(_delete_now(slug)))
            return
        with tenant_scope(find_tenant_id(slug)):
            departure = departing.ask_to_depart(None, confirm)
        click.echo(
            f"{slug} will be deleted at {departure.ends_at.isoformat()}; any administrator can keep it until then.\n"
            f"Its proof is then shown by: heed tenant proof show {departure.id}"
        )


def _delete_now(slug: str) -> object:
    with directory_scope():
        begun = departures.find_closed(slug)
    tenant_id = begun or find_tenant_id(slug)
    if begun is None:
        with tenant_scope(tenant_id):
            departing.check_hold()
    with directory_scope():
        departure_id = departing.remove_now(tenant_id)
    click.echo(f"Its proof is shown again by: heed tenant proof show {departure_id}", err=True)
    while True:  # what takes longer than a job may is gone on with
        with directory_scope():
            is_gone = departing.delete_tenant(departure_id)
        with directory_scope():
            found = departures.get_departure(departure_id)
        if is_gone:
            return found.proof
        _wait(found)


def _told(proof: object) -> str:
    return json.dumps(proof, indent=2, sort_keys=True)


def _wait(departure: Departure) -> None:
    """Until those are done who were let in before the doors closed. Raises Conflict when it is kept after all."""
    if departure.closed_at is None:
        raise Conflict("It is kept: a legal hold has begun.")
    until = rules.settled_at(departure.closed_at)
    if (seconds := (until - clock.now()).total_seconds()) > 0:
        click.echo(f"Waiting until {until:%H:%M:%S} UTC for whatever was under way as the doors closed.", err=True)
        sleep(seconds)


@tenant.group()
def proof() -> None:
    """Show and check what was signed here."""


@proof.command()
@click.argument("departure_id", metavar="ID", type=click.UUID)
def show(departure_id: UUID) -> None:
    """Print the proof of the deletion that `heed tenant delete` has named."""
    with directory_scope():
        found = departures.get_departure(departure_id)
    if found.proof is None:
        raise Conflict("Nothing is proven yet: it is not deleted, or was kept.")
    click.echo(_told(found.proof))


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
