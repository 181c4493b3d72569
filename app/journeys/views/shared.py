"""What the pages of this room share."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.journeys.words import CHANNEL_WORDS, LAYER_WORDS, channel_words, emotion_words
from app.tenants.access import member, tenant
from app.web.forms import errors_of


def page(template: str, **context: Any) -> str:
    """A page of this room; `form` in the context brings its error summary."""
    form = context.get("form")
    return render_template(
        f"journeys/{template}",
        may_edit=member().may("journeys.edit"),
        layer_words=LAYER_WORDS,
        known_channels=CHANNEL_WORDS,
        channel_words=channel_words,
        emotion_words=emotion_words,
        errors=errors_of(form) if form is not None else [],
        **context,
    )


def go_to(endpoint: str, **values: Any) -> Response:
    """On to another page of this tenant after something was done."""
    return redirect(url_for(endpoint, tenant=tenant().slug, **values), code=303)
