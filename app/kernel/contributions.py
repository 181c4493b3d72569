"""What a higher room adds to the pages and mails of a lower one, which may not import it.

The lower room names the place with a `Contribution` and calls it like a function; app/handlers.py says which function
of a higher room stands behind it, and create_app hands that table to `wire`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")

_table: Mapping[Contribution[..., Any], Callable[..., Any]] = {}


@dataclass(frozen=True)
class Contribution(Generic[P, R]):
    """A place in a lower room that a function of a higher one fills. Raises KeyError when none was wired."""

    name: str

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return cast(R, _table[self](*args, **kwargs))


def wire(table: Mapping[Contribution[..., Any], Callable[..., Any]]) -> None:
    """Take the table of app/handlers.py."""
    global _table
    _table = table
