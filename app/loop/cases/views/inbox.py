"""The inbox: three counts and a queue that keeps itself up to date."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, render_template, request, url_for

from app.kernel import clock
from app.loop.cases import words
from app.loop.cases.queries.inbox import SHOWS, Looking, counts, page_of_inbox
from app.loop.cases.views import bp
from app.loop.sla.queries import clock_settings
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
    """The rows and the counts above them, for the poll; 304 when nothing has changed."""
    looking = _looking()
    return conditional(render_template("cases/_news.html", numbers=counts(looking), **_rows(looking)))


def _looking() -> Looking:
    now = clock.now()
    wanted = request.args.get("show", "queue")
    today = now.astimezone(ZoneInfo(tenant().timezone)).date()
    ends = datetime.combine(today + timedelta(days=1), time(), ZoneInfo(tenant().timezone))
    # PostgreSQL cannot even be asked for a NUL.
    search = request.args.get("q", "").replace("\0", " ").strip()[:_LONGEST_SEARCH]
    # Whoever searches without choosing a view looks for a case wherever it stands.
    show = wanted if wanted in SHOWS else "queue"
    return Looking("all" if search and "show" not in request.args else show, member().user_id, now, ends, search)


def _rows(looking: Looking) -> dict[str, Any]:
    page = page_of_inbox(looking, request.args.get("cursor"), _LIMIT)
    promised = clock_settings()
    chips = {case.number: words.next_chip(case, looking.now, promised) for case in page.rows}
    return {"looking": looking, "page": page, "clocks": chips, "here": _here(looking), **words.page_words()}


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
