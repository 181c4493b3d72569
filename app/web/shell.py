"""The one entry of this room: `init_app` gives an application its headers, error pages, templates and helpers."""

from __future__ import annotations

from flask import Blueprint, Flask
from flask_babel import get_locale
from markupsafe import Markup

from app.metrics.display import can_show_score, is_low_base
from app.web import assets, dates, errors, headers, words


def init_app(app: Flask, base_url: str) -> None:
    """Give `app` the page shell; `base_url` is the public address and decides whether HSTS is sent."""
    app.register_blueprint(Blueprint("web", __name__, template_folder="templates"))
    app.jinja_env.globals.update(
        asset=assets.asset,
        inline_asset=lambda name: Markup(assets.inline_asset(name)),  # noqa: S704 - our own built files
        csp_nonce=headers.csp_nonce,
        page_language=page_language,
    )
    app.jinja_env.filters.update(
        points=words.points,
        share=words.share,
        duration=words.duration,
        css_colour=words.css_colour,
        isolated=words.isolated,
    )
    # In place of Flask-Babel's own, whose short forms are digits alone.
    app.jinja_env.filters.update(dateformat=dates.day, datetimeformat=dates.moment)
    app.jinja_env.tests.update(low_base=is_low_base, too_few=lambda n: not can_show_score(n))
    headers.init_app(app, https=base_url.startswith("https://"))
    errors.init_app(app)


def page_language() -> str:
    """The BCP 47 tag of the language this page is written in, for the `lang` attribute."""
    locale = get_locale()
    return str(locale).replace("_", "-") if locale else "en"
