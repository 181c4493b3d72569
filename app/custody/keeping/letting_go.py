"""What is let go of, class by class: which rows are due, and what is taken from them.

Scores, moments and counts stay where they are, so that no figure moves. Whoever they were about is replaced by one row
that is nobody: figures tell only whether somebody was known.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, case, delete, exists, func, literal, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert

from app.custody.keeping.rules import CLOSED_QUESTIONS, FORGOTTEN, Terms, without_words
from app.customers.models import Customer, Identifier, Suppression
from app.delivery.models import Message
from app.insights.scorecards.models import ScorecardSnapshot
from app.insights.scorecards.rules.document import canonical
from app.kernel import clock, scope
from app.kernel.db import db
from app.loop.cases import models as loop
from app.loop.cases.models import Case
from app.surveys.answering.models import Answer, Response
from app.surveys.outreach.models import Ask, Interaction, Invitation
from app.tenants import audit
from app.tenants.models import AuditEvent
from app.tenants.trail.models import AuditSeal, AuditWord
from app.tenants.trail.rules import LETTING_GO

_HANDED_OVER = ("sent", "uncertain", "failed")
_TOLD = literal("message", Text)
"""The one part of an event's data that somebody has written."""
_STAFF_LABEL = case((loop.CaseEvent.actor_kind == "partner", ""), else_=loop.CaseEvent.actor_label)
"""Who acted, where it was one of ours: a partner's people are not ours to name."""
_QUIET = {"synchronize_session": False}


Taken = Mapping[str, Select[Any]]
"""What counts as gone though it is still there: what steps before take in the same night."""


@dataclass(frozen=True)
class Step:
    """One kind of row: which term it follows, which of them are due, and how some of them are let go."""

    name: str
    term: str
    due: Callable[[datetime, Taken], Select[Any]]
    let_go: Callable[[Sequence[UUID]], None]
    can_change: bool = True
    """Whether its rows may change meanwhile, so that they have to be locked."""


def nobody() -> UUID:
    """The id of the row that stands for everybody who was forgotten; it has the tenant's own."""
    return scope.tenant_id()


def ensure_nobody() -> None:
    """Have that row."""
    row = {
        "tenant_id": scope.tenant_id(),
        "id": nobody(),
        "attributes": {},
        "corrections": {},
        "created_at": clock.now(),
    }
    db.session.execute(insert(Customer).values(row).on_conflict_do_nothing())


def count_due(terms: Terms, now: datetime) -> Mapping[str, int]:
    """How many rows of each kind would go now, one kind after the other."""
    found, taken = dict.fromkeys((step.name for step in STEPS), 0), dict[str, Select[Any]]()
    for step in STEPS:
        if cutoff := terms.cutoff(step.term, now):
            taken[step.name] = step.due(cutoff, taken)
            rows = select(func.count()).select_from(taken[step.name].subquery())
            found[step.name] = db.session.scalar(rows) or 0
    return found


def _stays(row_id: Any, name: str, taken: Taken) -> ColumnElement[bool]:
    found: ColumnElement[bool] = row_id.not_in(select(taken[name].subquery().c.id)) if name in taken else true()
    return found


def _known(model: type[Any]) -> ColumnElement[bool]:
    """Whether it is about somebody who is not nobody, in the words of the index that leaves out what has gone."""
    found: ColumnElement[bool] = model.customer_id != model.tenant_id
    return found


def _whole() -> ColumnElement[bool]:
    """Whether a case has not been let go of; its index says the same."""
    return Case.customer_id.is_distinct_from(Case.tenant_id)


def _nobody_of(model: type[Any]) -> ColumnElement[Any]:
    """Where somebody was known, nobody; where nobody was named, nobody is named."""
    return case((model.customer_id.is_(None), None), else_=nobody())


def _due_cases(cutoff: datetime, _taken: Taken) -> Select[Any]:
    return select(Case.id).where(Case.closed_at < cutoff, _whole())


