"""Idempotency-Key: the first answer to a POST is kept for 24 hours and repeated to whoever sends the key again.

The verb commits before its answer is kept. When the process dies in between, nobody knows what was done, and the key is
refused for as long: a second note or case would be worse than a look.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.fernet import InvalidToken
from flask import Response, g, request
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from app.api.events import AnswersKept
from app.kernel import clock, scope, sealing
from app.kernel.db import atomic, db
from app.kernel.errors import Conflict, Fault, Invalid
from app.kernel.events import publish
from app.kernel.ids import new_id
from app.tenants.models import IdempotencyRecord

KEPT = timedelta(hours=24)
_ABANDONED = timedelta(seconds=60)  # a first try that has not answered by then has probably died with its process
LONGEST_KEY = 255
_SEALED_FOR = "idempotency"
_RUNNING = "The first request with this Idempotency-Key is still running."
_UNKNOWN = (
    "The first request with this Idempotency-Key never answered, and nobody knows whether it was done: "
    "look, and if it was not, send it under another key."
)


def begin() -> Response | None:
    """Claim the request's key, or answer with what was answered the first time.

    Raises Invalid for another body under a used key, Conflict while the first try is running or when it never answered.
    """
    key = request.headers.get("Idempotency-Key")
    if request.method != "POST" or key is None or "api_key_id" not in g:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise Invalid(f"An Idempotency-Key has 1 to {LONGEST_KEY} printable characters.")
    fingerprint = hashlib.sha256(f"{request.full_path}\0".encode() + request.get_data()).hexdigest()
    claim = _claim(key, fingerprint)
    if claim is None:
        return _repeat(key, fingerprint)
    g.idempotency_claim = claim
    return None


def finish(response: Response) -> Response:
    """Keep the answer; an answer of 5xx is not kept, so that the next try runs again."""
    claim = g.pop("idempotency_claim", None)
    if claim is None:
        return response
    db.session.rollback()
    mine = IdempotencyRecord.id == claim
    with atomic() as session:
        if response.status_code >= 500:
            session.execute(delete(IdempotencyRecord).where(mine))
        else:
            body = sealing.seal(_SEALED_FOR, response.get_data(as_text=True))
            kept = {"status": response.status_code, "sealed_body": body}
            session.execute(update(IdempotencyRecord).where(mine).values(**kept))
    return response


def _claim(key: str, fingerprint: str) -> UUID | None:
    """The id of the record that this request has made; None when there is one already."""
    now = clock.now()
    same = (IdempotencyRecord.api_key_id == g.api_key_id) & (IdempotencyRecord.key == key)
    with atomic() as session:
        session.execute(delete(IdempotencyRecord).where(same, IdempotencyRecord.created_at < now - KEPT))
        _plan_forgetting(now)
        row = {
            "tenant_id": scope.tenant_id(),
            "id": new_id(),
            "api_key_id": g.api_key_id,
            "key": key,
            "request_hash": fingerprint,
            "created_at": now,
        }
        return session.scalar(
            insert(IdempotencyRecord).values(row).on_conflict_do_nothing().returning(IdempotencyRecord.id)
        )


def _plan_forgetting(now: datetime) -> None:
    """Have the records of this hour forgotten together, planned by its first one."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    others = select(IdempotencyRecord.id).where(IdempotencyRecord.created_at >= hour)
    if db.session.scalar(others.limit(1)) is None:
        publish(AnswersKept(), due_at=hour + timedelta(hours=1) + KEPT)


def forget_answers() -> None:
    """Forget what is repeated no more."""
    with atomic() as session:
        session.execute(delete(IdempotencyRecord).where(IdempotencyRecord.created_at < clock.now() - KEPT))


def _repeat(key: str, fingerprint: str) -> Response:
    found = db.session.scalar(
        select(IdempotencyRecord).where(IdempotencyRecord.key == key, IdempotencyRecord.api_key_id == g.api_key_id)
    )
    db.session.rollback()
    if found is None:
        raise Conflict(_RUNNING)
    if found.request_hash != fingerprint:
        raise Invalid(
            "This Idempotency-Key was used with another request.", [Fault("", "another body under the same key")]
        )
    if found.status is None:
        raise Conflict(_RUNNING if clock.now() < found.created_at + _ABANDONED else _UNKNOWN)
    kind = "application/json" if found.status < 400 else "application/problem+json"
    return Response(_body_of(found), found.status, {"Idempotent-Replayed": "true"}, mimetype=kind)


def _body_of(found: IdempotencyRecord) -> str:
    try:
        return sealing.unseal(_SEALED_FOR, found.sealed_body or "")
    except InvalidToken as error:  # another SECRET_KEY was set since
        raise Conflict(
            "The first request with this Idempotency-Key was done; its answer can be read no more."
        ) from error
