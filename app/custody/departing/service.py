"""A tenant asks to go, is taken back, or goes: `ask_to_depart`, `take_back`, `remove_now`, and the removal itself.

The removal first closes the doors, then takes rows batch by batch, children before parents, counting in each batch's
own transaction; whoever goes on after a crash finds what is left. It ends with a tombstone and a signed proof.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, select
from sqlalchemy.exc import IntegrityError

from app.billing import queries as billing
from app.billing.models import StripeCustomer
from app.custody.departing import queries, rules
from app.custody.departing.events import DepartureDue, PeopleLeft, SubscriptionLeft
from app.custody.departing.models import Departure
from app.kernel import clock, scope, signing
from app.kernel.db import atomic, db
from app.kernel.errors import Conflict, Fault, Invalid, NotFound
from app.kernel.events import publish, publish_all
from app.kernel.ids import new_id
from app.kernel.outbox_model import OutboxRow
from app.kernel.scope import tenant_scope
from app.tenants import audit
from app.tenants import queries as tenants
from app.tenants.accounts.models import UserSession
from app.tenants.events import LetterWanted, TenantLetterWanted
from app.tenants.examples.events import ExampleRemoved
from app.tenants.examples.queries import find_example_of
from app.tenants.models import Membership, Tenant
from app.tenants.trail import queries as trail
from app.tenants.trail.service import seal_audit

_BATCH = 1000
_AT_ONE_GO_SECONDS = 40.0
"""A job that runs longer is begun by another worker as well."""
_ORDINARY: dict[str, Any] = {"timezone": "UTC", "default_locale": "en", "sign_in_rule": "any", "departs_at": None}


class Held(Conflict):
    """A legal hold keeps everything."""


def check_hold() -> None:
    """Raises Held while the tenant of the scope is to be kept."""
    if queries.is_held():
        raise Held("A legal hold is on: nothing is deleted before an administrator has ended it.")


def ask_to_depart(user_id: UUID | None, typed: str) -> Departure:
    """Delete the tenant of the scope after the days of grace; all admins are told.

    Raises Invalid when `typed` is not its short name, Held under a legal hold, Conflict when it goes already.
    """
    with atomic():
        tenant = tenants.get_tenant_locked(scope.tenant_id())
        if typed.strip() != tenant.slug:
            raise Invalid("This is not the short name.", [Fault("/slug", "is another")])
        check_hold()
        departure = _begin(tenant.id, user_id, rules.GRACE)
        tenant.departs_at = departure.ends_at
        audit.record("data.deletion_asked", "tenant", tenant.id, after={"ends_at": departure.ends_at.isoformat()})
        _tell_admins("departure_asked")
        return departure


def take_back() -> bool:
    """Keep the tenant of the scope after all; all admins are told. Twice changes nothing. False when it is too late, or
    it goes at once: whoever wanted that gave nobody days in which to keep it."""
    with atomic():
        departure = queries.find_running(scope.tenant_id(), lock=True)
        if departure is None:
            return True
        if departure.is_at_once or departure.closed_at is not None:
            return False
        _take_back(departure, tenants.get_tenant_locked(scope.tenant_id()))
        _tell_admins("departure_taken_back")
        return True


def _take_back(departure: Departure, tenant: Tenant, **why: object) -> None:
    departure.taken_back_at = clock.now()
    tenant.departs_at = None
    before = {"ends_at": departure.ends_at.isoformat()}
    audit.record("data.deletion_taken_back", "tenant", tenant.id, before=before, after=why or None)


def remove_now(tenant_id: UUID, *, frees_slug: bool = False) -> UUID:
    """Have a tenant deleted without grace: one that is nobody's own, or by whoever runs this installation; returns the
    departure's id. A worker removes it; `delete_tenant` can be called to do it here. Called in any scope; called again,
    it has a removal that is under way go on.

    That the tenant may go so is for the caller to see to. Raises Conflict when somebody else asks at this moment.
    """
    with atomic():
        waiting = queries.find_running(tenant_id, lock=True)
        if waiting is not None and (waiting.is_at_once or waiting.closed_at):
            if waiting.ended_at is None:
                publish(DepartureDue(waiting.id))  # whoever was at it may have given up
            return waiting.id
        if waiting is not None:
            waiting.taken_back_at = clock.now()
            db.session.flush()
        departure = _begin(tenant_id, None, timedelta(), is_at_once=True, frees_slug=frees_slug)
        return departure.id


def _begin(tenant_id: UUID, user_id: UUID | None, grace: timedelta, **more: bool) -> Departure:
    now = clock.now()
    departure = Departure(id=new_id(), tenant_id=tenant_id, asked_by=user_id, asked_at=now, ends_at=now + grace, **more)
    departure.removed = {}
    try:
        with db.session.begin_nested():
            db.session.add(departure)
    except IntegrityError as error:
        raise Conflict("It is about to be deleted already.") from error
    publish(DepartureDue(departure.id), due_at=departure.ends_at)
    return departure


def _tell_admins(kind: str) -> None:
    publish_all([TenantLetterWanted(kind, user.id) for _row, user in tenants.list_members(roles=("admin",))])


def delete_tenant(departure_id: UUID, has_to_stop: Callable[[], bool] = lambda: False) -> bool:
    """Remove a tenant whose grace is over, or go on with that; returns whether it is gone, else it is asked for again.

    Called in a directory scope, outside any transaction. Raises NotFound for an unknown departure.
    """
    with atomic():
        departure = queries.find_departure(departure_id)
        if departure is None:
            raise NotFound()
        is_off = departure.taken_back_at is not None or clock.now() < departure.ends_at
        if is_off or departure.ended_at is not None:
            return departure.ended_at is not None
        tenant_id, is_open = departure.tenant_id, departure.closed_at is None
    end = time.monotonic() + _AT_ONE_GO_SECONDS
    with tenant_scope(tenant_id):
        if is_open and not _close(departure_id):
            return False
        is_gone = _remove_all(departure_id, lambda: has_to_stop() or time.monotonic() >= end) and _conclude(
            departure_id
        )
        if not is_gone:
            _ask_again(departure_id)
        return is_gone


def _ask_again(departure_id: UUID) -> None:
    with atomic():
        departure = queries.find_departure(departure_id)
        assert departure is not None and departure.closed_at is not None
        due_at = max(clock.now(), rules.settled_at(departure.closed_at))
        publish(DepartureDue(departure_id), due_at=due_at)


def _close(departure_id: UUID) -> bool:
    """From this transaction on nobody comes in and nothing goes out; False when somebody was faster in keeping it, or a
    legal hold is on: that calls it off."""
    _seal_all()
    with atomic() as session:
        departure = queries.find_departure(departure_id, lock=True)
        assert departure is not None
        tenant = tenants.get_tenant_locked(departure.tenant_id)
        if departure.taken_back_at is not None or departure.closed_at is not None:
            return departure.closed_at is not None
        # Whoever begins a hold waits for the tenant's row, or is seen here. What is invented is nobody's evidence.
        if queries.is_held() and not tenant.is_sample:
            _take_back(departure, tenant, is_held=True)
            _tell_admins("departure_held")
            return False
        tenant.closed_at = departure.closed_at = clock.now()
        head = trail.head_of(trail.find_head())
        departure.audit_head = asdict(head) if head else None
        members = select(Membership.user_id).where(Membership.tenant_id == tenant.id)
        departure.people = sorted(str(user_id) for user_id in session.scalars(members))
        _leave_stripe(departure, billing.find_customer_id())
        vouched = delete(UserSession).where(UserSession.vouched_tenant_id == tenant.id)
        for query in (delete(OutboxRow), vouched):
            session.execute(query.execution_options(synchronize_session=False))
        if example := find_example_of(tenant.id):
            publish(ExampleRemoved(example.id))
        return True


def _leave_stripe(departure: Departure, customer_id: str | None) -> None:
    """Have what this customer has bought ended, and what somebody buys who was on Stripe's page as the doors closed."""
    if customer_id is not None and departure.stripe_customer_id is None:
        departure.stripe_customer_id = customer_id
        publish(SubscriptionLeft(departure.id))
        publish(SubscriptionLeft(departure.id), due_at=clock.now() + rules.PAGES_LAST)


