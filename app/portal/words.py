"""How the clock of a case stands, as a partner is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from app.loop.cases.models import Case
from app.loop.cases.rules import PAUSING
from app.loop.sla import queries as sla
from app.loop.sla.rules import clock_state
from app.web.words import duration


@dataclass(frozen=True)
class Due:
    """The words of a clock chip, its state, and the moment it is about (None when it stands still)."""

    words: str
    state: str
    at: str | None = None


def due(case: Case, now: datetime) -> Due:
    """By when the case must be solved, in working time."""
    if case.closed_at is not None:
        return Due(_("closed"), "done")
    if case.resolved_at is not None:
        return Due(_("solved"), "done")
    if case.status in PAUSING:
        return Due(_("the clock stands still"), "quiet")
    calendar = sla.read_version(case.calendar_version)
    state = clock_state(now, case.opened_at, case.resolution_due_at, None, calendar)
    left = duration(int(state.minutes))
    at = case.resolution_due_at.isoformat()
    if state.level == "late":
        return Due(_("late by %(time)s", time=left), "late", at)
    return Due(_("due in %(time)s", time=left), state.level, at)
