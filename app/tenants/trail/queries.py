"""Look-ups of the audit: what a reader wants to see, its pages, and the seals of its rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, inspect, select, tuple_

from app.kernel import clock
from app.kernel.days import span_of
from app.kernel.db import db
from app.kernel.pagination import DEFAULT_LIMIT, Page, paginate
from app.tenants.action_words import ACTION_WORDS
from app.tenants.models import AuditEvent, Tenant
from app.tenants.trail import rules
from app.tenants.trail.models import AuditSeal, AuditWord
from app.tenants.trail.rules import Head, LetGo

_BEHIND = "\U0010ffff"
"""No word holds it: it stands behind all that begin alike."""


_UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Wanted:
    """Which rows a reader wants; what is empty asks for nothing. Days are those of the reader's `zone`."""

    words: tuple[str, ...] = ()
    """Each begins a word of the row: of who, from where, or what the thing is called."""
    actor: UUID | str | None = None
    """The id of a person or key, or a kind of actor."""
    action: str | None = None
    """An action ("case.closed") or a group of them ("case")."""
    subject_type: str | None = None
    subject_id: str | None = None
    first: date | None = None
    last: date | None = None
    zone: ZoneInfo = _UTC


def page_of_trail(wanted: Wanted, cursor: str | None, limit: int = DEFAULT_LIMIT) -> Page[AuditEvent]:
    """The rows that are wanted, newest first. Raises Invalid on a bad cursor."""
    return paginate(_rows(wanted), (AuditEvent.at, AuditEvent.id), cursor, limit)


def count_before(wanted: Wanted, at: datetime, event_id: UUID) -> int:
    """How many wanted rows are older than one with this time and id."""
    query = _rows(wanted).where(tuple_(AuditEvent.at, AuditEvent.id) < (at, event_id))
    return db.session.scalar(query.with_only_columns(func.count(), maintain_column_froms=True)) or 0


def _rows(wanted: Wanted) -> Select[AuditEvent]:
    query = select(AuditEvent)
    if isinstance(wanted.actor, UUID):
        query = query.where(AuditEvent.actor_id == wanted.actor)
    elif wanted.actor:
        query = query.where(AuditEvent.actor_kind == wanted.actor)
    if wanted.action:
        query = query.where(AuditEvent.action.in_(actions_of(wanted.action)))
    if wanted.subject_type:
        query = query.where(AuditEvent.subject_type == wanted.subject_type)
    if wanted.subject_id:
        query = query.where(AuditEvent.subject_id == wanted.subject_id)
    for word in wanted.words:
        begins = (AuditWord.word >= word) & (AuditWord.word < word + _BEHIND)
        query = query.where(AuditEvent.id.in_(select(AuditWord.event_id).where(begins)))
    return _within(query, wanted)


def _within(query: Select[AuditEvent], wanted: Wanted) -> Select[AuditEvent]:
    if wanted.first:
        query = query.where(AuditEvent.at >= span_of(wanted.first, wanted.first, wanted.zone)[0])
    if wanted.last:
        query = query.where(AuditEvent.at < span_of(wanted.last, wanted.last, wanted.zone)[1])
    return query


def actions_of(wanted: str) -> list[str]:
    """The actions of a group, or the action itself."""
    return [wanted, *(name for name in ACTION_WORDS if name.partition(".")[0] == wanted)]


def seals_of(event_ids: Collection[UUID]) -> Mapping[UUID, AuditSeal]:
    """The seals of these rows, by row; a row that was just written has none yet."""
    found = db.session.scalars(select(AuditSeal).where(AuditSeal.event_id.in_(event_ids)))
    return {seal.event_id: seal for seal in found}


def find_head() -> AuditSeal | None:
    """The last seal."""
    return db.session.scalar(select(AuditSeal).order_by(AuditSeal.seq.desc()).limit(1))


def find_seal(seq: int) -> AuditSeal | None:
    """The seal with this number."""
    return db.session.scalar(select(AuditSeal).where(AuditSeal.seq == seq))


def find_let_go() -> LetGo | None:
    """Up to which seal rows were let go; what says so and has no seal yet gets it now."""
    now = clock.actual()
    of_it = (AuditSeal.tenant_id == AuditEvent.tenant_id) & (AuditSeal.event_id == AuditEvent.id)
    up_to, sealed_at = AuditEvent.after["up_to"].as_integer(), func.coalesce(AuditSeal.sealed_at, now)
    query = select(func.max(up_to), func.max(sealed_at)).outerjoin(AuditSeal, of_it)
    seq, at = db.session.execute(query.where(AuditEvent.action == rules.LETTING_GO)).one()
    return LetGo(seq, min(at, now)) if seq is not None else None


def head_of(seal: AuditSeal | None) -> Head | None:
    """What one keeps elsewhere of the last seal."""
    return Head(seal.seq, seal.chain_hash, seal.sealed_at.isoformat()) if seal else None


_COLUMNS = [column.key for column in inspect(AuditEvent).column_attrs]
_SEALED = ("seq", "event_id", "row_hash", "chain_hash", "sealed_at")


def plain(event: Any) -> dict[str, Any]:
    """All columns of an audit row, as they are hashed."""
    return {name: getattr(event, name) for name in _COLUMNS}


def is_unsealed() -> Any:
    """The condition that an audit row has no seal."""
    of_it = (AuditSeal.tenant_id == AuditEvent.tenant_id) & (AuditSeal.event_id == AuditEvent.id)
    return ~select(AuditSeal.id).where(of_it).exists()


def list_seals(after: int, limit: int) -> Sequence[tuple[dict[str, Any], dict[str, Any] | None]]:
    """The seals behind number `after`, in order, each with the row it seals, or None where that is gone."""
    of_it = (AuditEvent.tenant_id == AuditSeal.tenant_id) & (AuditEvent.id == AuditSeal.event_id)
    columns = [getattr(AuditSeal, name).label(f"seal_{name}") for name in _SEALED]
    query = select(*columns, *(getattr(AuditEvent, name) for name in _COLUMNS)).outerjoin(AuditEvent, of_it)
    rows = db.session.execute(query.where(AuditSeal.seq > after).order_by(AuditSeal.seq).limit(limit))
    return [
        (
            {name: getattr(row, f"seal_{name}") for name in _SEALED},
            {name: getattr(row, name) for name in _COLUMNS} if row.id else None,
        )
        for row in rows
    ]


def list_tenants(slug: str | None) -> list[tuple[UUID, str]]:
    """Id and slug of every tenant that is not closed, or of the one with this slug (*directory*)."""
    query = select(Tenant.id, Tenant.slug).where(Tenant.closed_at.is_(None)).order_by(Tenant.slug)
    return [(row[0], row[1]) for row in db.session.execute(query.where(Tenant.slug == slug) if slug else query)]


def sought(text: str) -> tuple[str, ...]:
    """The words of what somebody typed."""
    return tuple(rules.words_of(text)[: rules.MOST_SOUGHT])
