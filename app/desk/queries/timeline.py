"""One customer's history over all channels: what happened, whom we asked or did not ask, what was answered, cases.

Each kind is read by itself, newest first, and the newest of all of them make a page: the number of statements does not
depend on how much there is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from app.customers.models import Suppression
from app.kernel.db import db
from app.kernel.pagination import Page, next_cursor, paginate
from app.loop.cases.models import Case
from app.surveys.answering.models import Response
from app.surveys.design.models import SurveyVersion
from app.surveys.outreach.models import Interaction, Invitation, OutreachDecision, OutreachRule

MOST = 50
"""Entries to a page."""


@dataclass(frozen=True)
class Entry:
    """One entry: `kind` says what `row` is; `id` is unique among all kinds."""

    kind: str
    at: datetime
    id: UUID
    row: Any


@dataclass(frozen=True)
class Asked:
    """What one rule decided after an interaction, with the invitation when it asked."""

    decision: OutreachDecision
    invitation: Invitation | None


def page_of_history(customer_id: UUID, cursor: str | None) -> Page[Entry]:
    """Some entries, newest first. Raises Invalid on a bad cursor."""
    entries: list[Entry] = []
    has_more = False
    for kind, query, moment, row_id in _sources(customer_id):
        page = paginate(query, (moment, row_id), cursor, MOST)
        entries += [Entry(kind, getattr(row, moment.key), row.id, row) for row in page.rows]
        has_more = has_more or page.next_cursor is not None
    entries.sort(key=lambda entry: (entry.at, entry.id), reverse=True)
    shown = entries[:MOST]
    has_more = has_more or len(entries) > MOST
    return Page(shown, next_cursor([shown[-1].at, shown[-1].id]) if has_more else None)


def asked_after(entries: Iterable[Entry]) -> dict[UUID, list[Asked]]:
    """What was decided after each interaction among `entries`, by the interaction's id."""
    decisions = [decision for entry in entries if entry.kind == "interaction" for decision in entry.row.decisions]
    ids = [decision.invitation_id for decision in decisions if decision.invitation_id]
    invitations = {row.id: row for row in db.session.scalars(select(Invitation).where(Invitation.id.in_(ids)))}
    found: dict[UUID, list[Asked]] = {}
    for decision in decisions:
        asked = Asked(decision, invitations.get(decision.invitation_id))
        found.setdefault(decision.interaction_id, []).append(asked)
    return found


def _sources(customer_id: UUID) -> Iterable[tuple[str, Select[Any], Any, Any]]:
    """(kind, its rows, the column of their time, the column of their id) for each kind of entry."""
    yield "interaction", _interactions(customer_id), Interaction.occurred_at, Interaction.id
    yield "response", _responses(customer_id), Response.answered_at, Response.id
    yield "follow_up", _follow_ups(customer_id), Invitation.created_at, Invitation.id
    yield "case", _cases(customer_id), Case.opened_at, Case.id
    silence = select(Suppression).where(Suppression.customer_id == customer_id)
    yield "opted_out", silence, Suppression.at, Suppression.id
    yield "opted_in", silence.where(Suppression.lifted_at.is_not(None)), Suppression.lifted_at, Suppression.id


def _interactions(customer_id: UUID) -> Select[Interaction]:
    rule = selectinload(Interaction.decisions).joinedload(OutreachDecision.rule).joinedload(OutreachRule.survey)
    named = joinedload(Interaction.touchpoint), joinedload(Interaction.partner)
    return select(Interaction).where(Interaction.customer_id == customer_id).options(*named, rule)


def _responses(customer_id: UUID) -> Select[Response]:
    return (
        select(Response)
        .where(Response.customer_id == customer_id)
        .options(
            selectinload(Response.answers),
            joinedload(Response.version).joinedload(SurveyVersion.survey),
            joinedload(Response.touchpoint),
            joinedload(Response.partner),
        )
    )


def _follow_ups(customer_id: UUID) -> Select[Invitation]:
    """The invitations that no interaction and no rule made: those after a case."""
    return (
        select(Invitation)
        .where(Invitation.customer_id == customer_id, Invitation.rule_id.is_(None))
        .options(joinedload(Invitation.version).joinedload(SurveyVersion.survey))
    )


def _cases(customer_id: UUID) -> Select[Case]:
    return (
        select(Case)
        .where(Case.customer_id == customer_id)
        .options(joinedload(Case.touchpoint), joinedload(Case.partner), joinedload(Case.owner))
    )
