"""Historic responses in bulk: complete answers of long ago, stored with the same rules in a few statements a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.customers.bulk import find_or_create_all
from app.customers.intake_rules import GivenCustomer, read_customer
from app.kernel import scope
from app.kernel.db import atomic, db
from app.kernel.errors import Conflict, Fault, Invalid
from app.kernel.events import publish_all
from app.kernel.ids import new_id
from app.surveys.answering.events import ResponseSubmitted
from app.surveys.answering.models import Answer, Response
from app.surveys.answering.service import submission_columns
from app.surveys.answering.service.submission import BySender, Submission
from app.surveys.answering.service.targets import columns_of
from app.surveys.design.queries import find_survey_by_key, newest_version
from app.surveys.design.reading import read_version
from app.surveys.outreach import queries as outreach


@dataclass(frozen=True)
class Stored:
    """One response of the batch: its id and whether this batch made it."""

    response_id: UUID
    is_new: bool


def submit_history(survey_key: str, submissions: Sequence[Submission]) -> list[Stored]:
    """Store complete historic responses to one survey, each with an id of its sender's; all or none.

    The same again changes nothing. Raises Invalid for the first bad one, Conflict for an id that is known with other
    answers or for a survey without a version.
    """
    with atomic():
        survey = find_survey_by_key(survey_key)
        version = newest_version(survey) if survey else None
        if survey is None or version is None:
            raise Conflict(f"The survey {survey_key} has no published version.")
        known = _known(submissions)
        fresh = [one for one in submissions if _sender(one).id not in known]
        definition = read_version(version)
        fixed = {"survey_id": survey.id, "survey_kind": survey.kind, "survey_version_id": version.id}
        rows, answers = [], []
        for one, columns in zip(fresh, _columns(fresh), strict=True):
            state, given = submission_columns(definition, one)
            row = {"tenant_id": scope.tenant_id(), "id": new_id(), **fixed, **columns, **state}
            rows.append({**row, "external_id": _sender(one).id, "source": "import", "is_historic": True})
            answers += [_answer(row, key, given[key], definition) for key in given]
        _insert(rows, answers)
        made = {row["external_id"]: Stored(row["id"], True) for row in rows}
        return [made.get(_sender(one).id) or _same(known[_sender(one).id], one) for one in submissions]


def _sender(submission: Submission) -> BySender:
    if not isinstance(submission.way, BySender) or not submission.way.id or not submission.complete:
        raise Invalid("History is complete and has ids of its sender's.", [Fault("/id", "missing")])
    return submission.way


def _known(submissions: Sequence[Submission]) -> dict[str | None, Response]:
    ids = [_sender(one).id for one in submissions]
    query = select(Response).where(Response.external_id.in_(ids))
    return {row.external_id: row for row in db.session.scalars(query)}


def _same(stored: Response, submission: Submission) -> Stored:
    if stored.content_hash != submission.posted_state().content_hash:
        raise Conflict(f"The response {stored.external_id} is known with other answers; nothing was changed.")
    return Stored(stored.id, False)


def _columns(submissions: Sequence[Submission]) -> list[dict[str, Any]]:
    """Who was responsible for each, looked up for the whole batch."""
    senders = [_sender(one) for one in submissions]
    interactions = outreach.known_interactions(sender.interaction for sender in senders if sender.interaction)
    touchpoints = outreach.touchpoints_by_key({sender.touchpoint for sender in senders if sender.touchpoint})
    partners = outreach.partners_by_key({sender.partner for sender in senders if sender.partner})
    customers = _customers(senders)
    found = []
    for sender, customer_id in zip(senders, customers, strict=True):
        interaction = interactions.get(sender.interaction or "")
        touchpoint = touchpoints.get(sender.touchpoint or "")
        partner = partners.get(sender.partner or "")
        if touchpoint is None or (sender.interaction and not interaction) or (sender.partner and not partner):
            raise Invalid(f"The response {sender.id} names something that is not there.")
        partner_id = partner.id if partner else interaction.partner_id if interaction else None
        found.append(columns_of(touchpoint, interaction, partner_id, customer_id))
    return found


def _customers(senders: Sequence[BySender]) -> list[UUID | None]:
    given: list[GivenCustomer] = [read_customer(sender.customer) for sender in senders if sender.customer]
    ids = iter(find_or_create_all(given, "import"))
    return [next(ids) if sender.customer else None for sender in senders]


def _answer(row: dict[str, Any], key: str, answer: Any, definition: Any) -> dict[str, Any]:
    return {
        "tenant_id": row["tenant_id"],
        "id": new_id(),
        "response_id": row["id"],
        "question_key": key,
        "type": definition.find_question(key).type,
        "number": answer.number,
        "text": answer.text,
        "answered_at": row["answered_at"],
    }


def _insert(rows: list[dict[str, Any]], answers: list[dict[str, Any]]) -> None:
    if not rows:
        return
    # A NULL that is written out keeps all rows in one statement, whatever each of them has answered.
    add = insert(Response).on_conflict_do_nothing().returning(Response.id).execution_options(render_nulls=True)
    added = db.session.execute(add, rows)
    if len(added.all()) < len(rows):
        raise Conflict("Somebody else is storing the same responses.")
    if answers:
        db.session.execute(insert(Answer).execution_options(render_nulls=True), answers)
    publish_all([ResponseSubmitted(row["id"]) for row in rows], is_history=True)
