"""The targets agreed with a partner: set one, end one, or replace all that are in force by others.

What has counted in a month that is closed stays in its scorecard, whatever is agreed afterwards. Each verb holds the
partner's row, so that two at once come one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from app.kernel.db import atomic, db
from app.kernel.errors import Conflict, Fault, Invalid, NotFound
from app.partners import queries
from app.partners.models import Partner, PartnerTarget
from app.partners.rules import MOST_TARGETS, Target, check_target, check_targets, current, is_month, month_before
from app.tenants import audit

_ADDED, _CHANGED, _REMOVED = "partner_target.added", "partner_target.changed", "partner_target.removed"


def set_target(key: str, given: Target) -> PartnerTarget:
    """Agree with the partner `key` on a target, in place of the one that its measure has from that month on.

    Raises NotFound for an unknown partner, Invalid for what cannot be a target, Conflict for one too many.
    """
    checked = check_target(given, queries.today())
    with atomic():
        partner = _held(key)
        row = _put(partner, queries.list_targets(partner.id, anew=True), checked)
        _check_number(queries.list_targets(partner.id))
        return row


def end_target(key: str, target_id: UUID, last_month: str) -> None:
    """Let the measure of this target have no target after a month; one that begins later is removed.

    Raises NotFound for an unknown partner or target, Invalid for what is no month.
    """
    if not is_month(last_month):
        raise Invalid("This is not a month.", [Fault("/last_month", "must be a month such as 2026-03")])
    with atomic():
        partner = _held(key)
        rows = queries.list_targets(partner.id, anew=True)
        measure = next((row.measure for row in rows if row.id == target_id), None)
        if measure is None:
            raise NotFound()
        _end(partner, [row for row in rows if row.measure == measure], last_month)


def replace_targets(key: str, given: Sequence[Target]) -> Partner:
    """Let these be the targets of the partner `key`, and end every other one with the month before this one.

    Raises NotFound for an unknown partner, Invalid for what cannot be a target, or two of one measure in one month.
    """
    checked = check_targets(given, queries.today())
    this_month = queries.this_month()
    with atomic():
        partner = _held(key)
        kept = {(target.measure, target.first_month) for target in checked}
        rows = queries.list_targets(partner.id, anew=True)
        _end(partner, [row for row in rows if (row.measure, row.first_month) not in kept], month_before(this_month))
        for target in checked:
            _put(partner, queries.list_targets(partner.id), target)
        _check_number(queries.list_targets(partner.id))
        return partner


def _held(key: str) -> Partner:
    partner = queries.find_partner_by_key(key, lock=True)
    if partner is None:
        raise NotFound(f"There is no partner {key}.")
    return partner


def _check_number(rows: list[PartnerTarget]) -> None:
    if len(current(rows, queries.this_month())) > MOST_TARGETS:
        raise Conflict(f"A partner has at most {MOST_TARGETS} targets.", [Fault("/measure", "one too many")])


def _put(partner: Partner, rows: list[PartnerTarget], given: Target) -> PartnerTarget:
    """Write one target down, between those that its measure has before and after it."""
    same = [row for row in rows if row.measure == given.measure]
    _end(partner, [row for row in same if row.first_month < given.first_month], month_before(given.first_month))
    now = queries.this_month()
    later = [row.first_month for row in same if row.first_month > given.first_month and (row.last_month or now) >= now]
    if given.last_month is None and later:
        given = replace(given, last_month=month_before(min(later)))
    row = next((row for row in same if row.first_month == given.first_month), None)
    before = row.as_target() if row else None
    if row is None:
        row = PartnerTarget(partner_id=partner.id)
        db.session.add(row)
    for field, value in asdict(given).items():
        setattr(row, field, value)
    db.session.flush()
    _record(partner, before, given)
    return row


def _end(partner: Partner, rows: Iterable[PartnerTarget], last_month: str) -> None:
    """Let none of these count after the month."""
    for row in rows:
        before = row.as_target()
        if row.first_month > last_month:
            db.session.delete(row)
            _record(partner, before, None)
        elif row.last_month is None or row.last_month > last_month:
            row.last_month = last_month
            _record(partner, before, row.as_target())
    db.session.flush()


def _record(partner: Partner, before: Target | None, after: Target | None) -> None:
    """The audit row of one target, of what is another about it alone; nothing when nothing is."""
    was, now = _plain(before), _plain(after)
    changed = {name for name in {**was, **now} if was.get(name) != now.get(name)}
    if not changed:
        return
    action = _ADDED if before is None else _REMOVED if after is None else _CHANGED
    about = {"partner": partner.key, "measure": {**was, **now}["measure"]}
    audit.record(
        action,
        "partner",
        partner.id,
        before={name: was[name] for name in was if name in changed} if was else None,
        after={**about, **{name: now[name] for name in now if name in changed}},
    )


def _plain(target: Target | None) -> dict[str, Any]:
    if target is None:
        return {}
    return {**asdict(target), "agreed_on": target.agreed_on.isoformat()}
