"""Who is away: today, and from today on."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from app.kernel import clock
from app.kernel.days import day_in
from app.kernel.db import db
from app.loop.absences.models import Absence
from app.loop.absences.rules import Days, Standing
from app.tenants import queries as tenants
from app.tenants.row_scopes import count_cases_outside


def today(timezone: str | None = None) -> date:
    """Which day it is for the tenant; `timezone` is its zone where the caller knows it."""
    return day_in(clock.now(), ZoneInfo(timezone or tenants.timezone()))


def list_running(day: date) -> list[Absence]:
    """Who is away on this day, with their names and their deputies', in one statement."""
    query = _ahead(day).where(Absence.first_on <= day)
    return list(db.session.scalars(query.options(joinedload(Absence.user), joinedload(Absence.deputy))))


def standing(day: date) -> Standing:
    """Who is away on this day, and who is named to stand in."""
    rows = db.session.execute(_ahead(day).where(Absence.first_on <= day).with_only_columns(*_WHO))
    return {row[0]: row[1] for row in rows}


_WHO = (Absence.user_id, Absence.deputy_id)


def list_ahead(day: date) -> list[Absence]:
    """The absences that run on this day or are planned after it, by day, with all names."""
    people = (joinedload(Absence.user), joinedload(Absence.deputy), joinedload(Absence.setter))
    return list(db.session.scalars(_ahead(day).options(*people).order_by(Absence.first_on, Absence.id)))


def count_unseen(days: Days) -> int:
    """How many open cases of who is away lie outside of what the deputy sees."""
    narrowed = [row.rows for row, user in tenants.list_members() if user.id == days.deputy_id and not row.rows.is_whole]
    return sum(count_cases_outside(days.user_id, rows) for rows in narrowed)


def _ahead(day: date) -> Select[Absence]:
    is_not_over = or_(Absence.last_on.is_(None), Absence.last_on >= day)
    return select(Absence).where(Absence.ended_at.is_(None), is_not_over)
