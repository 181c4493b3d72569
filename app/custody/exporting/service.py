"""What is done about exports: asked for, built by a worker from one snapshot, taken out, and forgotten after a week.

A builder writes parts under a claim that it renews with each of them. One that dies leaves a claim that runs out: the
next one throws its parts away and begins again, and nobody sees a file before its last part is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, delete, update
from sqlalchemy.exc import IntegrityError

from app.custody.exporting import archive, queries
from app.custody.exporting.events import ExportAsked, ExportMade
from app.custody.exporting.models import Export, ExportPart
from app.custody.exporting.rules import CLAIM, KEPT, MOST_ATTEMPTS, UNDER_WAY
from app.kernel import clock, scope
from app.kernel.db import atomic, db, find_row, get_row
from app.kernel.errors import Conflict, Gone
from app.kernel.events import publish
from app.kernel.ids import new_id
from app.tenants import audit
from app.tenants.events import TenantLetterWanted


class _Superseded(Exception):
    """Somebody else builds it meanwhile, or nobody wants it any more."""


class _BrokenOff(Exception):
    """This process has to stop."""


def ask_for_export(user_id: UUID) -> UUID:
    """Have everything of the tenant of the scope written into a file; returns the export's id.

    Raises Conflict while another one is under way.
    """
    with atomic() as session:
        row = Export(id=new_id(), asked_by=user_id, asked_at=clock.now())
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError as error:
            raise Conflict("An export is under way already.") from error
        audit.record("data.export_asked", "export", row.id, after={"state": "waiting"})
        publish(ExportAsked(row.id))
        return row.id


def cancel_export(export_id: UUID) -> None:
    """Stop building, or throw the file away; twice changes nothing. Raises NotFound."""
    with atomic():
        row = get_row(Export, export_id, lock=True)
        if row.state in (*UNDER_WAY, "ready"):
            audit.record("data.export_cancelled", "export", row.id, before={"state": row.state})
            _end(row, "cancelled")


def record_taking(export_id: UUID) -> Export:
    """Note that somebody fetches the file. Raises NotFound, and Gone when there is none, or none any more."""
    with atomic():
        row = get_row(Export, export_id, lock=True)
        if not row.can_be_had(clock.now()):
            raise Gone()
        audit.record("data.exported", "export", row.id, after={"rows": row.rows, "bytes": row.size})
        return row


def expire_export(export_id: UUID) -> None:
    """Throw a file away whose time is over."""
    with atomic():
        row = find_row(Export, export_id, lock=True)
        if row is not None and row.state == "ready":
            _end(row, "expired")


@dataclass
class _Claim:
    """What one builder has of an export: its number of the next part, and what it has written."""

    export_id: UUID
    id: UUID
    number: int = 0
    size: int = 0


def build_export(export_id: UUID, has_to_stop: Callable[[], bool]) -> None:
    """Build the file of an export that waits, with the rights of whoever asked for it.

    When somebody else is at it, it is looked after them once their claim is over; broken off by `has_to_stop`, it is
    asked for again.
    """
    claim = _claim(export_id)
    if claim is None:
        return
    try:
        with snapshot() as connection:
            rows = archive.write(connection, _sink(claim, has_to_stop), _progress(claim))
        _finish(claim, rows)
    except _Superseded:
        return
    except _BrokenOff:
        _give_back(claim)


def _claim(export_id: UUID) -> _Claim | None:
    with atomic():
        row, now = find_row(Export, export_id, lock=True), clock.actual()
        if row is None or row.state not in UNDER_WAY:
            return None
        if row.claimed_until is not None and row.claimed_until > now:
            publish(ExportAsked(row.id), due_at=row.claimed_until)
            return None
        if not queries.may_have(row.asked_by) or row.attempts >= MOST_ATTEMPTS:
            _end(row, "failed" if row.attempts >= MOST_ATTEMPTS else "cancelled")
            return None
        _forget_parts(row.id)
        row.state, row.attempts, row.rows, row.size = "building", row.attempts + 1, 0, 0
        row.claim, row.claimed_until = new_id(), now + CLAIM
        # Whoever dies from here on is found dead by this one.
        publish(ExportAsked(row.id), due_at=row.claimed_until)
        return _Claim(row.id, row.claim)


@contextmanager
def snapshot() -> Iterator[Connection]:
    """A connection that sees the tenant of the scope as it is at this moment, however long one reads."""
    frozen = db.engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with frozen as connection, connection.begin():
        yield connection


def _sink(claim: _Claim, has_to_stop: Callable[[], bool]) -> archive.Sink:
    def take(part: bytes) -> None:
        if has_to_stop():
            raise _BrokenOff
        with atomic() as session:
            _renew(claim, size=claim.size + len(part))
            session.add(ExportPart(id=new_id(), export_id=claim.export_id, number=claim.number, content=part))
        db.session.expunge_all()  # a part is a megabyte, and nobody looks at it again
        claim.number, claim.size = claim.number + 1, claim.size + len(part)

    return take


def _progress(claim: _Claim) -> archive.Progress:
    def tell(doing: str, rows: int) -> None:
        with atomic():
            _renew(claim, doing=doing, rows=rows)

    return tell


def _renew(claim: _Claim, **values: object) -> None:
    mine = (Export.id == claim.export_id) & (Export.claim == claim.id) & (Export.state == "building")
    renewed = update(Export).where(mine).values(claimed_until=clock.actual() + CLAIM, **values).returning(Export.id)
    if db.session.scalar(renewed.execution_options(synchronize_session=False)) is None:
        raise _Superseded


def _finish(claim: _Claim, rows: int) -> None:
    with atomic():
        row = get_row(Export, claim.export_id, lock=True)
        if row.claim != claim.id:
            raise _Superseded
        if not queries.may_have(row.asked_by):
            _end(row, "cancelled")
            return
        now = clock.now()
        row.state, row.rows, row.size, row.doing = "ready", rows, claim.size, None
        row.claim, row.claimed_until, row.ended_at, row.expires_at = None, None, now, now + KEPT
        publish(ExportMade(row.id), due_at=now + KEPT)
        publish(TenantLetterWanted("export_ready", row.id))


def _give_back(claim: _Claim) -> None:
    with atomic():
        row = get_row(Export, claim.export_id, lock=True)
        if row.claim == claim.id:
            row.state, row.claim, row.claimed_until, row.attempts = "waiting", None, None, row.attempts - 1
            publish(ExportAsked(row.id))


def _end(row: Export, state: str) -> None:
    row.state, row.claim, row.claimed_until, row.doing = state, None, None, None
    row.ended_at = row.ended_at or clock.now()
    _forget_parts(row.id)


def _forget_parts(export_id: UUID) -> None:
    gone = delete(ExportPart).where(ExportPart.export_id == export_id)
    db.session.execute(gone.execution_options(synchronize_session=False))


def export_to(sink: archive.Sink) -> int:
    """Write everything of the tenant of the scope into a file at once, for an operator; returns the rows."""
    with atomic():
        audit.record("data.exported", "tenant", scope.tenant_id(), after={"by": "command"})
    with snapshot() as connection:
        return archive.write(connection, sink)
