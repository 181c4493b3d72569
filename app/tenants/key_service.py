"""What can be done with API keys: make one, give it another text, end it, and note when it was used."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from app.kernel import clock, scope
from app.kernel.db import atomic, get_row
from app.kernel.errors import Conflict, Fault, Forbidden, Invalid
from app.kernel.ids import new_id
from app.kernel.naming import checked_name
from app.tenants import api_keys, audit, queries
from app.tenants.models import ApiKey
from app.tenants.rules import KEY_OVERLAP, MOST_KEY_DAYS, SCOPES, is_key_running, may_give

_NOTED_EVERY = timedelta(minutes=1)


def create_api_key(name: str, scopes: tuple[str, ...], days: int | None = None) -> str:
    """Make a key in the tenant of the scope; returns the key's text, which is shown this once. It ends after `days`.

    Raises Invalid for an unknown scope, a name that nobody could read or days out of range, Forbidden for a scope that
    its maker lacks.
    """
    name = checked_name(name)
    if len(name) > 100:
        raise Invalid("Name the key in at most 100 characters.", [Fault("/name", "1 to 100 characters")])
    if not scopes or not set(scopes) <= set(SCOPES):
        raise Invalid("Choose scopes from the list.", [Fault("/scopes", f"some of {', '.join(SCOPES)}")])
    if days is not None and not 1 <= days <= MOST_KEY_DAYS:
        raise Invalid("A key lasts for a whole number of days.", [Fault("/days", f"1 to {MOST_KEY_DAYS}")])
    with atomic():
        _refuse_more_than_own(scopes)
        ends_at = clock.now() + timedelta(days=days) if days else None
        key = add_api_key(name, scopes, ends_at)
        audit.record("api_key.created", "api_key", name, after={"scopes": list(scopes)})
        return key


def add_api_key(name: str, scopes: tuple[str, ...], ends_at: datetime | None = None) -> str:
    """Insert a key and return its text; asks nobody whether they may. Call inside `atomic()`."""
    text, key_hash = api_keys.new_key(scope.tenant_id())
    who, now = scope.actor(), clock.now()
    made_by = who.id if who.kind == "user" else None
    key = ApiKey(id=new_id(), name=name, hash=key_hash, scopes=" ".join(scopes), created_by=made_by, created_at=now)
    key.expires_at = ends_at
    with atomic() as session:
        session.add(key)
    return text


def rotate_api_key(key_id: UUID) -> str:
    """Give a running key another text and return it, shown this once; the text before works for 24 hours more.

    Raises NotFound, Conflict for a key that has ended, Forbidden for scopes that its new maker lacks.
    """
    with atomic():
        key, now = get_row(ApiKey, key_id, lock=True), clock.now()
        if not is_key_running(key.revoked_at, key.expires_at, now):
            raise Conflict("This key has ended; make a new one.")
        _refuse_more_than_own(tuple(key.scopes.split()))
        text, key_hash = api_keys.new_key(scope.tenant_id())
        key.old_hash, key.hash, key.old_until = key.hash, key_hash, now + KEY_OVERLAP
        key.old_created_by = key.created_by
        key.created_by = scope.actor().id if scope.actor().kind == "user" else None
        audit.record("api_key.rotated", "api_key", key.id, after={"name": key.name})
        return text


def end_old_text(key_id: UUID) -> None:
    """End the text that a key had before its newest, at once. Doing so twice changes nothing. Raises NotFound."""
    with atomic():
        key = get_row(ApiKey, key_id, lock=True)
        if key.old_hash is not None:
            key.old_hash = key.old_until = key.old_created_by = None
            audit.record("api_key.old_text_ended", "api_key", key.id, after={"name": key.name})


def revoke_api_key(key_id: UUID) -> None:
    """End a key; the next request with it is refused. Revoking twice changes nothing. Raises NotFound."""
    with atomic():
        key = get_row(ApiKey, key_id, lock=True)
        if key.revoked_at is None:
            key.revoked_at = clock.now()
            audit.record("api_key.revoked", "api_key", key.id, before={"name": key.name})


def revoke_keys_of(user_id: UUID) -> None:
    """End every running key whose newest text this person made, and of those that others gave another the text before:
    they know it."""
    running = select(ApiKey.id).where(ApiKey.revoked_at.is_(None)).order_by(ApiKey.id)
    with atomic() as session:
        for key_id in session.scalars(running.where(ApiKey.created_by == user_id)).all():
            revoke_api_key(key_id)
        for key_id in session.scalars(running.where(ApiKey.old_created_by == user_id)).all():
            end_old_text(key_id)


def note_use(key: ApiKey) -> None:
    """Keep when a key was used, in a transaction of its own and at most once a minute."""
    now = clock.now()
    before = now - _NOTED_EVERY
    if key.last_used_at is not None and key.last_used_at > before:
        return
    unnoted = ApiKey.last_used_at.is_(None) | (ApiKey.last_used_at <= before)
    with atomic() as session:
        session.execute(update(ApiKey).where(ApiKey.id == key.id, unnoted).values(last_used_at=now))


def _refuse_more_than_own(scopes: tuple[str, ...]) -> None:
    """Nobody gives a key more than their own role may do; the system and the command line have no role."""
    who = scope.actor()
    if who.kind == "user" and not may_give(queries.find_role(who.id), scopes):
        raise Forbidden("You cannot give a key more than you may do yourself.")
