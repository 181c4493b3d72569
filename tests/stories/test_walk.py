"""The walk of docs/walk.md, run as it stands there against the real service."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kill.service import ROOT, Service, open_home, running

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(open_home(tmp_path_factory, "walk")) as (service, _):
        yield service


def _commands() -> str:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "walk.md").read_text("utf-8"), re.DOTALL)
    return "set -euo pipefail\n" + "\n".join(blocks)


def test_the_walk_works_as_it_is_written(service: Service, tmp_path: Path) -> None:
    script = tmp_path / "walk.sh"
    script.write_text(_commands(), "utf-8")
    env = {**service.env, "HEED": service.url}
    done = subprocess.run(["bash", str(script)], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert '"detractors":1' in done.stdout.replace(" ", "").replace("\n", "")
