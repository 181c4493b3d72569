"""The commands that run, migrate and examine Heed: thin edges over this room's modules."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

import click

from app.kernel.errors import HeedError
from app.runtime import environment

if TYPE_CHECKING:
    from flask import Flask


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Web port (default: PORT or 8000; 0 takes a free one).")
@click.option("--no-demo", is_flag=True, help="Do not load the demo tenant.")
@click.pass_context
def up(context: click.Context, port: int | None, no_demo: bool) -> None:
    """Start everything: databases, web, workers, scheduler, development mail."""
    from app.runtime.up import Plan, run

    first_start = () if no_demo else (context.obj or {}).get("first_start", ())
    sys.exit(run(Plan(port=port, first_start=first_start)))


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), help="Web port (default: PORT or 8000).")
@click.option("--application", default="wsgi:app", show_default=True, help="The WSGI application.")
def web(host: str, port: int | None, application: str) -> None:
    """Serve the web pages and the API."""
    from app.runtime import logs, server

    with environment.ensure() as settings:
        os.environ.update(environment.variables(settings))
        logs.configure(settings.log_format)
        server.serve(settings, host, settings.port if port is None else port, application)


@click.command()
def worker() -> None:
    """Run the jobs that events ask for."""
    from app.runtime import logs, worker

    app = _application()
    settings = app.extensions["heed_settings"]
    logs.configure(settings.log_format)
    worker.run(app, settings)


@click.command()
def scheduler() -> None:
    """Be the clock: find what is due. Any number may run."""
    from app.kernel import outbox, sweeper
    from app.runtime import logs

    stop = threading.Event()

    def leave(_number: int, _frame: object) -> None:
        stop.set()
        outbox.leave()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    app = _application()
    logs.configure(app.extensions["heed_settings"].log_format)
    # A thread of its own: a signal that finds this one inside stop.wait() could never take the lock of stop.set().
    sweeping = threading.Thread(target=sweeper.run, args=(app, stop), name="sweeper")
    sweeping.start()
    logs.get_logger("scheduler").info("the scheduler is running")
    while sweeping.is_alive():
        sweeping.join(1.0)


def _application() -> Flask:
    from app.kernel.application import application

    return application()


@click.command(hidden=True)
def mailbox() -> None:
    """Keep the mail that Heed sends in development."""
    from app.config import ConfigError
    from app.runtime import mailbox
    from app.runtime.home import Home

    with environment.ensure() as settings:
        if settings.smtp_url is None:
            raise ConfigError("SMTP_URL is not set")
        mailbox.serve(Home(settings.home).mail, settings.smtp_url)


@click.group()
def db() -> None:
    """Migrate the database."""


@db.command()
def upgrade() -> None:
    """Bring the database to the newest revision."""
    from app.kernel import migrate

    with environment.ensure(migrate=False) as settings:
        migrate.upgrade(settings)
    click.echo("The database is at the newest revision.")


@db.command()
@click.option(
    "--superuser-url", envvar="DATABASE_SUPERUSER_URL", required=True, help="PostgreSQL address of a superuser."
)
def provision(superuser_url: str) -> None:
    """Make the database and its roles, with the passwords in DATABASE_URL and DATABASE_OWNER_URL. Repeatable."""
    import psycopg

    from app.runtime import roles

    with environment.ensure(migrate=False) as settings:
        try:
            roles.provision(superuser_url, *roles.wanted(settings.database_url, settings.database_owner_url))
        except psycopg.Error as error:
            raise HeedError(f"The roles cannot be made: {error}") from error
    click.echo("The database and its roles are there.")


@db.command()
def check() -> None:
    """Fail when the models say something that the migrations do not make."""
    from alembic import command
    from alembic.util import CommandError

    from app.kernel import migrate

    with environment.ensure() as settings:
        try:
            command.check(migrate.config(settings.database_owner_url))
        except CommandError as error:
            raise HeedError(f"The migrations do not make what the models say: {error}") from error
    click.echo("The migrations make what the models say.")


@click.group()
def work() -> None:
    """Look at what jobs have left undone."""


@work.command()
def failed() -> int:
    """Name the jobs that have failed, wherever one was given up; then the exit status is 1."""
    from app.kernel import outbox

    troubles = outbox.list_troubles()
    for place, job, error in troubles:
        click.echo(f"{place}: {job}: {error}")
    return int(bool(troubles))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--sql", is_flag=True, help="Print the SQL that makes the database roles, for psql, and do nothing else.")
def doctor(as_json: bool, sql: bool) -> None:
    """Say what is missing or misconfigured, and the remedy."""
    from app.runtime import roles
    from app.runtime.doctor import examine

    if sql:
        click.echo(roles.script(), nl=False)
        return
    findings = examine()
    if as_json:
        click.echo(json.dumps([finding.as_dict() for finding in findings], indent=1, ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(finding.as_text())
    sys.exit(0 if all(finding.ok for finding in findings) else 1)
