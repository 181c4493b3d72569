"""The commands of this room: `heed tenant export`, beside those that make tenants."""

from __future__ import annotations

import os
from pathlib import Path

import click

from app.custody.exporting import service as exporting
from app.kernel.errors import Conflict
from app.kernel.scope import Actor, acting, tenant_scope
from app.tenants.commands import find_tenant_id, tenant

__all__ = ["export", "tenant"]


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
