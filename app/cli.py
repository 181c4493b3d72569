"""The `heed` command: one table of sub-commands, each imported only when it is asked for.

Exit status: 0 done, 1 failed (one sentence says why), 2 misused.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from copy import copy
from functools import wraps
from importlib import import_module
from typing import Any, NamedTuple

import click

from app.config import ConfigError, Settings
from app.kernel.errors import HeedError


class Entry(NamedTuple):
    """One sub-command: where it is, what `heed --help` says, and whether it runs inside the application."""

    target: str
    text: str
    inside: bool = False


COMMANDS = {
    "up": Entry("app.runtime.commands:up", "Start everything: databases, web, workers, scheduler."),
    "web": Entry("app.runtime.commands:web", "Serve the web pages and the API."),
    "worker": Entry("app.runtime.commands:worker", "Run the jobs that events ask for.", inside=True),
    "scheduler": Entry("app.runtime.commands:scheduler", "Be the clock: find what is due.", inside=True),
    "mailbox": Entry("app.runtime.commands:mailbox", ""),
    "db": Entry("app.runtime.commands:db", "Migrate the database."),
    "work": Entry("app.runtime.commands:work", "Look at what jobs have left undone.", inside=True),
    "doctor": Entry("app.runtime.commands:doctor", "Say what is missing or misconfigured, and the remedy."),
    "tenant": Entry("app.custody.commands:tenant", "Make tenants, and take out what is theirs.", inside=True),
    "audit": Entry("app.tenants.trail.commands:audit", "Prove what was done.", inside=True),
    "billing": Entry("app.billing.commands:billing", "Keep what tenants have bought.", inside=True),
    "person": Entry("app.tenants.accounts.commands:person", "Look after people who sign in.", inside=True),
    "figures": Entry("app.insights.figures.commands:figures", "Keep what figures are read from.", inside=True),
    "demo": Entry("app.demo.commands:demo", "Load the demo tenant.", inside=True),
    "import": Entry("app.demo.commands:import_", "Import other systems' data.", inside=True),
}

# What `heed up` runs after the migrations: app.runtime.up.FirstStart callables, as module:attribute.
FIRST_START: tuple[str, ...] = ("app.cli:open_demo",)


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; None for an unknown name."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.target.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return _inside_application(command) if entry.inside else command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.text) for name, entry in COMMANDS.items() if entry.text])


def _inside_application(command: click.Command) -> click.Command:
    """The command (each command of a group) as it runs with an application context and databases that answer.

    The wrapping happens after the arguments are parsed: a misuse and --help start nothing. The command itself stays as
    it is, for whoever stands in an application already.
    """
    made = copy(command)
    if isinstance(made, click.Group):
        made.commands = {name: _inside_application(below) for name, below in made.commands.items()}
        return made
    inner = made.callback
    if inner is None:
        return made

    @wraps(inner)
    def outer(*args: Any, **kwargs: Any) -> Any:
        from app import create_app
        from app.runtime.environment import ensure

        with ensure() as settings, create_app(settings).app_context():
            return inner(*args, **kwargs)

    made.callback = outer
    return made


def open_demo(settings: Settings) -> Sequence[str]:
    """The first start's part for a newcomer, at every start; nothing where the databases are not the embedded ones,
    because the password of the demo tenant is known to everybody."""
    if not settings.embedded:
        return ()
    from app import create_app
    from app.demo.shop import start

    with create_app(settings).app_context():
        return start.open_demo()


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def heed(context: click.Context) -> None:
    """Heed: hear every touchpoint, close every loop."""
    context.obj = {"first_start": FIRST_START}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: click's for misuse, 1 with a sentence for a refusal."""
    try:
        status = heed.main(arguments, prog_name="heed", standalone_mode=False)
    except click.ClickException as misuse:
        misuse.show()
        return misuse.exit_code
    except click.Abort:
        return 1
    except (HeedError, ConfigError) as refusal:
        click.echo(f"heed: {refusal}", err=True)
        return 1
    return status if isinstance(status, int) else 0


if __name__ == "__main__":
    sys.exit(main())
