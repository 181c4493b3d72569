"""What the SLA room decides: business calendars, working time, and the clocks that run on it.

`calendars` says when a team works, `working_time` computes due times and time spent, `clocks` makes the two
promises of a case and tells how they stand. Times are aware, results are in UTC, `now` is an argument.
"""

from app.loop.sla.rules.calendars import (
    Calendar,
    Hours,
    calendar_from_json,
    calendar_to_json,
    default_calendar,
)
from app.loop.sla.rules.clocks import (
    SOON_FROM,
    ClockSettings,
    ClockState,
    Level,
    clock_state,
    first_contact_due,
    pause_ends,
    resolution_due,
    resumed_due,
)
from app.loop.sla.rules.working_time import Span, add_business_days, due, elapsed

__all__ = [
    "SOON_FROM",
    "Calendar",
    "ClockSettings",
    "ClockState",
    "Hours",
    "Level",
    "Span",
    "add_business_days",
    "calendar_from_json",
    "calendar_to_json",
    "clock_state",
    "default_calendar",
    "due",
    "elapsed",
    "first_contact_due",
    "pause_ends",
    "resolution_due",
    "resumed_due",
]
