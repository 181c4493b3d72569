"""The real browser of the tests: what it opens, what it complains about, and whether everybody can use it."""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from wsgiref.types import WSGIApplication

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server
from whitenoise import WhiteNoise

from app.web.assets import STATIC_ROOT

AXE = (Path(__file__).parents[1] / "node_modules/axe-core/axe.min.js").read_text("utf-8")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Drawing on a graphics card that is not there takes more processor time than the pages themselves; the rest keeps the
# browser from looking for its maker's hosts.
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A browser that is closed at the end; CHROMIUM names another than the one on PATH.

    The headless shell is the same engine without the windows around it, which take a third of the processor time.
    """
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert chromium, "the browser tests need a Chromium: run tools/setup browser"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        yield running
        running.close()


@contextmanager
def serving(application: WSGIApplication) -> Iterator[int]:
    """The local port on which an application answers until the end."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, application, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.port
    server.shutdown()


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address at which a browser finds this application and its files."""
    with serving(WhiteNoise(app.wsgi_app, root=str(STATIC_ROOT), prefix="/static/")) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def watched(context: BrowserContext) -> Iterator[Page]:
    """A page on which, at the end, no script has failed and the policy has blocked nothing."""
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if "Policy" in message.text else None)
    yield page
    assert complaints == []


def assert_open_to_everybody(page: Page) -> None:
    """Axe finds nothing, and nothing has to be scrolled sideways."""
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", _RULES)
    assert [(v["id"], [node["target"] for node in v["nodes"]]) for v in found["violations"]] == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page.url
