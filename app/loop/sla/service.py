"""The tenant's business calendar: made when it is first needed, changed by making a new version of it."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert

from app.kernel import clock, scope
from app.kernel.db import atomic
from app.kernel.ids import new_id
from app.loop.sla import queries
from app.loop.sla.models import BusinessCalendar, CalendarVersion
from app.loop.sla.rules import Calendar, calendar_to_json
from app.tenants import audit


def ensure_calendar() -> CalendarVersion:
    """The version of the tenant's calendar in force: Monday to Friday, 09:00 to 18:00 in the tenant's zone, until
    somebody changes it. Two who need the first one at once get the same.
    """
    found = queries.find_newest_version()
    if found is not None:
        return found
    with atomic() as session:
        calendar = {"key": queries.DEFAULT, "name": "Working hours", **_new_row()}
        session.execute(insert(BusinessCalendar).values(calendar).on_conflict_do_nothing())
        row = queries.find_calendar()
        assert row is not None
        content = calendar_to_json(queries.first_calendar())
        first = {"calendar_id": row.id, "number": 1, "content": content, **_new_row()}
        session.execute(insert(CalendarVersion).values(first).on_conflict_do_nothing())
        made = queries.find_newest_version()
        assert made is not None
        return made


def change_calendar(calendar: Calendar) -> CalendarVersion:
    """Put a calendar in force for the cases that open from now on; the open ones keep the hours they have.

    A calendar equal to the one in force changes nothing.
    """
    with atomic() as session:
        ensure_calendar()
        row = queries.find_calendar(lock=True)
        newest = queries.find_newest_version()
        assert row is not None and newest is not None
        content = calendar_to_json(calendar)
        if newest.content == content:
            return newest
        version = CalendarVersion(calendar_id=row.id, number=newest.number + 1, content=content, created_at=clock.now())
        session.add(version)
        audit.record("calendar.changed", "calendar", row.id, before=newest.content, after=content)
        return version


def _new_row() -> dict[str, object]:
    return {"tenant_id": scope.tenant_id(), "id": new_id(), "created_at": clock.now()}
