"""Reading what a sender says about a customer: every value in its stored form, or every fault with its pointer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from app.customers.rules import Scalar, check_attributes, check_timezone, normalise_identifier, normalise_name
from app.kernel.errors import Fault, Invalid
from app.kernel.locales import normalise as normalise_locale

MAX_IDENTIFIERS = 20

T = TypeVar("T")


@dataclass(frozen=True)
class NewCustomer:
    """What a sender says about one person, in the sender's spelling; `identifiers` are (type, value), the most telling
    one first."""

    identifiers: Sequence[tuple[str, str]]
    name: str | None = None
    locale: str | None = None
    timezone: str | None = None
    attributes: Mapping[str, object] | None = None


@dataclass(frozen=True)
class GivenIdentifier:
    """One identifier: as it is shown, and the form that matches."""

    type: str
    value: str
    value_key: str

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same identifier as another spelling."""
        return self.type, self.value_key


@dataclass(frozen=True)
class GivenCustomer:
    """The same in its stored form; None and an empty mapping say nothing."""

    identifiers: tuple[GivenIdentifier, ...]
    name: str | None = None
    locale: str | None = None
    timezone: str | None = None
    attributes: Mapping[str, Scalar] = field(default_factory=dict)

    def meaning(self) -> dict[str, Any]:
        """Plain values that are equal for two requests which say the same in different spellings."""
        return {
            "identifiers": [list(identifier.key) for identifier in self.identifiers],
            "name": self.name,
            "locale": self.locale,
            "timezone": self.timezone,
            "attributes": dict(self.attributes),
        }


def read_customer(new: NewCustomer) -> GivenCustomer:
    """Read what is said about a customer. Raises Invalid with a fault for each value that cannot be taken."""
    reader = _Reader()
    if not 1 <= len(new.identifiers) <= MAX_IDENTIFIERS:
        reader.faults.append(Fault("/identifiers", f"Give 1 to {MAX_IDENTIFIERS} identifiers."))
    known = [
        reader.read(f"/identifiers/{place}/value", _identifier, identifier)
        for place, identifier in enumerate(new.identifiers[:MAX_IDENTIFIERS])
    ]
    given = GivenCustomer(
        _each_once(identifier for identifier in known if identifier),
        **reader.read_person(new.name, new.locale, new.timezone),
        attributes=reader.read("/attributes", check_attributes, new.attributes) or {},
    )
    reader.finish()
    return given


def read_correction(name: str | None, locale: str | None, timezone: str | None) -> dict[str, str | None]:
    """Read what a person here puts right, by the names of Customer. Raises Invalid as read_customer does."""
    reader = _Reader()
    wanted = reader.read_person(name, locale, timezone)
    reader.finish()
    return wanted


class _Reader:
    """Reads values one by one and keeps the faults of those that cannot be taken."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def read(self, pointer: str, reader: Callable[[Any], T], value: Any) -> T | None:
        try:
            return None if value is None else reader(value)
        except ValueError as error:
            self.faults.append(Fault(pointer, str(error)))
            return None

    def read_person(self, name: str | None, locale: str | None, timezone: str | None) -> dict[str, str | None]:
        return {
            "name": self.read("/name", normalise_name, name),
            "locale": self.read("/locale", normalise_locale, locale),
            "timezone": self.read("/timezone", check_timezone, timezone),
        }

    def finish(self) -> None:
        if self.faults:
            raise Invalid("The customer cannot be taken as it stands.", self.faults)


def _identifier(given: tuple[str, str]) -> GivenIdentifier:
    type_, value = given
    return GivenIdentifier(type_, *normalise_identifier(type_, value))


def _each_once(identifiers: Iterable[GivenIdentifier]) -> tuple[GivenIdentifier, ...]:
    return tuple({identifier.key: identifier for identifier in reversed(list(identifiers))}.values())[::-1]