def _seal_all() -> None:
    with atomic():
        tenant = tenants.find_tenant(scope.tenant_id())
        assert tenant is not None
    seal_audit(tenant.created_at)


def _remove_all(departure_id: UUID, has_to_stop: Callable[[], bool]) -> bool:
    """Take the rows of every table; False when it was broken off."""
    for table in queries.tables_in_order():
        after: UUID | str | None = None
        while True:
            if has_to_stop():
                return False
            after = _remove_batch(departure_id, table, after)
            if after is None:
                break
    return True


def _remove_batch(departure_id: UUID, table: Table, after: UUID | str | None) -> UUID | str | None:
    """Remove some rows behind the id `after`; returns the last one's id, None when there were none."""
    mine = table.c.tenant_id == scope.tenant_id()
    with atomic() as session:
        departure = queries.find_departure(departure_id, lock=True)
        assert departure is not None
        some = select(table.c.id).where(mine) if after is None else select(table.c.id).where(mine, table.c.id > after)
        ids = session.scalars(some.order_by(table.c.id).limit(_BATCH)).all()
        if not ids:
            return None
        gone = session.scalars(delete(table).where(mine, table.c.id.in_(ids)).returning(table.c.id)).all()
        if len(gone) != len(ids):
            raise RuntimeError(f"{table.name} did not let go of its rows")
        if table.name == StripeCustomer.__tablename__:  # also one that became a customer as the doors closed
            _leave_stripe(departure, str(ids[-1]))
        departure.removed = {**departure.removed, table.name: departure.removed.get(table.name, 0) + len(ids)}
        last: UUID | str = ids[-1]
        return last


