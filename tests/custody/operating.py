"""Running a command as an operator does."""

from __future__ import annotations

import click
from click.testing import CliRunner, Result


def run_command(command: click.Command, *given: str) -> Result:
    """The command with these arguments; what it raised stands in the result."""
    return CliRunner().invoke(command, given, standalone_mode=False)
