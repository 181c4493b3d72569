"""Look-ups of this room: the tenant's calendar in force, its earlier versions, and what the tenant promises."""

from __future__ import annotations

from sqlalchemy import select

from app.kernel import scope
from app.kernel.db import db
from app.loop.sla.models import BusinessCalendar, CalendarVersion
from app.loop.sla.rules import Calendar, ClockSettings, calendar_from_json, default_calendar
from app.tenants import queries as tenants

DEFAULT = "default"
"""The key of the calendar that every tenant has."""

_SEVERE_MINUTES = 60


def find_calendar(*, lock: bool = False) -> BusinessCalendar | None:
    """The tenant's calendar, or None before it was first needed."""
    query = select(BusinessCalendar).where(BusinessCalendar.key == DEFAULT)
    return db.session.scalar(query.with_for_update() if lock else query)


def find_newest_version() -> CalendarVersion | None:
    """The version of the tenant's calendar that is in force, or None before it was first needed."""
    query = (
        select(CalendarVersion)
        .join(BusinessCalendar, BusinessCalendar.id == CalendarVersion.calendar_id)
        .where(BusinessCalendar.key == DEFAULT)
        .order_by(CalendarVersion.number.desc())
        .limit(1)
    )
    return db.session.scalar(query)


def read_version(version: CalendarVersion) -> Calendar:
    """The calendar that a version holds."""
    return calendar_from_json(version.content)


def calendar_in_force() -> Calendar:
    """The tenant's calendar as it stands; before it was first needed, the one it will begin with."""
    version = find_newest_version()
    return read_version(version) if version else first_calendar()


def first_calendar() -> Calendar:
    """What a tenant begins with: Monday to Friday, 09:00 to 18:00 in the tenant's zone."""
    tenant = tenants.find_tenant(scope.tenant_id())
    assert tenant is not None
    return default_calendar(tenant.timezone)


def clock_settings() -> ClockSettings:
    """What the tenant promises now: first contact in wall minutes, resolution in business days."""
    settings = tenants.settings()
    return ClockSettings(
        first_contact_minutes=settings.first_contact_minutes,
        # A tenant that promises every customer less than an hour keeps that for the gravest cases too.
        severe_first_contact_minutes=min(_SEVERE_MINUTES, settings.first_contact_minutes),
        resolution_days=settings.resolution_days,
    )
