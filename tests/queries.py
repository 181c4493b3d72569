"""Counting the statements that a page needs: it must not grow with the rows on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from app.kernel.db import db


@contextmanager
def count_queries() -> Iterator[list[str]]:
    """The statements that run inside, in order; the scope's own SET LOCAL are left out."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("SET LOCAL"):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