def _conclude(departure_id: UUID) -> bool:
    """Look that nothing is left, leave the tombstone, and sign the proof; False when something came late, or may."""
    with atomic():
        departure = queries.find_departure(departure_id, lock=True)
        assert departure is not None
        if departure.ended_at is not None:
            return True
        assert departure.closed_at is not None
        # Who had been let in by then may commit what nobody would ever look for again.
        if clock.now() < rules.settled_at(departure.closed_at):
            return False
        left = queries.count_left(departure.tenant_id)
        if any(left.values()):
            return False
        tenant = tenants.get_tenant_locked(departure.tenant_id)
        for name, value in {**_ORDINARY, "name": ""}.items():
            setattr(tenant, name, value)
        if departure.frees_slug:
            tenant.slug = f"gone-{tenant.id.hex}"
        departure.proof = _proof(departure, left, now := clock.now())
        departure.ended_at = now
        if departure.asked_by is not None:
            publish(LetterWanted("tenant_deleted", departure.id))
        publish(PeopleLeft(departure.id), due_at=now + rules.LOG_INS_KEPT)
        return True


def _proof(departure: Departure, left: Any, now: datetime) -> dict[str, Any]:
    assert departure.closed_at is not None
    moments = {
        "asked_at": departure.asked_at,
        "grace_ended_at": departure.ends_at,
        "closed_at": departure.closed_at,
        "ended_at": now,
    }
    told = rules.statement(
        departure.tenant_id, moments, departure.removed, left, departure.audit_head, frees_slug=departure.frees_slug
    )
    signature = signing.sign(rules.PROOF, rules.canonical(told))
    return {**told, "signature": {"ed25519": signature, "public_key": signing.public_key(rules.PROOF)}}


def is_genuine(proof: dict[str, Any]) -> bool:
    """Whether this installation has signed this proof, and nothing in it was changed."""
    told = {name: value for name, value in proof.items() if name != "signature"}
    signature = proof.get("signature")
    if not isinstance(signature, dict):
        return False
    try:
        signed = rules.canonical(told)
    except UnicodeEncodeError:  # half a character: nothing that was ever signed
        return False
    return signing.is_signed(signing.public_key(rules.PROOF), signed, str(signature.get("ed25519", "")))
