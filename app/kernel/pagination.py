"""Keyset pages: a cursor is the key of the last row seen, so that a page stays right while rows are added."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Select, tuple_

from app.kernel.db import db
from app.kernel.errors import Fault, Invalid

DEFAULT_LIMIT = 50
MOST = 200
_MOST_INTEGER = 2**31 - 1  # of a column

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows and the cursor of the next page (None at the end)."""

    rows: Sequence[T]
    next_cursor: str | None


def paginate(
    query: Select[Any],
    keys: Sequence[Any],
    cursor: str | None,
    limit: int = DEFAULT_LIMIT,
    *,
    newest_first: bool = True,
) -> Page[Any]:
    """One page of `query` ordered by `keys` (columns that together are unique). Raises Invalid on a bad cursor."""
    if cursor:
        after = _decode(cursor, keys)
        query = query.where(tuple_(*keys) < after if newest_first else tuple_(*keys) > after)
    ordered = query.order_by(*(key.desc() if newest_first else key.asc() for key in keys)).limit(limit + 1)
    rows = list(db.session.scalars(ordered).unique())
    more = len(rows) > limit
    rows = rows[:limit]
    last = [getattr(rows[-1], key.key) for key in keys] if more else None
    return Page(rows, _encode(last) if last else None)


def next_cursor(last: Sequence[Any]) -> str:
    """The cursor after a row with these values of its keys: for pages that are put together from several queries."""
    return _encode(last)


def _encode(values: Sequence[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, datetime) else str(value) for value in values]
    return urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _decode(cursor: str, keys: Sequence[Any]) -> tuple[Any, ...]:
    try:
        plain = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(plain, list) or len(plain) != len(keys):
            raise ValueError
        return tuple(_read(key, value) for key, value in zip(keys, plain, strict=True))
    except (ValueError, TypeError) as error:
        raise Invalid("The cursor is not one of ours.", [Fault("/cursor", "unknown cursor")]) from error


def _read(key: Any, value: object) -> Any:
    # A cursor is anybody's to write: what the database cannot take as text is refused here.
    if not isinstance(value, str) or "\0" in value:
        raise ValueError
    value.encode()  # raises a ValueError for a lone surrogate
    kind = key.type.python_type
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError
        return moment
    if kind is int and abs(int(value)) > _MOST_INTEGER:
        raise ValueError
    return UUID(value) if kind is UUID else kind(value)
