"""What can be done about absences: say that somebody is away, that they are back, and mend what a leaver leaves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.kernel import clock, scope
from app.kernel.db import atomic, get_row
from app.kernel.errors import Fault, Forbidden, Invalid
from app.kernel.events import publish
from app.loop.absences import queries, rules
from app.loop.absences.models import Absence
from app.loop.absences.rules import Days
from app.loop.absences.words import FAULT_WORDS
from app.tenants import audit
from app.tenants import queries as tenants
from app.tenants.events import TenantLetterWanted
from app.tenants.models import User
from app.tenants.rules import WORKING_ROLES


def set_absence(wanted: Days, own_role: str) -> Absence:
    """Keep that a member is away, for oneself or for somebody else; the deputy is written to, and so is a person for
    whom another has said it. The same said twice is kept once.

    Raises Forbidden for somebody else's without the right, Invalid for days or people that cannot be.
    """
    with atomic() as session:
        _check_right(wanted.user_id, own_role)
        tenants.lock_settings()  # who says something that overlaps at this moment waits, and is refused
        people, day = _working(), queries.today()
        known = queries.list_ahead(day)
        same = next((row for row in known if row.days() == wanted), None)
        if same is not None:
            return same
        _refuse(_unknown(wanted, people) or rules.faults_of(wanted, day, [row.days() for row in known]))
        acting = scope.actor().id
        assert acting is not None
        days = {"first_on": wanted.first, "last_on": wanted.last}
        by = {"set_by": acting, "set_at": clock.now()}
        absence = Absence(user_id=wanted.user_id, deputy_id=wanted.deputy_id, **days, **by)
        session.add(absence)
        session.flush()
        audit.record("absence.set", "absence", absence.id, after=_told(absence, people))
        if absence.deputy_id != acting:
            publish(TenantLetterWanted("stand_in", absence.id))
        if absence.user_id != acting:
            publish(TenantLetterWanted("set_away", absence.id))
        return absence


def end_absence(absence_id: UUID, own_role: str) -> None:
    """End an absence now, or take back a planned one; one that is over stays as it is.

    Raises NotFound, and Forbidden for somebody else's without the right.
    """
    with atomic():
        absence = get_row(Absence, absence_id, lock=True)
        _check_right(absence.user_id, own_role)
        if absence.ended_at is None and (absence.last_on is None or absence.last_on >= queries.today()):
            _end(absence, _working())


def release_member(user_id: UUID, heir_id: UUID | None) -> None:
    """Somebody works on cases no more: their own absences end, and where they were to stand in, `heir_id` does who gets
    their cases, else nobody, and whoever relied on them is written to. Twice changes nothing.
    """
    with atomic():
        tenants.lock_settings()
        people, known = _working(), queries.list_ahead(queries.today())
        if user_id in people:  # they are back before this was heard
            return
        for absence in known:
            if absence.user_id == user_id:
                _end(absence, people)
        for absence in known:
            if absence.deputy_id == user_id and absence.ended_at is None:
                _replace_deputy(absence, heir_id, people, [row.days() for row in known if row.ended_at is None])


def _check_right(user_id: UUID, own_role: str) -> None:
    if not rules.may_set_for(own_role, is_oneself=user_id == scope.actor().id):
        raise Forbidden()


def _working() -> dict[UUID, User]:
    return {user.id: user for _row, user in tenants.list_members(roles=WORKING_ROLES)}


def _unknown(wanted: Days, people: dict[UUID, User]) -> list[tuple[str, str]]:
    named = (("/user", wanted.user_id), ("/deputy", wanted.deputy_id))
    return [(pointer, "nobody") for pointer, user_id in named if user_id not in people]


def _refuse(faults: list[tuple[str, str]]) -> None:
    if faults:
        told = [Fault(pointer, str(FAULT_WORDS[code])) for pointer, code in faults]
        raise Invalid(" ".join(fault.detail for fault in told), told)


def _end(absence: Absence, people: dict[UUID, User]) -> None:
    absence.ended_at = clock.now()
    audit.record("absence.ended", "absence", absence.id, before=_told(absence, people))


def _replace_deputy(absence: Absence, heir_id: UUID | None, people: dict[UUID, User], known: list[Days]) -> None:
    before, days = _told(absence, people), absence.days()
    # Who is away is so on all of their own days, so that nobody becomes their own deputy.
    is_fit = heir_id in people and not rules.is_away_throughout(heir_id, days, known)
    absence.deputy_id = heir_id if is_fit else None
    audit.record("absence.deputy_changed", "absence", absence.id, before=before, after=_told(absence, people))
    publish(TenantLetterWanted("stand_in" if is_fit else "stand_in_lost", absence.id))


def _told(absence: Absence, people: dict[UUID, User]) -> dict[str, Any]:
    return {
        "person": _email(absence.user_id, people),
        "deputy": _email(absence.deputy_id, people),
        "first": absence.first_on.isoformat(),
        "last": absence.last_on.isoformat() if absence.last_on else None,
    }


def _email(user_id: UUID | None, people: dict[UUID, User]) -> str | None:
    known = people.get(user_id) if user_id else None
    user = known or (tenants.find_user(user_id) if user_id else None)
    return user.email if user else None
