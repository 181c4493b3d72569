"""Looking interactions up, and what a batch of arriving ones is judged by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from app.journeys.models import Touchpoint
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.pagination import DEFAULT_LIMIT, Page, paginate
from app.partners.models import Partner
from app.surveys.outreach.models import Interaction, OutreachDecision


def find_interaction(external_id: str) -> Interaction | None:
    """The interaction with this id of the sender's."""
    return db.session.scalar(select(Interaction).where(Interaction.external_id == external_id))


def get_interaction(external_id: str) -> Interaction:
    """The interaction with this id of the sender's, with its touchpoint, partner, customer and what every rule decided.

    Raises NotFound.
    """
    query = _whole().options(selectinload(Interaction.decisions).joinedload(OutreachDecision.rule))
    found = db.session.scalar(query.where(Interaction.external_id == external_id))
    if found is None:
        raise NotFound("There is no such interaction.")
    return found


def page_of_interactions(
    cursor: str | None,
    limit: int = DEFAULT_LIMIT,
    *,
    touchpoint_id: UUID | None = None,
    partner_id: UUID | None = None,
    customer_id: UUID | None = None,
) -> Page[Interaction]:
    """Some interactions as `get_interaction` gives them, the latest to arrive first. Raises Invalid on a bad cursor."""
    query = _whole().options(selectinload(Interaction.decisions).joinedload(OutreachDecision.rule))
    if touchpoint_id:
        query = query.where(Interaction.touchpoint_id == touchpoint_id)
    if partner_id:
        query = query.where(Interaction.partner_id == partner_id)
    if customer_id:
        query = query.where(Interaction.customer_id == customer_id)
    return paginate(query, (Interaction.id,), cursor, limit)


def known_interactions(external_ids: Iterable[str]) -> dict[str, Interaction]:
    """Those of these ids that have arrived before."""
    query = select(Interaction).where(Interaction.external_id.in_(list(external_ids)))
    return {row.external_id: row for row in db.session.scalars(query)}


def touchpoints_by_key(keys: Iterable[str]) -> dict[str, Touchpoint]:
    """The touchpoints with these keys."""
    return {row.key: row for row in db.session.scalars(select(Touchpoint).where(Touchpoint.key.in_(list(keys))))}


def partners_by_key(keys: Iterable[str]) -> dict[str, Partner]:
    """The partners with these keys."""
    return {row.key: row for row in db.session.scalars(select(Partner).where(Partner.key.in_(list(keys))))}


def latest_interactions(touchpoint_ids: Iterable[UUID], since: datetime, most: int) -> list[Interaction]:
    """The interactions that happened at these touchpoints since then, the latest `most` of them, latest first."""
    query = (
        select(Interaction)
        .options(joinedload(Interaction.customer))
        .where(Interaction.touchpoint_id.in_(list(touchpoint_ids)), Interaction.occurred_at >= since)
        .order_by(Interaction.occurred_at.desc(), Interaction.id.desc())
        .limit(most)
    )
    return list(db.session.scalars(query))


def _whole() -> Select[Interaction]:
    return select(Interaction).options(
        joinedload(Interaction.touchpoint), joinedload(Interaction.partner), joinedload(Interaction.customer)
    )
