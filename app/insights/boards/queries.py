"""The numbers of the boards: the north star, what moved, where causes lie, how promises were kept, who said what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from app.insights.boards import rules
from app.insights.boards.rules import Causes, Move, Window
from app.insights.figures import queries as figures
from app.insights.figures.queries import Lines
from app.insights.figures.rules import FigureQuery, FigureRow, change, period_before, year_until
from app.kernel.db import db
from app.loop.cases.models import Case, CaseEvent, CaseRootCause
from app.loop.cases.rules import OPEN
from app.metrics.change import Change
from app.metrics.share import Share
from app.surveys.answering.models import Response
from app.surveys.answering.queries import is_kept
from app.surveys.design.models import Survey
from app.surveys.outreach.models import Invitation
from app.tenants import queries as tenants

MOST_VOICES = 3


@dataclass(frozen=True)
class NorthStar:
    """The tenant's one figure: over the window, how it changed, and month by month in the year that ends with it."""

    metric: str
    row: FigureRow
    change: Change | None
    year: FigureQuery
    months: Lines


@dataclass(frozen=True)
class Loop:
    """How the loop was kept in the window, of one owner's cases or of all."""

    contact_in_time: Share
    resolved_in_time: Share
    reopened: Share


@dataclass(frozen=True)
class Mine:
    """What one person has to do, and the thanks they got."""

    open: int
    late: int
    closed: int
    thanks: Sequence[CaseEvent]


def window(now: datetime) -> Window:
    """The window that ends with the tenant's today."""
    return rules.window(now, tenants.timezone())


def north_star(seen: Window) -> NorthStar:
    """The figure that the tenant chose, or the first that anybody has answered."""
    counted = figures.Counted.now()
    metric = tenants.settings().north_star or figures.first_answered(counted)
    assert seen.query.last is not None
    year, before = year_until(seen.query.last), period_before(seen.query)
    row = figures.figure(metric, seen.query, counted)[0]
    moved = change(figures.figure(metric, before, counted)[0], row) if before else None
    return NorthStar(metric, row, moved, year, figures.lines(metric, year, "month", counted))


def moves(metric: str, seen: Window) -> tuple[list[Move], int]:
    """(the touchpoints whose figure moved by more than chance since the window before, how many were looked at)."""
    before = period_before(seen.query)
    now, earlier = (
        [(key, name or key, row) for key, name, row in figures.named_rows(metric, query, "touchpoint") if key]
        for query in (seen.query, before or seen.query)
    )
    return rules.moves(now, earlier), len(now)


def causes(seen: Window) -> Causes:
    """The causes that were named for the cases closed in the window."""
    closed = _within(Case.closed_at, seen)
    rows = select(CaseRootCause.code, CaseRootCause.share).join(Case, Case.id == CaseRootCause.case_id).where(closed)
    coded = select(func.count(func.distinct(CaseRootCause.case_id))).join(Case, Case.id == CaseRootCause.case_id)
    return rules.causes(db.session.execute(rows), db.session.scalar(coded.where(closed)) or 0)


def loop(seen: Window, owner_id: UUID | None = None) -> Loop:
    """The promises of which it came out in the window if they were kept, and the closures in it that did not last.

    Cases of imported history count once somebody has worked on them: before, they say nothing of the work here.
    """
    counted = [or_(Case.is_historic.is_(False), Case.first_contact_at.is_not(None))]
    if owner_id is not None:
        counted.append(Case.owner_id == owner_id)
    contact_due = _came_out(Case.first_contact_at, Case.first_contact_due_at, seen)
    resolution_due = _came_out(Case.resolved_at, Case.resolution_due_at, seen)
    closed = and_(Case.closed_at.is_not(None), _within(Case.closed_at, seen))
    parts = [
        func.count().filter(contact_due, Case.first_contact_at <= Case.first_contact_due_at),
        func.count().filter(contact_due),
        func.count().filter(resolution_due, Case.resolved_at <= Case.resolution_due_at),
        func.count().filter(resolution_due),
        func.count().filter(closed, Case.reopened_count > 0),
        func.count().filter(closed),
    ]
    row = db.session.execute(select(*parts).select_from(Case).where(*counted)).one()
    return Loop(Share(row[0], row[1]), Share(row[2], row[3]), Share(row[4], row[5]))


def _came_out(
    done: InstrumentedAttribute[datetime | None],
    due: InstrumentedAttribute[datetime],
    seen: Window,
) -> ColumnElement[bool]:
    """Whether it came out in the window that a promise was kept or not: when it was fulfilled, or else fell due."""
    came_out_at = func.least(func.coalesce(done, due), due)
    return and_(_within(came_out_at, seen), or_(done.is_not(None), due <= seen.now))


def coverage(seen: Window) -> Share:
    """Of the customers asked in the window, those who answered at least one question."""
    sent = and_(Invitation.purpose == "ask", Invitation.sent_at.is_not(None), _within(Invitation.sent_at, seen))
    answered = func.count().filter(Invitation.status.in_(("started", "completed")))
    row = db.session.execute(select(answered, func.count()).select_from(Invitation).where(sent)).one()
    return Share(row[0], row[1])


def voices(metric: str, seen: Window) -> list[Response]:
    """The newest words of a low, of a high and of any other score; never of an anonymous survey."""
    # The picked words of an emotion are no number; their valence is.
    by = "valence" if metric == "emotion" else metric
    value = getattr(Response, by)
    spoken = [
        Response.comment_redacted.is_not(None),
        Response.survey_kind == seen.query.kind,
        is_kept(),
        value.is_not(None),
        _within(Response.answered_at, seen),
        ~exists().where(Survey.id == Response.survey_id, Survey.tenant_id == Response.tenant_id, Survey.is_anonymous),
    ]
    found: list[Response] = []
    for wanted in (value <= rules.LOW[by], value >= rules.HIGH[by], value > rules.LOW[by]):
        more = select(Response).where(*spoken, wanted, Response.id.not_in([row.id for row in found]))
        more = more.options(joinedload(Response.touchpoint), joinedload(Response.partner))
        found += db.session.scalars(more.order_by(Response.answered_at.desc(), Response.id.desc()).limit(1))
    return found[:MOST_VOICES]


def mine(user_id: UUID, seen: Window) -> Mine:
    """One person's open and late cases, what they closed in the window, and the newest thanks of their customers."""
    live = and_(Case.is_historic.is_(False), Case.status.in_(OPEN))
    parts = [
        func.count().filter(live),
        func.count().filter(live, Case.next_due_at < seen.now),
        func.count().filter(Case.closed_at.is_not(None), _within(Case.closed_at, seen)),
    ]
    row = db.session.execute(select(*parts).select_from(Case).where(Case.owner_id == user_id)).one()
    thanks = (
        select(CaseEvent)
        .join(Case, Case.id == CaseEvent.case_id)
        .where(Case.owner_id == user_id, CaseEvent.kind == "thanked", _within(CaseEvent.at, seen))
        .order_by(CaseEvent.at.desc(), CaseEvent.id.desc())
        .limit(MOST_VOICES)
    )
    return Mine(row[0], row[1], row[2], list(db.session.scalars(thanks)))


def _within(moment: Any, seen: Window) -> ColumnElement[bool]:
    return and_(moment >= seen.first, moment < seen.after)
