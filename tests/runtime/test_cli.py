"""The `heed` command itself: quick help, exit status, one sentence for a refusal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from app import cli
from app.config import ConfigError
from app.insights.figures.commands import figures
from app.kernel.errors import Conflict
from tests.runtime.conftest import ROOT, environment


def heed(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "app.cli", *arguments]
    return subprocess.run(argv, env=environment(home), cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_help_lists_every_command_and_imports_none_of_them(tmp_path: Path) -> None:
    code = """
import sys
from app.cli import main
main(["--help"])
heavy = {"flask", "sqlalchemy", "app.runtime.commands", "app.tenants.commands"} & set(sys.modules)
sys.exit(f"imported {heavy}" if heavy else 0)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(tmp_path), cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    for name in ("up", "web", "worker", "scheduler", "db", "doctor", "tenant", "import"):
        assert f"\n  {name} " in done.stdout
    assert "mailbox" not in done.stdout


def test_a_command_stays_as_it_is_for_whoever_stands_in_an_application() -> None:
    before = figures.commands["rebuild"].callback
    with click.Context(cli.heed) as context:
        looked_up = cli.heed.get_command(context, "figures")
    assert isinstance(looked_up, click.Group) and looked_up.commands["rebuild"].callback is not before
    assert figures.commands["rebuild"].callback is before


@pytest.mark.parametrize("name", ["up", "web", "worker", "scheduler", "db", "doctor"])
def test_every_command_of_this_room_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([name, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: heed {name}")


def test_misuse_has_status_2_and_starts_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for arguments in (["nonsense"], ["up", "--port", "many"], ["tenant", "create"]):
        done = heed(home, *arguments)
        assert done.returncode == 2, done
        assert "Usage: heed" in done.stderr
    assert not home.exists()


@pytest.mark.parametrize("refusal", [Conflict("There is such a tenant already"), ConfigError("PORT: too large")])
def test_a_refusal_is_one_sentence_and_status_1(
    refusal: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command()
    def refuse() -> None:
        raise refusal

    monkeypatch.setattr(cli.LazyGroup, "get_command", lambda _group, _context, _name: refuse)
    assert cli.main(["refuse"]) == 1
    assert capsys.readouterr().err == f"heed: {refusal}\n"


def test_a_command_inside_the_application_gets_its_context(home: Path) -> None:
    code = """
import sys
import click
from flask import current_app
from app import cli
@click.command()
def look():
    print("inside", current_app.name)
look = cli._inside_application(look)
cli.LazyGroup.get_command = lambda *_: look
sys.exit(cli.main(["look"]))
"""
    done = subprocess.run([sys.executable, "-c", code], env=environment(home), cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "inside app" in done.stdout
