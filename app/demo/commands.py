"""The commands of this room: `heed import olist` and `heed demo load`."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path

import click
from flask import current_app
from rich.console import Console
from rich.progress import Progress

from app.demo.olist.files import UnusableFile
from app.demo.olist.service import Report, import_olist
from app.demo.shop import service as shop
from app.demo.shop import start
from app.kernel.errors import HeedError
from app.kernel.scope import Actor, acting, tenant_scope
from app.tenants.commands import find_tenant_id

_SHOWN = 20


@click.group(name="import")
def import_() -> None:
    """Bring in data from elsewhere."""


@import_.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--tenant", "slug", required=True, help="The tenant's slug.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def olist(folder: Path, slug: str, as_json: bool) -> None:
    """Import the Olist files in FOLDER as history: sellers, orders, reviews and the cases they call for."""
    tenant_id = find_tenant_id(slug)
    with tenant_scope(tenant_id), acting(Actor("command", label="heed import olist")):
        try:
            report = _import(folder)
        except UnusableFile as error:
            raise HeedError(str(error)) from error
    _print_json(report) if as_json else _print(report)


def _import(folder: Path) -> Report:
    console = Console(stderr=True)
    if not console.is_terminal:
        return import_olist(folder, lambda step, done: console.print(f"{step}: {done}", highlight=False))
    with Progress(console=console) as bars:
        tasks = {step: bars.add_task(step, total=None) for step in ("sellers", "orders", "reviews")}
        return import_olist(folder, lambda step, done: bars.update(tasks[step], completed=done))


def _print_json(report: Report) -> None:
    counts = {
        "orders": report.orders,
        "reviews": report.reviews,
        "sellers_with_orders": len(report.sellers),
        "late_orders": report.late_orders,
        "rejected": [asdict(row) for row in report.rejected],
    }
    click.echo(json.dumps(counts))


def _print(report: Report) -> None:
    click.echo(
        f"{report.orders} orders of {len(report.sellers)} sellers, {report.late_orders} of them late, "
        f"and {report.reviews} reviews are in. {len(report.rejected)} rows were left out."
    )
    for row in report.rejected[:_SHOWN]:
        click.echo(f"  {row.file}:{row.line}: {row.reason}")
    if len(report.rejected) > _SHOWN:
        click.echo(f"  … and {len(report.rejected) - _SHOWN} more; --json lists them all.")


@click.group()
def demo() -> None:
    """The demo tenant: a shop with a year behind it."""


@demo.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--force", is_flag=True, help="Also on databases of your own.")
def load(as_json: bool, force: bool) -> None:
    """Make the demo tenant and tell its year; what is there already stays as it is."""
    if not current_app.extensions["heed_settings"].embedded and not force:
        raise HeedError(
            "These are not the embedded databases. The demo tenant lets in whoever knows its printed password; "
            "--force makes it all the same."
        )
    with acting(Actor("command", label="heed demo load")):
        tenant_id = shop.open_shop()
        with tenant_scope(tenant_id):
            while not _fill():
                # The running Heed is at it, since its first start: it has done its part when this one may look.
                time.sleep(1)
            told = shop.count_told()
    click.echo(json.dumps(told) if as_json else _demo_words(told))


def _fill() -> bool:
    console = Console(stderr=True)
    if not console.is_terminal:
        return shop.fill_shop(lambda done, months: console.print(f"months: {done} of {months}", highlight=False))
    with Progress(console=console) as bars:
        task = bars.add_task("the year of the demo tenant", total=None)
        return shop.fill_shop(lambda done, months: bars.update(task, completed=done, total=months))


def _demo_words(told: dict[str, int | str]) -> str:
    counts = "{interactions} interactions, {responses} answers and {cases} cases, {open_cases} of them open".format(
        **told
    )
    return "\n".join([f"The demo tenant is there: {counts}.", *start.log_ins()])
