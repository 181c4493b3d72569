"""A foreign site in a real server of its own, whose pages hold widgets under a policy as strict as can be."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response
from whitenoise import WhiteNoise

from app.surveys.answering.models import Widget
from app.web.assets import STATIC_ROOT
from tests.cast import Cast
from tests.factories.widgets import address_of

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css"><script src="/page.js" defer></script></head>
<body><main><h1>Shop</h1><button id="own">Tell us</button><a href="/next">Next page</a>{}</main></body></html>"""


@dataclass
class Shop:
    """The site, and where Heed is. `pages` are bodies by path; `style` and `script` are the site's own files."""

    heed: str
    origin: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    style: str = ""
    script: str = ""

    def hold(self, cast: Cast, *widgets: Widget, path: str = "/", query: str = "", more: str = "") -> str:
        """Put widgets into a page, each with its one line; returns the page's address."""
        lines = [f'<script src="{self.heed}{address_of(cast, widget)}.js{query}" async></script>' for widget in widgets]
        self.pages[path] = "".join(lines) + more
        return self.origin + path

    def answer(self, environ: dict[str, object], start_response: object) -> object:
        """The WSGI application."""
        path = Request(environ).path  # type: ignore[arg-type]
        files = {"/style.css": ("text/css", self.style), "/page.js": ("text/javascript", self.script)}
        mimetype, text = files.get(path, ("text/html", PAGE.format(self.pages.get(path, ""))))
        policy = (
            f"default-src 'none'; script-src 'self' {self.heed}; style-src 'self'; connect-src {self.heed}; "
            "img-src data:; require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'"
        )
        response = Response(text, mimetype=mimetype, headers={"Content-Security-Policy": policy})
        return response(environ, start_response)  # type: ignore[arg-type]


@contextmanager
def open_shop(application: Flask) -> Iterator[Shop]:
    """Heed on one address, the shop on another host name and port."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    files = WhiteNoise(application.wsgi_app, root=str(STATIC_ROOT), prefix="/static/")
    heed = make_server("127.0.0.1", 0, files, threaded=True)
    shop = Shop(f"http://127.0.0.1:{heed.port}")
    site = make_server("127.0.0.1", 0, shop.answer, threaded=True)  # type: ignore[arg-type]
    shop.origin = f"http://shop.localhost:{site.port}"
    for server in (heed, site):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield shop
    heed.shutdown()
    site.shutdown()
