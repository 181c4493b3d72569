"""What a customer's browser fetches before a question can be answered, in a real browser with nothing cached.

Promised: the page with its styles is one answer of at most 14 kB compressed (what fits the first round trip of a
connection), complete without its script.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.measure import Result
from bench.service import TENANT, running
from tests.browser import open_browser
from tests.kill.load import SURVEY

PROMISED_BYTES = 14 * 1024
FEWEST_REQUESTS = 1


def run() -> Iterator[Result]:
    """Open the page once with script and once without, each in a browser that knows nothing yet."""
    with running() as bench:
        for name, with_script in (("respond page without script", False), ("respond page with script", True)):
            requests, size = _open(f"{bench.service.url}/s/{TENANT}/{SURVEY}", with_script)
            yield Result(f"{name}, requests", requests, "requests", "the one that it takes", FEWEST_REQUESTS)
            yield Result(f"{name}, on the wire", size, "bytes", "the promised most", PROMISED_BYTES)


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
