"""Looking outreach rules up: by key, as a list, and those that listen to a touchpoint."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.journeys.models import Touchpoint
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.inserts import find_by_key
from app.kernel.naming import is_key
from app.kernel.pagination import DEFAULT_LIMIT, Page, paginate
from app.surveys.design.models import Survey, SurveyVersion
from app.surveys.outreach.models import OutreachDecision, OutreachRule, OutreachRuleTouchpoint
from app.surveys.outreach.setup_rules import KINDS


@dataclass(frozen=True)
class Listener:
    """An active rule and the survey version it would ask now; None when there is none. A closed survey asks nobody."""

    rule: OutreachRule
    version_id: UUID | None
    is_closed: bool = False


@dataclass(frozen=True)
class Tally:
    """How many interactions led to an ask, and how many not, by reason, the most frequent first."""

    asked: int
    skipped: dict[str, int]

    @property
    def total(self) -> int:
        """How many interactions there were."""
        return self.asked + sum(self.skipped.values())


def find_rule_by_key(key: str, *, lock: bool = False) -> OutreachRule | None:
    """The rule with this key; `lock` keeps it from changing until the transaction ends."""
    return find_by_key(OutreachRule, key, lock=lock)


def get_rule_by_key(key: str) -> OutreachRule:
    """The rule with this key, with its survey and touchpoints. Raises NotFound."""
    found = db.session.scalar(_whole().where(OutreachRule.key == key)) if is_key(key) else None
    if found is None:
        raise NotFound(f"There is no outreach rule {key}.")
    return found


def list_rules() -> list[OutreachRule]:
    """Every rule with its survey and touchpoints: the active ones first, then by key."""
    return list(db.session.scalars(_whole().order_by(OutreachRule.is_active.desc(), OutreachRule.key)))


def page_of_rules(cursor: str | None, limit: int = DEFAULT_LIMIT) -> Page[OutreachRule]:
    """Some rules with their surveys and touchpoints, by key. Raises Invalid on a bad cursor."""
    return paginate(_whole(), (OutreachRule.key,), cursor, limit, newest_first=False)


def listeners(touchpoint_ids: Iterable[UUID]) -> dict[UUID, list[Listener]]:
    """The active rules that listen to each of these touchpoints, in the order in which they decide: oldest first."""
    newest = and_(SurveyVersion.survey_id == Survey.id, SurveyVersion.number == Survey.last_version)
    query = (
        select(OutreachRuleTouchpoint.touchpoint_id, OutreachRule, SurveyVersion.id, Survey.closed_at)
        .join(OutreachRule, OutreachRule.id == OutreachRuleTouchpoint.rule_id)
        .join(Survey, Survey.id == OutreachRule.survey_id)
        .outerjoin(SurveyVersion, newest)
        .where(OutreachRuleTouchpoint.touchpoint_id.in_(list(touchpoint_ids)), OutreachRule.is_active)
        .order_by(OutreachRule.created_at, OutreachRule.key)
    )
    found: dict[UUID, list[Listener]] = {}
    for touchpoint_id, rule, version_id, closed_at in db.session.execute(query):
        found.setdefault(touchpoint_id, []).append(Listener(rule, version_id, closed_at is not None))
    return found


def askable_surveys(kept: UUID | None = None) -> list[Survey]:
    """The surveys that a rule can ask, by name; `kept` is the one it asks already, which may be closed by now."""
    query = select(Survey).where(Survey.kind.in_(KINDS), or_(Survey.closed_at.is_(None), Survey.id == kept))
    return list(db.session.scalars(query.order_by(Survey.name, Survey.key)))


def all_touchpoints() -> list[Touchpoint]:
    """Every touchpoint, by name."""
    return list(db.session.scalars(select(Touchpoint).order_by(Touchpoint.name, Touchpoint.key)))


def tallies(since: datetime, rule_id: UUID | None = None) -> dict[UUID, Tally]:
    """What each rule (or one) decided about the interactions since then, by the rule's id."""
    query = (
        select(OutreachDecision.rule_id, OutreachDecision.reason, func.count())
        .where(OutreachDecision.decided_at >= since)
        .group_by(OutreachDecision.rule_id, OutreachDecision.reason)
        .order_by(func.count().desc(), OutreachDecision.reason)
    )
    if rule_id:
        query = query.where(OutreachDecision.rule_id == rule_id)
    counts: dict[UUID, dict[str | None, int]] = {}
    for decided_by, reason, count in db.session.execute(query):
        counts.setdefault(decided_by, {})[reason] = count
    return {
        decided_by: Tally(asked=by_reason.pop(None, 0), skipped={str(reason): n for reason, n in by_reason.items()})
        for decided_by, by_reason in counts.items()
    }


def _whole() -> Select[OutreachRule]:
    return select(OutreachRule).options(
        joinedload(OutreachRule.survey),
        selectinload(OutreachRule.touchpoint_links).joinedload(OutreachRuleTouchpoint.touchpoint),
    )
