"""The application itself, for whoever works on when the context in which it was asked for has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Flask, current_app

if TYPE_CHECKING:
    from werkzeug.local import LocalProxy


def application() -> Flask:
    """The running application. An answer that is made while it is sent opens contexts of its own on it: by then the
    request's are over, and `current_app` stands for nothing."""
    # Flask types the proxy as what it stands for.
    return cast("LocalProxy[Flask]", current_app)._get_current_object()
