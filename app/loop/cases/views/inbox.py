"""The inbox: three counts and a queue that keeps itself up to date."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _

from app.kernel import clock
from app.kernel.days import day_in, midnight
from app.loop.absences.queries import list_running
from app.loop.absences.words import Notes, notes_of
from app.loop.cases import words
from app.loop.cases.queries.inbox import SHOWS, Looking, counts, page_of_inbox
from app.loop.cases.views.blueprints import bp
from app.loop.sla.queries import clock_settings
from app.surveys.answering.views.counted import NAMES as COUNTED
from app.surveys.answering.views.counted import read_counted, whole_words
from app.tenants.access import member, permission, tenant
from app.web.htmx import conditional

_LIMIT = 50
_LONGEST_SEARCH = 100


@bp.get("/")
@permission("cases.read")
def inbox() -> str:
    """The queue of the person who looks."""
    looking, away = _looking()
    numbers = counts(looking)
    return render_template("cases/inbox.html", numbers=numbers, chips=_chips(looking, away), **_rows(looking, away))


@bp.get("/rows")
@permission("cases.read")
def rows() -> Response:
    """The rows and the counts above them, for the poll; 304 when nothing has changed."""
    looking, away = _looking()
    return conditional(render_template("cases/_news.html", numbers=counts(looking), **_rows(looking, away)))


def _looking() -> tuple[Looking, Notes]:
    """What the reader looks at, and who is away."""
    now = clock.now()
    wanted = request.args.get("show", "queue")
    zone = ZoneInfo(tenant().timezone)
    ends = midnight(day_in(now, zone) + timedelta(days=1), zone)
    # PostgreSQL cannot even be asked for a NUL.
    search = request.args.get("q", "").replace("\0", " ").strip()[:_LONGEST_SEARCH]
    counted = read_counted(request.args, tenant().timezone)
    # Whoever searches without choosing a view, or comes from a figure, looks for a case wherever it stands.
    show = wanted if wanted in SHOWS else "queue"
    show = "all" if (search or counted) and "show" not in request.args else show
    me = member().user_id
    away = notes_of(list_running(day_in(now, zone)), me)
    stands_in_for = [absent for absent, note in away.items() if note.is_for_reader]
    return Looking(show, me, now, ends, search, counted, stands_in_for), away


def _rows(looking: Looking, away: Notes) -> dict[str, Any]:
    page = page_of_inbox(looking, request.args.get("cursor"), _LIMIT)
    promised = clock_settings()
    chips = {case.number: words.next_chip(case, looking.now, promised) for case in page.rows}
    counted = whole_words(looking.counted) if looking.counted else None
    here = _here(looking)
    shown = {"looking": looking, "page": page, "clocks": chips, "here": here, "counted": counted, "away": away}
    return {**shown, **words.page_words()}


def _here(looking: Looking) -> dict[str, str]:
    searched = {"q": looking.words} if looking.words else {}
    return {"tenant": tenant().slug, "show": looking.show, **searched, **_counted(looking)}


def _counted(looking: Looking) -> dict[str, Any]:
    """The parts of the address by which a figure has led here."""
    return {name: request.args[name] for name in (*COUNTED, "band") if looking.counted and request.args.get(name)}


def _chips(looking: Looking, away: Notes) -> list[dict[str, Any]]:
    absent = [away[user_id].name for user_id in looking.stands_in_for]
    named = {"standing_in": _("I stand in for %(name)s", name=absent[0])} if len(absent) == 1 else {}
    return [
        {
            "text": named.get(show, text),
            "url": url_for("cases.inbox", tenant=tenant().slug, show=show, **_counted(looking)),
            "is_active": show == looking.show,
        }
        for show, text in words.SHOW_WORDS.items()
        if show != "standing_in" or absent or looking.show == show
    ]
