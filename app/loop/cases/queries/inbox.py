"""The inbox: which cases a person sees, in which order, and the three counts above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload

from app.customers.models import Customer, Identifier
from app.kernel.db import db
from app.kernel.pagination import Page, paginate
from app.loop.cases.models import Case
from app.loop.cases.queries import HIGHEST_NUMBER
from app.loop.cases.rules import OPEN, WAITING
from app.surveys.answering.models import Response
from app.surveys.answering.queries import CountedFilter, counted_in

_OPEN_SHOWS = ("queue", "late", "today", "for_me", "mine", "standing_in", "unassigned", "open", "waiting")
SHOWS = (*_OPEN_SHOWS, "closed", "history", "all")
"""What a person can look at; `queue` is the open cases that they answer for, and those that nobody owns."""

BY_DUE = frozenset(_OPEN_SHOWS)
"""Those that are worked through: overdue first, then soonest due. The others begin with the newest number."""

_MOST_WORDS = 5
_MOST_PEOPLE = 200


@dataclass(frozen=True)
class Looking:
    """Who looks at what: `day_ends_at` is the end of today in the tenant's zone, `words` what is searched for."""

    show: str
    user_id: UUID
    now: datetime
    day_ends_at: datetime
    words: str = ""
    counted: CountedFilter | None = None
    """The answers whose cases: what a row of a figure counts."""
    stands_in_for: Sequence[UUID] = ()
    """Who is away and whose cases this person answers for meanwhile."""


@dataclass(frozen=True)
class Counts:
    """What needs this person: late and due today in their queue, and what waits for nobody but them."""

    late: int
    today: int
    for_me: int


def page_of_inbox(looking: Looking, cursor: str | None, limit: int) -> Page[Case]:
    """Some cases of the inbox, each with what its row shows. Raises Invalid on a bad cursor."""
    query = _with_row_parts(select(Case)).where(_shown(looking))
    if looking.words:
        query = query.join(Case.response).outerjoin(Case.customer).where(_found(looking.words))
    if looking.counted is not None:
        query = query.where(Case.response_id.in_(select(Response.id).where(*counted_in(looking.counted))))
    if looking.show in BY_DUE:
        return paginate(query, [Case.next_due_at, Case.number], cursor, limit, newest_first=False)
    return paginate(query, [Case.number], cursor, limit)


def counts(looking: Looking) -> Counts:
    """The three counts, in one statement."""
    parts = [func.count().filter(_narrowed(show, looking)) for show in ("late", "today", "for_me")]
    row = db.session.execute(select(*parts).select_from(Case).where(_live_open(), _my_queue(looking))).one()
    return Counts(row[0], row[1], row[2])


def _with_row_parts(query: Select[Case]) -> Select[Case]:
    return query.options(
        joinedload(Case.customer),
        joinedload(Case.touchpoint),
        joinedload(Case.partner),
        joinedload(Case.owner),
        joinedload(Case.response),
        joinedload(Case.calendar_version),
        selectinload(Case.pauses),
    )


def _shown(looking: Looking) -> ColumnElement[bool]:
    match looking.show:
        case "closed":
            return and_(Case.is_historic.is_(False), Case.status == "closed")
        case "history":
            return Case.is_historic.is_(True)
        case "all":
            return true()
        case show:
            return and_(_live_open(), _narrowed(show, looking))


def _live_open() -> ColumnElement[bool]:
    # Naming the statuses instead of excluding one lets the index of the queue find them.
    return and_(Case.is_historic.is_(False), Case.status.in_(OPEN))


def _narrowed(show: str, looking: Looking) -> ColumnElement[bool]:
    """What makes an open case part of this view."""
    due = Case.next_due_at
    match show:
        case "late":
            return and_(_my_queue(looking), due < looking.now)
        case "today":
            return and_(_my_queue(looking), due >= looking.now, due < looking.day_ends_at)
        case "for_me":
            return and_(_answered_by(looking), Case.status.not_in(sorted(WAITING)))
        case "mine":
            return Case.owner_id == looking.user_id
        case "standing_in":
            return Case.owner_id.in_(looking.stands_in_for)
        case "unassigned":
            return Case.owner_id.is_(None)
        case "waiting":
            return Case.status.in_(sorted(WAITING))
        case "queue":
            return _my_queue(looking)
        case _:
            return true()


def _my_queue(looking: Looking) -> ColumnElement[bool]:
    return or_(_answered_by(looking), Case.owner_id.is_(None))


def _answered_by(looking: Looking) -> ColumnElement[bool]:
    return Case.owner_id.in_((looking.user_id, *looking.stands_in_for))


def _found(text: str) -> ColumnElement[bool]:
    """Cases by number, by how the customer's e-mail address begins, or by words of the name and the comment.

    The words are looked for in the cases that the rest of the query has found: no index serves them.
    """
    text = text.strip()
    by_email = (
        select(Identifier.customer_id)
        .where(Identifier.type == "email", *_begins(Identifier.value_key, text.lower()))
        .limit(_MOST_PEOPLE)
    )
    ways = [Case.customer_id.in_(by_email), and_(*map(_has_word, text.split()[:_MOST_WORDS]))]
    digits = text.removeprefix("#")
    if digits.isascii() and digits.isdigit() and int(digits) <= HIGHEST_NUMBER:
        ways.append(Case.number == int(digits))
    return or_(*ways)


def _begins(column: InstrumentedAttribute[str], text: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return column >= text, column < text + "\U0010ffff"


def _has_word(word: str) -> ColumnElement[bool]:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    pattern = f"%{escaped}%"
    return or_(Customer.name.ilike(pattern, escape="\\"), Response.comment_redacted.ilike(pattern, escape="\\"))
