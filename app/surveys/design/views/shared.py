"""What the pages of this room share: rendering, the way on, whose brand a survey carries."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.surveys.design import words
from app.tenants import queries as tenants
from app.tenants.access import member, tenant


def page(template: str, **context: Any) -> str:
    """A page of this room."""
    return render_template(
        f"surveys/{template}",
        may_edit=member().may("surveys.edit"),
        kind_words=words.KIND_WORDS,
        type_words=words.TYPE_WORDS,
        language_name=words.language_name,
        **context,
    )


def go_to(endpoint: str, **values: Any) -> Response:
    """On to another page of this room after something was done."""
    return redirect(url_for(f"surveys.{endpoint}", tenant=tenant().slug, **values), code=303)


def brand_name() -> str:
    """The name under which customers are asked."""
    return tenants.settings().sender_name or tenant().name
