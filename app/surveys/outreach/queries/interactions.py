"""Looking interactions up, and what a batch of arriving ones is judged by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from app.customers.models import Customer
from app.journeys.models import Touchpoint
from app.kernel.db import db, find_row
from app.kernel.errors import NotFound
from app.kernel.ids import parse_id
from app.kernel.inserts import find_by_key
from app.kernel.naming import is_key
from app.kernel.pagination import DEFAULT_LIMIT, Page, paginate
from app.partners.models import Partner
from app.surveys.outreach.intake_rules import is_id
from app.surveys.outreach.models import Interaction, OutreachDecision


def find_interaction(external_id: str) -> Interaction | None:
    """The interaction with this id of the sender's."""
    if not is_id(external_id):
        return None
    return db.session.scalar(select(Interaction).where(Interaction.external_id == external_id))


def get_interaction(external_id: str) -> Interaction:
    """The interaction with this id of the sender's, with its touchpoint, partner, customer and what every rule decided.

    Raises NotFound.
    """
    query = _whole().options(selectinload(Interaction.decisions).joinedload(OutreachDecision.rule))
    found = db.session.scalar(query.where(Interaction.external_id == external_id)) if is_id(external_id) else None
    if found is None:
        raise NotFound("There is no such interaction.")
    return found


@dataclass(frozen=True)
class InteractionFilter:
    """Which interactions: at this touchpoint, delivered by this partner (keys), of this customer (id); None is any."""

    touchpoint: str | None = None
    partner: str | None = None
    customer: str | None = None

    def narrow(self, query: Select[Interaction]) -> Select[Interaction] | None:
        """The query with these conditions; None when one of them names nothing that there is."""
        wanted: list[tuple[Any, Any]] = []
        if self.touchpoint is not None:
            wanted.append((Interaction.touchpoint_id, find_by_key(Touchpoint, self.touchpoint)))
        if self.partner is not None:
            wanted.append((Interaction.partner_id, find_by_key(Partner, self.partner)))
        if self.customer is not None:
            wanted.append((Interaction.customer_id, find_row(Customer, parse_id(self.customer))))
        if any(row is None for _column, row in wanted):
            return None
        return query.where(*(column == row.id for column, row in wanted))


def page_of_interactions(
    wanted: InteractionFilter, cursor: str | None, limit: int = DEFAULT_LIMIT
) -> Page[Interaction]:
    """Some interactions as `get_interaction` gives them, the latest to arrive first. Raises Invalid on a bad cursor."""
    query = wanted.narrow(_whole().options(selectinload(Interaction.decisions).joinedload(OutreachDecision.rule)))
    return Page([], None) if query is None else paginate(query, (Interaction.id,), cursor, limit)


def known_interactions(external_ids: Iterable[str]) -> dict[str, Interaction]:
    """Those of these ids that have arrived before."""
    query = select(Interaction).where(Interaction.external_id.in_(list(external_ids)))
    return {row.external_id: row for row in db.session.scalars(query)}


def touchpoints_by_key(keys: Iterable[str]) -> dict[str, Touchpoint]:
    """The touchpoints with these keys."""
    query = select(Touchpoint).where(Touchpoint.key.in_([key for key in keys if is_key(key)]))
    return {row.key: row for row in db.session.scalars(query)}


def partners_by_key(keys: Iterable[str]) -> dict[str, Partner]:
    """The partners with these keys."""
    query = select(Partner).where(Partner.key.in_([key for key in keys if is_key(key)]))
    return {row.key: row for row in db.session.scalars(query)}


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
