"""The commands for people who have lost their way in: `heed person reset-second-step`."""

from __future__ import annotations

import click

from app.kernel.errors import NotFound
from app.kernel.scope import directory_scope
from app.tenants.accounts import service


@click.group()
def person() -> None:
    """Look after people who sign in."""


@person.command("reset-second-step")
@click.argument("email")
def reset_second_step(email: str) -> None:
    """Take app, passkeys and recovery codes from the person with this EMAIL, who has lost them, and sign them out.

    Make sure first that it is them who asks. Their password is needed as ever; they are told by mail.
    """
    with directory_scope():
        try:
            service.forget_second_step(email)
        except NotFound as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{email} signs in with the password alone until a second step is set up again.")
