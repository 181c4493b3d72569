"""The whole service with one tenant in it, which several benchmarks measure."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.kill.load import Load
from tests.kill.service import Service
from tests.kill.sink import Sink

TENANT = "bench"


@dataclass(frozen=True)
class Bench:
    """What runs, and the key of its tenant."""

    service: Service
    api_key: str


@contextmanager
def running(**env: str) -> Iterator[Bench]:
    """Everything in a folder of its own, with the survey of the kill test published; `env` is added to the settings."""
    with tempfile.TemporaryDirectory(prefix="heed-bench-") as folder, Sink(0, 0) as sink:
        Path(folder).chmod(0o755)  # the database may run as another user
        service = Service(Path(folder) / "home", sink.url)
        service.env |= env
        try:
            service.start()
            arguments = ["tenant", "create", TENANT, "--name", "B", "--admin", "b@example.com"]
            made = json.loads(service.command(*arguments, "--password", "a password for the bench", "--json"))
            Load(service.url, made["api_key"], sink).prepare()
            yield Bench(service, made["api_key"])
        finally:
            service.kill_all()
