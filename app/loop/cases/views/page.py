"""One case: as a page of its own, as the pane beside the inbox, and its story for the poll."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template

from app.kernel import clock
from app.loop.cases import words
from app.loop.cases.queries import get_case_by_number
from app.loop.cases.queries.page import CasePage, case_page, list_events
from app.loop.cases.rules import OUTCOMES, missing_for_closure
from app.loop.cases.service import why_unsent
from app.loop.cases.views import bp
from app.loop.causes.labels import CAUSES, cause_label
from app.loop.causes.rules import TAXONOMY
from app.loop.sla.queries import clock_settings
from app.tenants import queries as tenants
from app.tenants.access import permission
from app.tenants.rules import WORKING_ROLES
from app.web.htmx import conditional, render
from app.web.shell import page_language


@bp.get("/<int:number>")
@permission("cases.read")
def show(number: int) -> Response:
    """The case with its story and everything that can be done."""
    return answer_case(number)


@bp.get("/<int:number>/story")
@permission("cases.read")
def story(number: int) -> Response:
    """The timeline alone, for the poll; 304 when nothing has changed."""
    case = get_case_by_number(number)
    return conditional(render_template("cases/_story.html", case=case, events=list_events(case), **words.page_words()))


def answer_case(number: int, *, status: int = 200, wrong: str = "", faults: Any = (), typed: Any = None) -> Response:
    """The case as it stands now: the pane for htmx, else the page; `wrong` is why the last act was refused."""
    page = case_page(number, page_language())
    context = {"wrong": wrong, "faults": faults, "typed": typed or {}, **_facts(page), **words.page_words()}
    return render("cases/case.html", "cases/_case.html", status_code=status, page=page, case=page.case, **context)


def _facts(page: CasePage) -> dict[str, Any]:
    case, now = page.case, clock.now()
    members = tenants.list_members(roles=WORKING_ROLES)
    return {
        "events": page.events,
        "contact": words.contact_chip(case, now, clock_settings()),
        "resolution": words.resolution_chip(case, now),
        "missing": missing_for_closure("confirmed", page.facts) if case.status != "closed" else [],
        "outcomes": OUTCOMES,
        "people": [(str(user.id), user.name or user.email) for _membership, user in members],
        "causes": [(code, CAUSES[code], _details(code)) for code in TAXONOMY],
        "unsent": why_unsent(case),
    }


def _details(code: str) -> list[tuple[str, str]]:
    return [(f"{code}.{detail}", cause_label(f"{code}.{detail}")) for detail in TAXONOMY[code].details]