def _let_go_cases(ids: Sequence[UUID]) -> None:
    """The case, its clocks, causes and outcome stay; words go."""
    blank: Mapping[type[Any], dict[str, Any]] = {
        loop.CaseEvent: {"text": None, "data": loop.CaseEvent.data.op("-")(_TOLD), "actor_label": _STAFF_LABEL},
        loop.CaseContact: {"note": None},
        loop.CaseResolution: {"action_taken": "", "message_to_customer": None},
        loop.CaseClosure: {"note": None, "reopened_because": None},
        loop.CasePause: {"reason": ""},
        loop.PartnerQuestion: {"text": ""},
        loop.PartnerStatement: {"text": "", "author_name": ""},
    }
    for model, values in blank.items():
        _run(update(model).where(model.case_id.in_(ids)).values(**values))
    # Also where nobody was named: by this the case is known to have been let go of.
    _run(update(Case).where(Case.id.in_(ids)).values(customer_id=nobody()))


def _due_responses(cutoff: datetime, taken: Taken) -> Select[Any]:
    """One that opened a case goes with its case."""
    case_knows = exists().where(
        Case.tenant_id == Response.tenant_id, Case.response_id == Response.id, _whole(), _stays(Case.id, "cases", taken)
    )
    return select(Response.id).where(Response.answered_at < cutoff, Response.content_hash != FORGOTTEN, ~case_knows)


def _let_go_responses(ids: Sequence[UUID]) -> None:
    _run(delete(Answer).where(Answer.response_id.in_(ids), Answer.type.not_in(CLOSED_QUESTIONS)))
    gone: dict[str, Any] = {"client_key": None, "comment_redacted": None, "content_hash": FORGOTTEN}
    # The rollups hold the response as it stands: nothing that is counted changes.
    same = {"is_uncounted": Response.is_uncounted}
    _run(update(Response).where(Response.id.in_(ids)).values(customer_id=_nobody_of(Response), **gone, **same))


def _due_scorecards(cutoff: datetime, _taken: Taken) -> Select[Any]:
    has_words = ScorecardSnapshot.content.regexp_match('"text":"[^"]')
    return select(ScorecardSnapshot.id).where(ScorecardSnapshot.period < f"{cutoff:%Y-%m}", has_words)


def _let_go_scorecards(ids: Sequence[UUID]) -> None:
    """The figures of a month that was closed stay to the letter; what customers said in it is let go of."""
    for row in db.session.scalars(select(ScorecardSnapshot).where(ScorecardSnapshot.id.in_(ids)).with_for_update()):
        row.content = canonical(without_words(json.loads(row.content)))
    db.session.flush()


def _due_interactions(cutoff: datetime, taken: Taken) -> Select[Any]:
    of_it = (Response.tenant_id == Interaction.tenant_id) & (Response.interaction_id == Interaction.id)
    is_answered = exists().where(of_it, Response.content_hash != FORGOTTEN, _stays(Response.id, "responses", taken))
    return select(Interaction.id).where(Interaction.occurred_at < cutoff, _known(Interaction), ~is_answered)


def _let_go_interactions(ids: Sequence[UUID]) -> None:
    gone: dict[str, Any] = {"employee_key": None, "employee_name": None, "attributes": {}, "content_hash": FORGOTTEN}
    _run(update(Interaction).where(Interaction.id.in_(ids)).values(customer_id=nobody(), **gone))


def _due_invitations(cutoff: datetime, _taken: Taken) -> Select[Any]:
    return select(Invitation.id).where(
        Invitation.created_at < cutoff, Invitation.status != "scheduled", _known(Invitation)
    )


def _let_go_invitations(ids: Sequence[UUID]) -> None:
    """That somebody was asked stays, as what response rates count; whom, and with which mail, goes."""
    _run(delete(Ask).where(Ask.invitation_id.in_(ids)))
    _run(update(Invitation).where(Invitation.id.in_(ids)).values(customer_id=nobody()))


def _due_messages(cutoff: datetime, _taken: Taken) -> Select[Any]:
    return select(Message.id).where(Message.created_at < cutoff, Message.state.in_(_HANDED_OVER))


