"""One case: as a page of its own, as the pane beside the inbox, and what of it the poll keeps up to date."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request

from app.kernel import clock
from app.kernel.ids import parse_id
from app.loop.cases import clock_words, words
from app.loop.cases.queries.page import CasePage, case_page
from app.loop.cases.rules import OUTCOMES, missing_for_closure
from app.loop.cases.service import why_unsent
from app.loop.cases.views import bp
from app.loop.causes.labels import CAUSES, cause_label
from app.loop.causes.rules import TAXONOMY
from app.loop.sla.queries import clock_settings
from app.surveys.outreach.measures import measure_words
from app.tenants import queries as tenants
from app.tenants.access import member, permission
from app.tenants.rules import WORKING_ROLES
from app.web.htmx import conditional, render
from app.web.shell import page_language

DOINGS = ("contact", "note", "owner", "closing")
"""Where `?do=` puts the cursor: what the keys of the inbox lead to."""


@bp.get("/<int:number>")
@permission("cases.read")
def show(number: int) -> Response:
    """The case with its story and everything that can be done."""
    return answer_case(number)


@bp.get("/<int:number>/story")
@permission("cases.read")
def story(number: int) -> Response:
    """How the case stands and what happened, for the poll; 304 when nothing has changed."""
    page = case_page(number, page_language())
    return conditional(render_template("cases/_poll.html", **_standing(page), news=_news(page)))


def answer_case(
    number: int, *, status: int = 200, done: str = "", wrong: str = "", faults: Any = (), typed: Any = None
) -> Response:
    """The case as it stands now: the pane for htmx, else the page. `done` says what the last act did, `wrong` why it
    was refused; `typed` is what its form held."""
    page = case_page(number, page_language())
    doing = request.args.get("do")
    context = {
        **_standing(page),
        **_offered(page),
        "done": done,
        "wrong": wrong,
        "faults": faults,
        "typed": typed or {},
        "doing": doing if doing in DOINGS else None,
        "news": "",
    }
    return render("cases/case.html", "cases/_case.html", status_code=status, **context)


def _standing(page: CasePage) -> dict[str, Any]:
    """How the case stands: what the strip and the timeline show."""
    case, now = page.case, clock.now()
    missing = missing_for_closure("confirmed", page.facts) if case.status != "closed" else []
    return {
        "page": page,
        "case": case,
        "contact": clock_words.contact_chip(case, now, clock_settings()),
        "resolution": clock_words.resolution_chip(case, now),
        "waited": clock_words.waited(case, now),
        "their_time": clock_words.their_time(case, now),
        "missing": missing,
        "next_step": words.next_step(case, missing),
        **words.page_words(),
    }


def _offered(page: CasePage) -> dict[str, Any]:
    """What can be chosen and done, and what the customer went through."""
    members = tenants.list_members(roles=WORKING_ROLES)
    interaction = page.case.response.interaction
    return {
        "outcomes": OUTCOMES,
        "people": [(str(user.id), user.name or user.email) for _membership, user in members],
        "causes": [(code, CAUSES[code], _details(code)) for code in TAXONOMY],
        "unsent": why_unsent(page.case),
        "measures": measure_words(interaction.measures) if interaction else [],
    }


def _news(page: CasePage) -> str:
    """Who has acted on the case since the reader's panels were drawn: what stands in them may be out of date."""
    seen = parse_id(request.args.get("seen", ""))
    ids = [event.id for event in page.events]
    later = page.events[ids.index(seen) + 1 :] if seen in ids else []
    names = dict.fromkeys(words.who(event) for event in later if event.actor_id != member().user_id)
    return ", ".join(names)


def _details(code: str) -> list[tuple[str, str]]:
    return [(f"{code}.{detail}", cause_label(f"{code}.{detail}")) for detail in TAXONOMY[code].details]
