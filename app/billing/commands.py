"""The command of this room: `heed billing sync`."""

from __future__ import annotations

import json
from uuid import UUID

import click

from app.billing import queries
from app.billing.service import hearing, metering
from app.kernel.errors import Conflict, HeedError
from app.kernel.scope import Actor, acting, directory_scope, tenant_scope
from app.tenants.commands import find_tenant_id


@click.group()
def billing() -> None:
    """Keep what tenants have bought as Stripe says it is."""


@billing.command()
@click.option("--tenant", "slug", help="Only this tenant.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def sync(slug: str | None, as_json: bool) -> None:
    """Ask Stripe about every subscription, and send what was used and not told yet. Running it again changes nothing.

    For when webhooks were lost: Stripe sends them for three days only.
    """
    if not queries.is_on():
        raise Conflict("STRIPE_API_KEY is not set: nobody pays here.")
    ids = [find_tenant_id(slug)] if slug else _paying_tenants()
    failed: list[str] = []
    reports = 0
    with acting(Actor("command", label="heed billing sync")):
        for tenant_id in ids:
            try:
                reports += _sync(tenant_id)
            except HeedError as error:  # one tenant's trouble is not the others'
                failed.append(f"{tenant_id}: {error}")
    if as_json:
        click.echo(json.dumps({"tenants": len(ids) - len(failed), "reports": reports, "failed": failed}))
    else:
        click.echo(f"{len(ids) - len(failed)} tenants are as Stripe says, {reports} reports were sent.")
    if failed:
        raise Conflict("These could not be asked about: " + "; ".join(failed))


def _paying_tenants() -> list[UUID]:
    with directory_scope():
        return queries.list_paying_tenants()


def _sync(tenant_id: UUID) -> int:
    with tenant_scope(tenant_id):
        hearing.sync_subscription()
        return metering.send_unsent_reports()
