"""The commands of this room: `heed tenant create`."""

from __future__ import annotations

import json
from dataclasses import asdict
from uuid import UUID

import click

from app.kernel.errors import Invalid
from app.kernel.locales import normalise
from app.kernel.scope import Actor, acting, directory_scope
from app.tenants import queries, rules, service


def find_tenant_id(slug: str) -> UUID:
    """The id of the tenant that a command names. Raises NotFound."""
    with directory_scope():
        return queries.get_tenant_by_slug(slug).id


@click.group()
def tenant() -> None:
    """Make tenants."""


@tenant.command()
@click.argument("slug")
@click.option("--name", required=True, help="The tenant's name, as customers read it.")
@click.option("--admin", "admin_email", required=True, help="E-mail address of the first admin.")
@click.option("--password", required=True, help="The admin's password, at least 12 characters and not easy to guess.")
@click.option("--timezone", default="UTC", show_default=True, help="IANA time zone, e.g. Asia/Shanghai.")
@click.option("--locale", default="en", show_default=True, help="Language of the tenant, BCP 47, e.g. zh-Hans.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def create(slug: str, name: str, admin_email: str, password: str, timezone: str, locale: str, as_json: bool) -> None:
    """Make the tenant SLUG with its first admin and an API key, which is shown this once."""
    try:
        locale = normalise(locale)
        rules.check_timezone(timezone)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    with acting(Actor("command", label="heed tenant create")):
        try:
            made = service.create_tenant(slug, name, admin_email, password, timezone=timezone, locale=locale)
        except Invalid as error:
            raise click.UsageError(str(error)) from error
    if as_json:
        row = asdict(made)
        click.echo(json.dumps({"tenant": row["slug"], "tenant_id": str(row["tenant_id"]), "api_key": row["api_key"]}))
    else:
        click.echo(f"Tenant {made.slug} is ready. Its API key, shown this once:\n{made.api_key}")
