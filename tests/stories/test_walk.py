"""The commands of the documents, run as they stand there: the walk of docs/walk.md, and all others beside it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kill.service import ROOT, Service, open_home, running

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(open_home(tmp_path_factory, "walk")) as (service, _):
        yield service


WALK = ROOT / "docs" / "walk.md"
PAGES = [ROOT / "README.md", *(page for page in (ROOT / "docs").rglob("*.md") if "site" not in page.parts)]


def _blocks(page: Path, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


def _commands() -> str:
    return "set -euo pipefail\n" + "\n".join(_blocks(WALK, "sh"))


def _lines() -> list[str]:
    """Every command of every page but the walk, without its remark."""
    shells = [block for page in PAGES if page != WALK for block in _blocks(page, "sh")]
    # What is typed into a container engine can only be looked at here, but what it runs inside of Heed can be run.
    consoles = [block for page in PAGES for block in _blocks(page, "console")]
    inside = re.findall(r"^\$ docker compose exec web (heed .*)$", "\n".join(consoles), re.MULTILINE)
    lines = [line.partition("  #")[0].strip() for block in shells for line in block.splitlines()]
    return [*filter(None, lines), *(f".venv/bin/{line}" for line in inside)]


def test_the_walk_works_as_it_is_written(service: Service, tmp_path: Path) -> None:
    script = tmp_path / "walk.sh"
    script.write_text(_commands(), "utf-8")
    env = {**service.env, "HEED": service.url}
    done = subprocess.run(["bash", str(script)], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert '"detractors":1' in done.stdout.replace(" ", "").replace("\n", "")


def test_every_other_command_works_as_it_is_written(service: Service) -> None:
    """What takes the whole machine (`make test` would run this very test) is only asked what it would do."""
    lines = _lines()
    assert len(lines) >= 5
    for line in dict.fromkeys(lines):
        command = f"make -n {line.removeprefix('make ')}" if line.startswith("make ") else line
        assert command.startswith(("make -n ", ".venv/bin/heed ")), f"{line} is no command that this test can judge"
        done = subprocess.run(
            ["bash", "-c", command], cwd=ROOT, env=service.env, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, (line, done.stderr[-500:])
