"""From a bad answer to its case, on the whole service: alone, and while an import is worked off. Promised: 5 s."""

from __future__ import annotations

import json
import statistics
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

from bench.measure import Result, timed
from bench.service import running
from tests.kill.load import SURVEY, TOUCHPOINT

ANSWERS = 20
HISTORY = 3_000
"""Imported responses whose work waits while somebody answers."""


def run() -> Iterator[Result]:
    """Answer, and look until the case is there."""
    with running() as bench:
        client = _Client(bench.service.url, bench.api_key)
        yield from _both("from a bad answer to its case", [client.answer() for _answer in range(ANSWERS)])
        for first in range(0, HISTORY, 1000):
            client.import_history(range(first, first + 1000))
        yield from _both("the same during an import", [client.answer() for _answer in range(ANSWERS)])


def _both(name: str, measured: list[tuple[float, float]]) -> Iterator[Result]:
    posts, cases = zip(*measured, strict=True)
    yardstick = statistics.median(posts)
    yield Result(f"{name}, median", statistics.median(cases), "s", "the POST of the answer", yardstick)
    yield Result(f"{name}, slowest of {len(cases)}", max(cases), "s", "the POST of the answer", yardstick)


class _Client:
    def __init__(self, url: str, key: str) -> None:
        self.url, self.key, self.number = url, key, 0

    def answer(self) -> tuple[float, float]:
        """(seconds that the POST took, seconds from its end until the case is there)."""
        self.number += 1
        body = {"id": f"now-{self.number}", "survey": SURVEY, "touchpoint": TOUCHPOINT, "answers": {"nps": 3}}
        with timed() as post:
            made = self._call("POST", "responses", body)
        with timed() as watch:
            while self._call("GET", f"responses/{made['id']}")["case"] is None:
                time.sleep(0.01)
        return post.seconds, watch.seconds

    def import_history(self, numbers: range) -> None:
        """Post old answers, every second of them bad."""
        common = {"survey": SURVEY, "touchpoint": TOUCHPOINT, "answered_at": "2020-01-01T00:00:00Z", "historic": True}
        bodies = [{**common, "id": f"old-{number}", "answers": {"nps": number % 2 * 9}} for number in numbers]
        self._call("POST", "responses/batch", {"responses": bodies})

    def _call(self, method: str, path: str, body: object = None) -> Any:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.loads(answer.read())
