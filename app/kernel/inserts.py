"""Rows with a key of the tenant's own: made once, also when two requests make the same one at the same time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.kernel import scope
from app.kernel.db import TenantModel, db
from app.kernel.errors import Conflict
from app.kernel.ids import new_id
from app.kernel.naming import is_key, key_from

T = TypeVar("T", bound=TenantModel)

_MOST_ATTEMPTS = 100


def find_by_key(model: type[T], key: str, *, lock: bool = False) -> T | None:
    """The row with this key. What cannot be a key, as an address may hold it, is the key of nothing.

    `lock` keeps the row from changing until the transaction ends, and reads it as it stands now.
    """
    if not is_key(key):
        return None
    query = select(model).where(getattr(model, "key") == key)  # noqa: B009 - not every model has one
    return db.session.scalar(query.with_for_update().execution_options(populate_existing=True) if lock else query)


def insert_if_new(model: type[T], **values: Any) -> T | None:
    """Insert a row, or return None when its unique key is taken. Call inside `atomic()`.

    A transaction that is about to commit the same key is waited for, so that None means: now it can be read.
    """
    row = {"tenant_id": scope.tenant_id(), "id": new_id(), **values}
    statement = insert(model).values(row).on_conflict_do_nothing().returning(model)
    return db.session.scalars(statement).first()


def find_or_insert(
    model: type[T], find: Callable[[], T | None], values: Callable[[], dict[str, Any]]
) -> tuple[T, bool]:
    """What `find` finds, else a new row of `values`; returns (row, whether it is new). Call inside `atomic()`."""
    found = find()
    if found is not None:
        return found, False
    made = insert_if_new(model, **values())
    if made is not None:
        return made, True
    found = find()
    if found is None:
        raise Conflict("Somebody made and removed the same thing at this moment. Try again.")
    return found, False


def insert_named(model: type[T], name: str, fallback: str, **values: Any) -> T:
    """Insert a row under the first free key made from its name. Raises Conflict when a hundred of them are taken."""
    for attempt in range(1, _MOST_ATTEMPTS + 1):
        made = insert_if_new(model, key=key_from(name, fallback, attempt), name=name, **values)
        if made is not None:
            return made
    raise Conflict("Too many have this name; give it a key of its own.")
