"""The real browser of the tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

# Drawing on a graphics card that is not there takes more processor time than the pages themselves; the rest keeps the
# browser from looking for its maker's hosts.
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A browser that is closed at the end; CHROMIUM names another than the one on PATH."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert chromium, "the browser tests need a Chromium: run tools/setup browser"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        yield running
        running.close()
