"""The commands of this room: `heed figures rebuild`."""

from __future__ import annotations

import json

import click

from app.insights.figures import service
from app.kernel.scope import Actor, acting, tenant_scope
from app.tenants.commands import find_tenant_id


@click.group()
def figures() -> None:
    """Keep what figures are read from."""


@figures.command()
@click.option("--tenant", "slug", required=True, help="The tenant's slug.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def rebuild(slug: str, as_json: bool) -> None:
    """Make the rollups of a tenant anew from its responses; figures are right meanwhile."""
    with tenant_scope(find_tenant_id(slug)), acting(Actor("command", label="heed figures rebuild")):
        facts, cells = service.rebuild()
    if as_json:
        click.echo(json.dumps({"responses": facts, "cells": cells}))
    else:
        click.echo(f"{facts} counted responses are in {cells} cells.")
