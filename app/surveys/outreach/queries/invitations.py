"""Looking invitations up, and the ledger of who was asked when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.journeys.models import Touchpoint
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.surveys.design.models import SurveyVersion
from app.surveys.outreach.models import Ask, Invitation, OutreachDecision


def find_invitation(invitation_id: UUID) -> Invitation | None:
    """The invitation, with all that its mail and its page speak of."""
    touchpoint = joinedload(Invitation.touchpoint)
    query = select(Invitation).options(
        joinedload(Invitation.version).joinedload(SurveyVersion.survey),
        joinedload(Invitation.interaction),
        joinedload(Invitation.rule),
        joinedload(Invitation.customer),
        touchpoint.joinedload(Touchpoint.department),
        touchpoint.joinedload(Touchpoint.partner),
    )
    return db.session.scalar(query.where(Invitation.id == invitation_id))


def get_invitation(invitation_id: UUID | None) -> Invitation:
    """As `find_invitation`, raising NotFound."""
    found = find_invitation(invitation_id) if invitation_id else None
    if found is None:
        raise NotFound("There is no such invitation.")
    return found


def lock_scheduled(customer_id: UUID) -> list[Invitation]:
    """The customer's invitations that have not gone out, held until the transaction ends."""
    query = (
        select(Invitation)
        .where(Invitation.customer_id == customer_id, Invitation.status == "scheduled")
        .order_by(Invitation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(query))


def find_ask(invitation_id: UUID) -> Ask | None:
    """The ledger's entry of this invitation."""
    return db.session.scalar(select(Ask).where(Ask.invitation_id == invitation_id))


def find_decision(invitation: Invitation) -> OutreachDecision | None:
    """The decision that made this invitation; follow-ups have none."""
    if invitation.rule_id is None:
        return None
    query = select(OutreachDecision).where(
        OutreachDecision.interaction_id == invitation.interaction_id, OutreachDecision.rule_id == invitation.rule_id
    )
    return db.session.scalar(query)


def ledgers(customer_ids: Iterable[UUID], since: datetime) -> dict[UUID, list[datetime]]:
    """When each of these customers was asked, or is to be, since then; without what did not reach them."""
    query = select(Ask.customer_id, Ask.at).where(
        Ask.customer_id.in_(list(customer_ids)), Ask.voided_at.is_(None), Ask.at >= since
    )
    return _by_customer(query)


def ledgers_without_rule(
    customer_ids: Iterable[UUID], rule_id: UUID | None, since: datetime
) -> dict[UUID, list[datetime]]:
    """As `ledgers`, leaving out what one rule asked (None leaves nothing out)."""
    query = (
        select(Ask.customer_id, Ask.at)
        .join(Invitation, Invitation.id == Ask.invitation_id)
        .where(
            Ask.customer_id.in_(list(customer_ids)),
            Ask.voided_at.is_(None),
            Ask.at >= since,
        )
    )
    if rule_id:
        query = query.where(Invitation.rule_id.is_distinct_from(rule_id))
    return _by_customer(query)


def _by_customer(query: Select[UUID, datetime]) -> dict[UUID, list[datetime]]:
    found: dict[UUID, list[datetime]] = {}
    for customer_id, at in db.session.execute(query):
        found.setdefault(customer_id, []).append(at)
    return found
