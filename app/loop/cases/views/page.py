"""One case: as a page of its own, as the pane beside the inbox, and as the poll of either asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Response

from app.kernel import clock
from app.loop.absences.queries import list_running, today
from app.loop.absences.words import away_words, notes_of
from app.loop.cases import timing, words
from app.loop.cases.partner_rules import MOST_DAYS, USUAL_DAYS, is_late
from app.loop.cases.queries.page import CasePage, case_page
from app.loop.cases.queries.partner import list_exchanges
from app.loop.cases.queries.workers import list_workers
from app.loop.cases.rules import OUTCOMES, missing_for_closure
from app.loop.cases.service import why_unsent
from app.loop.cases.views.blueprints import bp
from app.loop.cases.words import Fault
from app.loop.causes.labels import CAUSES, cause_label
from app.loop.causes.rules import TAXONOMY
from app.loop.sla.queries import calendar_in_force, clock_settings
from app.tenants.access import member, permission, tenant
from app.web.htmx import conditional, render
from app.web.shell import page_language


@bp.get("/<int:number>")
@permission("cases.read")
def show(number: int) -> Response:
    """The case with its story and everything that can be done; 304 for a poll when nothing has changed."""
    return conditional(answer_case(number))


@dataclass(frozen=True)
class Refusal:
    """Why the last act was refused: in which form of the page, in words, with each fault, and what was typed there."""

    form: str
    words: str
    faults: Sequence[Fault] = ()
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> set[str | None]:
        """The ids of the fields that mend it."""
        return {fault.field for fault in self.faults}


def answer_case(number: int, *, status: int = 200, refusal: Refusal | None = None, done: str = "") -> Response:
    """The case as it stands now: the pane for htmx, else the page; `done` says what the last act has done."""
    page = case_page(number, page_language())
    refused = refusal or Refusal("", "")
    context = {"refusal": refused, "typed": refused.typed, "done": done, **_facts(page), **words.page_words()}
    return render("cases/case.html", "cases/_case.html", status_code=status, page=page, case=page.case, **context)


def _facts(page: CasePage) -> dict[str, Any]:
    case, now = page.case, clock.now()
    members = list_workers(case)
    able = {user.id for _membership, user in members}
    away = notes_of(list_running(today(tenant().timezone)), member().user_id, able) if case.closed_at is None else {}
    return {
        "events": page.events,
        "contact": timing.contact_chip(case, now, clock_settings()),
        "resolution": timing.resolution_chip(case, now),
        "waited": timing.waited_words(case, now),
        "customers_time": timing.customers_time(case, now),
        "steps": words.steps_to_solve(page.facts),
        "outcomes": {outcome: _demands(outcome, page) for outcome in OUTCOMES},
        "people": [(str(user.id), user.name or user.email, user.id in away) for _membership, user in members],
        "owner_away": away_words(away[case.owner_id]) if case.owner_id and case.owner_id in away else None,
        "causes": [(code, CAUSES[code], _details(code)) for code in TAXONOMY],
        "unsent": why_unsent(case),
        **(_partners_part(page) if case.partner_id else {}),
    }


def _partners_part(page: CasePage) -> dict[str, Any]:
    """What its partner is asked and has answered; what it added of its own accord stands in the timeline."""
    exchanges, now = list_exchanges(page.case.id), clock.now()
    asked = [(step.question, step.statement) for step in exchanges if step.question]
    waiting = next((question for question, answer in asked if not answer and not question.withdrawn_at), None)
    return {
        "waiting_question": waiting,
        "answer_clock": timing.answer_chip(waiting, now, calendar_in_force()) if waiting else None,
        "answered": [(question, answer, is_late(answer.at, question.due_at)) for question, answer in asked if answer],
        "answer_days": (USUAL_DAYS, MOST_DAYS),
    }


def _demands(outcome: str, page: CasePage) -> list[str]:
    """What it still takes to close the case with this outcome."""
    return [words.missing_words(missing) for missing in missing_for_closure(outcome, page.facts)]


def _details(code: str) -> list[tuple[str, str]]:
    return [(f"{code}.{detail}", cause_label(f"{code}.{detail}")) for detail in TAXONOMY[code].details]
