"""What a customer's browser fetches before a question can be answered, in a real browser with nothing cached.

Promised: the page with its styles is one answer of at most 14 kB compressed (what fits the first round trip of a
connection), complete without its script.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Result
from tests.browser import open_browser
from tests.kill.load import SURVEY, Load
from tests.kill.service import Service
from tests.kill.sink import Sink

PROMISED_BYTES = 14 * 1024
FEWEST_REQUESTS = 1


def run() -> Iterator[Result]:
    """Open the page once with script and once without, each in a browser that knows nothing yet."""
    with tempfile.TemporaryDirectory(prefix="heed-bench-") as folder, Sink(0, 0) as sink:
        Path(folder).chmod(0o755)  # the database may run as another user
        service = Service(Path(folder) / "home", sink.url)
        try:
            service.start()
            arguments = ["tenant", "create", "bench", "--name", "B", "--admin", "b@example.com"]
            made = json.loads(service.command(*arguments, "--password", "a password for the bench", "--json"))
            Load(service.url, made["api_key"], sink).prepare()
            for name, with_script in (("respond page without script", False), ("respond page with script", True)):
                requests, size = _open(f"{service.url}/s/bench/{SURVEY}", with_script)
                yield Result(f"{name}, requests", requests, "requests", "the one that it takes", FEWEST_REQUESTS)
                yield Result(f"{name}, on the wire", size, "bytes", "the promised most", PROMISED_BYTES)
        finally:
            service.kill_all()


def _open(url: str, with_script: bool) -> tuple[int, int]:
    """(requests, bytes on the wire with heads) of one visit."""
    with open_browser() as browser:
        context = browser.new_context(java_script_enabled=with_script)
        page = context.new_page()
        wire = context.new_cdp_session(page)
        wire.send("Network.enable")
        sizes: list[int] = []
        wire.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
        page.goto(url, wait_until="networkidle")
        assert page.locator("[name=nps]").count() == 11, "this is not the survey"
        return len(sizes), sum(sizes)
