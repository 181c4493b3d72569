"""A part of a page that a room above adds to the frame: rendered there, drawn here as it is."""

from __future__ import annotations

from typing import Any

from flask import render_template
from markupsafe import Markup


def fragment(template: str, **context: Any) -> Markup:
    """A template of ours as a part of another page."""
    return Markup(render_template(template, **context))  # noqa: S704 - a template of ours, escaped as all are
