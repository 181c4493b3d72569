"""The inbox: three counts and a queue that keep themselves up to date."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, render_template, request, url_for

from app.kernel import clock
from app.loop.cases import words
from app.loop.cases.clock_words import age, next_chip
from app.loop.cases.queries.inbox import SHOWS, Looking, counts, page_of_inbox
from app.loop.cases.views import bp
from app.loop.sla.queries import clock_settings
from app.surveys.design.texts import normalise_text
from app.tenants.access import member, permission, tenant
from app.web.htmx import conditional

_LIMIT = 50
_LONGEST_SEARCH = 100


@bp.get("/")
@permission("cases.read")
def inbox() -> str:
    """The queue of the person who looks."""
    looking = _looking()
    numbers = counts(looking)
    return render_template("cases/inbox.html", numbers=numbers, chips=_chips(looking), **_rows(looking))


@bp.get("/rows")
@permission("cases.read")
def rows() -> Response:
    """The rows alone, for the poll; 304 when nothing has changed."""
    return conditional(render_template("cases/_rows.html", **_rows(_looking())))


@bp.get("/counts")
@permission("cases.read")
def count() -> Response:
    """The counts alone, for the poll; 304 when nothing has changed."""
    looking = _looking()
    return conditional(render_template("cases/_counts.html", looking=looking, numbers=counts(looking)))


def _looking() -> Looking:
    now = clock.now()
    wanted = request.args.get("show", "queue")
    today = now.astimezone(ZoneInfo(tenant().timezone)).date()
    ends = datetime.combine(today + timedelta(days=1), time(), ZoneInfo(tenant().timezone))
    search = _search_words()
    # Whoever searches without choosing a view looks for a case wherever it stands.
    show = wanted if wanted in SHOWS else "queue"
    return Looking("all" if search and "show" not in request.args else show, member().user_id, now, ends, search)


def _search_words() -> str:
    try:
        return normalise_text(request.args.get("q", "")[:_LONGEST_SEARCH]).strip()
    except ValueError:
        return ""  # what cannot be stored can stand in no case


def _rows(looking: Looking) -> dict[str, Any]:
    page = page_of_inbox(looking, request.args.get("cursor"), _LIMIT)
    promised, now = clock_settings(), looking.now
    return {
        "looking": looking,
        "page": page,
        "clocks": {case.number: next_chip(case, now, promised) for case in page.rows},
        "ages": {case.number: age(case, now) for case in page.rows},
        "here": _here(looking),
        **words.page_words(),
    }


def _here(looking: Looking) -> dict[str, str]:
    return {"tenant": tenant().slug, "show": looking.show, **({"q": looking.words} if looking.words else {})}


def _chips(looking: Looking) -> list[dict[str, Any]]:
    return [
        {
            "text": text,
            "url": url_for("cases.inbox", tenant=tenant().slug, show=show),
            "is_active": show == looking.show,
        }
        for show, text in words.SHOW_WORDS.items()
    ]
