"""The rollups are kept here: `roll_up` after responses have changed, `rebuild` from nothing.

Both leave the same rows. Whoever writes holds the tenant's row of `rollups`, and first takes the mark off the
responses that are to be counted and only then reads them: one that changes meanwhile is marked again and comes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.insights.figures.models import Rollup, RollupCell, RollupFact
from app.insights.figures.queries import answers
from app.insights.figures.rollup_rules import BASES, GRAINS, CellKey, Count, Fact, difference
from app.kernel import scope
from app.kernel.db import TenantModel, atomic, db
from app.kernel.inserts import insert_if_new
from app.metrics.figures import METRICS
from app.surveys.answering.models import Response

BATCH = 500
"""How many of the responses that wait are rolled up with the one that a job names."""

_CELLS_AT_ONCE = 2_000
_QUIET = {"synchronize_session": False}


def roll_up(response_id: UUID) -> None:
    """Bring the rollups up to date with this response and with others that wait; where there are none, make them all.

    Twice, late, or out of order: the rows are those of the responses as they stand.
    """
    with atomic():
        state = answers.Counted.now()
        if state.is_rolled_up:
            return
        rollup = _lock()
        if rollup.timezone != state.zone:
            _rebuild(rollup, state.zone)
            return
        ids = list({response_id, *answers.uncounted_ids(BATCH)})
        _mark_counted(ids)
        ids = answers.with_siblings(ids)
        _replace(answers.facts_stored(ids), answers.facts_now(ids, state.zone))


def rebuild() -> tuple[int, int]:
    """Make the tenant's rollups anew from its responses; returns how many facts and cells there are now."""
    with atomic():
        return _rebuild(_lock(), answers.Counted.now().zone)


def _lock() -> Rollup:
    """The row that only one writer at a time holds."""
    query = select(Rollup).with_for_update().execution_options(populate_existing=True)
    found = db.session.scalar(query)
    if found is None:
        insert_if_new(Rollup, timezone="")
        found = db.session.scalar(query)
    assert found is not None
    return found


def _mark_counted(ids: Sequence[UUID] | None = None) -> None:
    marked = update(Response).where(Response.is_uncounted).values(is_uncounted=False)
    if ids is not None:
        marked = marked.where(Response.id.in_(ids))
    db.session.execute(marked, execution_options=_QUIET)


def _replace(stored: list[Fact], current: list[Fact]) -> None:
    changed = set(stored) ^ set(current)
    if not changed:
        return
    _add(difference(stored, current))
    gone = {fact.id for fact in changed}
    db.session.execute(delete(RollupFact).where(RollupFact.id.in_(gone)), execution_options=_QUIET)
    if rows := [_row(fact) for fact in current if fact in changed]:
        db.session.execute(insert(RollupFact), rows)


def _row(fact: Fact) -> dict[str, Any]:
    return {"tenant_id": scope.tenant_id(), **fact._asdict()}


def _add(change: Mapping[CellKey, Count]) -> None:
    """Add to the cells, and take out those in which nobody is left."""
    for keys in _batches(change):
        new = insert(RollupCell).values([_cell(key, change[key]) for key in keys])
        sums = {name: getattr(RollupCell, name) + new.excluded[name] for name in ("n", "nameless")}
        db.session.execute(new.on_conflict_do_update(index_elements=["tenant_id", "id"], set_=sums))
        lessened = [key.id for key in keys if change[key].n < 0]
        empty = delete(RollupCell).where(RollupCell.id.in_(lessened), RollupCell.n == 0)
        db.session.execute(empty, execution_options=_QUIET)


def _batches(keys: Iterable[CellKey]) -> Iterator[list[CellKey]]:
    left = iter(keys)
    while batch := list(islice(left, _CELLS_AT_ONCE)):
        yield batch


def _cell(key: CellKey, count: Count) -> dict[str, Any]:
    return {"tenant_id": scope.tenant_id(), "id": key.id, **key._asdict(), "n": count.n, "nameless": count.nameless}


def _rebuild(rollup: Rollup, zone: str) -> tuple[int, int]:
    _mark_counted()
    db.session.execute(delete(RollupCell), execution_options=_QUIET)
    db.session.execute(delete(RollupFact), execution_options=_QUIET)
    facts = answers.contributions(zone).add_columns(Response.tenant_id)
    db.session.execute(insert(RollupFact).from_select([*Fact._fields, "tenant_id"], facts))
    names = ["tenant_id", "id", *CellKey._fields, "n", "nameless"]
    for metric, basis, grain in product(METRICS, BASES, GRAINS):
        db.session.execute(insert(RollupCell).from_select(names, answers.cells_of_all(metric, basis, grain)))
    rollup.timezone = zone
    return _count(RollupFact), _count(RollupCell)


def _count(model: type[TenantModel]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0
