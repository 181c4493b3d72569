"""The documents say what is: links lead somewhere, the generated pages are the code's, the ten-minute path is short."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from app import cli
from app.config import Settings
from app.runtime.environment import variables
from tests.house.source import ROOT

PAGES = sorted([ROOT / "README.md", *(path for path in (ROOT / "docs").rglob("*.md") if "site" not in path.parts)])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8"))
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_the_settings_page_is_generated() -> None:
    made = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "settings_page")], capture_output=True, text=True, check=True
    )
    assert (ROOT / "docs" / "settings.md").read_text("utf-8") == made.stdout, (
        "run tools/settings_page > docs/settings.md"
    )


def test_the_api_page_is_generated(settings: Settings) -> None:
    named = {**os.environ, **variables(settings)}
    made = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "api_page")], capture_output=True, text=True, check=True, env=named
    )
    assert (ROOT / "docs" / "api.md").read_text("utf-8") == made.stdout, "run tools/api_page > docs/api.md"


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    """A page that nobody links, a link that leads nowhere and a heading that is not there are warnings."""
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", str(ROOT / "docs")]
    made = subprocess.run(
        [*command, "-d", str(tmp_path / "cache"), str(tmp_path / "site")], capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    assert "<h1>Heed" in (tmp_path / "site" / "index.html").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_in_the_text_exist(page: Path) -> None:
    """`heed db upgrade` is a command, and so is every other that a sentence names."""
    for words in re.findall(r"`heed ([a-z][a-z ]*)", page.read_text("utf-8")):
        command: click.Command | None = cli.heed
        for word in words.split():
            if not isinstance(command, click.Group):
                break
            command = command.get_command(click.Context(command), word)
            assert command is not None, f"there is no heed {words}"


def test_every_record_is_listed() -> None:
    index = (ROOT / "docs" / "decisions" / "README.md").read_text("utf-8")
    records = [path.name for path in (ROOT / "docs" / "decisions").glob("0*.md")]
    assert [name for name in records if name not in index] == []


def test_the_ten_minute_path_can_be_read_in_ten_minutes() -> None:
    section = (ROOT / "README.md").read_text("utf-8").partition("## Ten minutes")[2].partition("The house has")[0]
    stations = re.findall(r"\]\(([^)]+\.py)\)([^\[]*)", section)
    lengths = {path: _lines_to_read(ROOT / path, re.findall(r"`(\w+)`", words)) for path, words in stations}
    assert len(lengths) >= 12
    assert sum(lengths.values()) <= 600, lengths


def _lines_to_read(path: Path, names: list[str]) -> int:
    """How many lines the functions and classes named take, or the whole file when none is; unknown names fail."""
    source = path.read_text("utf-8")
    if not names:
        return len(source.splitlines())
    found = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return sum((found[name].end_lineno or 0) - found[name].lineno + 1 for name in names)
