"""A partner's cases as lists: what it is asked, what is open, what is closed. Read in the partner's own scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import joinedload

from app.kernel.db import db
from app.kernel.pagination import DEFAULT_LIMIT, Page, paginate
from app.loop.cases.models import Case, PartnerQuestion
from app.loop.cases.queries.partner import is_open, open_questions
from app.portal.queries import cases_of_mine, my_id
from app.surveys.answering.models import Response

Show = Literal["asked", "open", "closed"]
SHOWS: tuple[Show, ...] = get_args(Show)


@dataclass(frozen=True)
class Row:
    """One case, with the question about it that waits for the partner, if there is one."""

    case: Case
    question: PartnerQuestion | None


@dataclass(frozen=True)
class Counts:
    """How many questions wait for the partner, and how many cases at what it delivers are open."""

    asked: int
    open: int


def page_of_rows(show: Show, cursor: str | None, limit: int = DEFAULT_LIMIT) -> Page[Row]:
    """Some of the partner's cases: what it is asked and what is open by when it is due, closed ones newest first.

    Raises Invalid on a bad cursor.
    """
    if show == "asked":
        asked = paginate(_asked(), [PartnerQuestion.due_at, PartnerQuestion.id], cursor, limit, newest_first=False)
        return Page([Row(question.case, question) for question in asked.rows], asked.next_cursor)
    if show == "closed":
        closed = paginate(cases_of_mine().where(Case.status == "closed"), [Case.number], cursor, limit)
        return Page([Row(case, None) for case in closed.rows], closed.next_cursor)
    found = paginate(_open(), [Case.resolution_due_at, Case.number], cursor, limit, newest_first=False)
    return Page(_with_questions(found.rows), found.next_cursor)


def counts() -> Counts:
    """What stands on the chips."""
    asked = select(func.count()).select_from(PartnerQuestion).where(PartnerQuestion.partner_id == my_id(), is_open())
    is_live = and_(Case.partner_id == my_id(), Case.status != "closed", Case.is_historic.is_(False))
    opened = select(func.count()).select_from(Case).where(is_live)
    return Counts(*db.session.execute(select(asked.scalar_subquery(), opened.scalar_subquery())).one())


def _asked() -> Select[PartnerQuestion]:
    parts = joinedload(PartnerQuestion.case)
    return (
        select(PartnerQuestion)
        .where(PartnerQuestion.partner_id == my_id(), is_open())
        .options(
            parts.joinedload(Case.touchpoint),
            parts.joinedload(Case.response).joinedload(Response.interaction),
            parts.joinedload(Case.calendar_version),
            parts.selectinload(Case.pauses),
        )
    )


def _open() -> Select[Case]:
    return cases_of_mine().where(Case.status != "closed", Case.is_historic.is_(False))


def _with_questions(cases: Sequence[Case]) -> list[Row]:
    waiting = open_questions(case.id for case in cases)
    return [Row(case, waiting.get(case.id)) for case in cases]
