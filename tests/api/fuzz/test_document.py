"""The OpenAPI document is exact: schemathesis makes thousands of requests of it, good and bad, and finds nothing.

It has a minute here. `.ci/run` gives it five, `make fuzz` five and another seed each time.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask_openapi3 import OpenAPI

from app.delivery.webhooks import service as webhooks
from app.delivery.webhooks.rules import KINDS
from app.kernel.outbound import client
from tests.browser import served
from tests.cast import Cast
from tests.factories.loop import make_case, make_worked_case

FOLDER = Path(__file__).parent
SECONDS = int(os.environ.get("HEED_FUZZ_SECONDS", "60"))
SEED = os.environ.get("HEED_FUZZ_SEED", "1")


@pytest.fixture
def furnished(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """A tenant that has something at most addresses; no name that is made up is ever looked up."""

    def nowhere(_host: str, _port: int) -> list[str]:
        raise OSError

    monkeypatch.setattr(client, "lookup", nowhere)
    with cast.scope():
        make_case(email="ana@example.com")
        make_worked_case()
        webhooks.put_endpoint("crm", webhooks.EndpointInput("https://example.com/heed", KINDS))
        webhooks.send_test("crm")
    return cast


@pytest.mark.timeout(SECONDS + 240)
def test_thousands_of_requests_find_nothing(application: OpenAPI, furnished: Cast) -> None:
    with served(application) as address:
        options = ["--checks", "all", "--phases", "examples,coverage,fuzzing,stateful", "--max-time", str(SECONDS)]
        options += ["--workers", "1", "--rate-limit", "auto", "--continue-on-failure", "--no-color", "--seed", SEED]
        run = subprocess.run(
            [
                *(str(Path(sys.executable).parent / "schemathesis"), "--config-file", "schemathesis.toml"),
                *("run", f"{address}/api/v1/openapi.json", "-H", f"Authorization: Bearer {furnished.api_key}"),
                *options,
            ],
            cwd=FOLDER,
            env={**os.environ, "SCHEMATHESIS_HOOKS": "checks", "PYTHONPATH": str(FOLDER)},
            capture_output=True,
            text=True,
        )
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2000:]
    made = re.search(r"(\d+) generated", run.stdout)
    assert made is not None and int(made[1]) > 100, run.stdout[-2000:]