def _let_go_messages(ids: Sequence[UUID]) -> None:
    _run(delete(Message).where(Message.id.in_(ids)))


def _due_customers(cutoff: datetime, taken: Taken) -> Select[Any]:
    """Of whom nothing else is known any more."""
    left = [
        exists().where(
            model.tenant_id == Customer.tenant_id, model.customer_id == Customer.id, _stays(row_id, name, taken)
        )
        for model, row_id, name in (
            (Response, Response.id, "responses"),
            (Interaction, Interaction.id, "interactions"),
            (Invitation, Invitation.id, "invitations"),
            (Ask, Ask.invitation_id, "invitations"),
            (Case, Case.id, "cases"),
        )
    ]
    says_something = or_(Customer.name.is_not(None), Customer.attributes != {}, ~_opted_out())
    old = (Customer.created_at < cutoff) & (Customer.id != nobody())
    return select(Customer.id).where(old, says_something, *(~one for one in left))


def _opted_out() -> ColumnElement[bool]:
    return exists().where(
        Suppression.tenant_id == Customer.tenant_id,
        Suppression.customer_id == Customer.id,
        Suppression.lifted_at.is_(None),
    )


def _let_go_customers(ids: Sequence[UUID]) -> None:
    """Who wants no surveys stays known by address alone: forgotten altogether, they would be asked again."""
    found = db.session.execute(select(Customer.id, _opted_out()).where(Customer.id.in_(ids))).all()
    silent = [row[0] for row in found if row[1]]
    gone = [row[0] for row in found if not row[1]]
    empty: dict[str, Any] = {"name": None, "locale": None, "timezone": None, "attributes": {}, "corrections": {}}
    _run(update(Customer).where(Customer.id.in_(silent)).values(**empty))
    _run(delete(Suppression).where(Suppression.customer_id.in_(gone)))
    _run(delete(Identifier).where(Identifier.customer_id.in_(gone)))
    _run(delete(Customer).where(Customer.id.in_(gone)))


def _due_audit(cutoff: datetime, _taken: Taken) -> Select[Any]:
    """What is old and was sealed long ago."""
    of_it = (AuditSeal.tenant_id == AuditEvent.tenant_id) & (AuditSeal.event_id == AuditEvent.id)
    due = select(AuditEvent.id).join(AuditSeal, of_it).where(AuditEvent.at < cutoff, AuditSeal.sealed_at < cutoff)
    return due.order_by(AuditEvent.at)


def _let_go_audit(ids: Sequence[UUID]) -> None:
    """The seals stay, so that the chain is proven as before, and a row that is sealed like any other says up to which
    of them rows are gone."""
    last = db.session.scalar(select(func.max(AuditSeal.seq)).where(AuditSeal.event_id.in_(ids)))
    audit.record(LETTING_GO, "audit", "rows", after={"up_to": last, "rows": len(ids)})
    _run(delete(AuditWord).where(AuditWord.event_id.in_(ids)))
    gone = delete(AuditEvent).where(AuditEvent.id.in_(ids)).returning(AuditEvent.id)
    if len(db.session.scalars(gone.execution_options(**_QUIET)).all()) != len(ids):
        raise RuntimeError("the audit did not let go of its rows")


def _run(statement: Any) -> None:
    db.session.execute(statement.execution_options(**_QUIET))


STEPS = (
    Step("cases", "case", _due_cases, _let_go_cases),
    Step("responses", "response", _due_responses, _let_go_responses),
    Step("scorecards", "response", _due_scorecards, _let_go_scorecards),
    Step("interactions", "response", _due_interactions, _let_go_interactions),
    Step("invitations", "invitation", _due_invitations, _let_go_invitations),
    Step("messages", "invitation", _due_messages, _let_go_messages),
    Step("customers", "response", _due_customers, _let_go_customers),
    Step("audit", "audit", _due_audit, _let_go_audit, can_change=False),
)
"""In this order: a response waits for its case, an interaction for its responses, a customer for all of them."""
