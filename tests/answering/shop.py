"""A foreign site in a real server of its own, whose pages hold widgets under a policy as strict as can be."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask
from werkzeug.wrappers import Request, Response

from app.surveys.answering.models import Widget
from tests.browser import served, serving
from tests.cast import Cast
from tests.factories.widgets import address_of

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">{script}</head>
<body><main><h1>Shop</h1><button id="own">Tell us</button><a href="/next">Next page</a>{body}</main></body></html>"""
_SLOWEST_SECONDS = 30


def _released() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


@dataclass
class Shop:
    """The site, and where Heed is. `pages` are bodies by path; `style` and `script` are the site's own files.

    While `may_send_style` is clear, the pages come without their style: a slow server has not sent it yet.
    """

    heed: str
    origin: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    style: str = ""
    script: str = ""
    may_send_style: threading.Event = field(default_factory=_released)

    def hold(self, cast: Cast, *widgets: Widget, path: str = "/", query: str = "", more: str = "") -> str:
        """Put widgets into a page, each with its one line; returns the page's address."""
        lines = [f'<script src="{self.heed}{address_of(cast, widget)}.js{query}" async></script>' for widget in widgets]
        self.pages[path] = "".join(lines) + more
        return self.origin + path

    @Request.application
    def answer(self, request: Request) -> Response:
        """The WSGI application."""
        path = request.path
        if path == "/style.css":
            self.may_send_style.wait(_SLOWEST_SECONDS)
        # A script of the page would wait for the style, and the page's end with it.
        script = '<script src="/page.js" defer></script>' if self.script else ""
        page = PAGE.format(script=script, body=self.pages.get(path, ""))
        files = {"/style.css": ("text/css", self.style), "/page.js": ("text/javascript", self.script)}
        mimetype, text = files.get(path, ("text/html", page))
        policy = (
            f"default-src 'none'; script-src 'self' {self.heed}; style-src 'self'; connect-src {self.heed}; "
            "img-src data:; require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'"
        )
        return Response(text, mimetype=mimetype, headers={"Content-Security-Policy": policy})


@contextmanager
def open_shop(application: Flask) -> Iterator[Shop]:
    """Heed on one address, the shop on another host name and port."""
    with served(application) as heed:
        shop = Shop(heed)
        with serving(shop.answer) as port:
            shop.origin = f"http://shop.localhost:{port}"
            yield shop
