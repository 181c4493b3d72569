"""What an interaction must look like when it arrives, and what it means, so that the same one is known again."""

from __future__ import annotations

import hashlib
import json
import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from app.customers.intake_rules import GivenCustomer, NewCustomer, read_customer
from app.customers.rules import MAX_NUMBER, Scalar, check_attributes, normalise_name
from app.kernel.errors import Fault, Invalid

MAX_ID = 200
MAX_MEASURES = 50
FUTURE = timedelta(minutes=5)
"""How far ahead of ours a sender's clock may be."""

Measures = dict[str, int | float]


@dataclass(frozen=True)
class NewInteraction:
    """One interaction as a sender tells it. Other things are named by their keys; `id` is the sender's own."""

    id: str
    touchpoint: str
    occurred_at: datetime
    customer: NewCustomer
    partner: str | None = None
    employee_id: str | None = None
    employee_name: str | None = None
    measures: Mapping[str, object] = field(default_factory=dict)
    attributes: Mapping[str, object] = field(default_factory=dict)
    is_historic: bool = False


@dataclass(frozen=True)
class ReadInteraction:
    """An interaction whose values are in their stored form."""

    id: str
    touchpoint: str
    occurred_at: datetime
    customer: GivenCustomer
    partner: str | None
    employee_id: str | None
    employee_name: str | None
    measures: Measures
    attributes: dict[str, Scalar]
    is_historic: bool

    def content_hash(self) -> str:
        """Equal for two requests that mean the same, whatever their spelling: zone, order of fields, 3 or 3.0."""
        meaning: dict[str, Any] = {
            "touchpoint": self.touchpoint,
            "occurred_at": self.occurred_at.astimezone(UTC).isoformat(),
            "customer": self.customer.meaning(),
            "partner": self.partner,
            "employee": [self.employee_id, self.employee_name],
            "measures": {name: float(value) for name, value in self.measures.items()},
            "attributes": self.attributes,
            "historic": self.is_historic,
        }
        return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()


def read_interaction(given: NewInteraction, now: datetime) -> ReadInteraction:
    """Read an interaction that arrives `now`. Raises Invalid with a fault for each value that cannot be taken."""
    reader = _Reader()
    read = ReadInteraction(
        id=reader.read("/id", check_id, given.id) or "",
        touchpoint=given.touchpoint,
        occurred_at=reader.read("/occurred_at", lambda moment: _check_moment(moment, now), given.occurred_at) or now,
        customer=reader.read_customer(given.customer),
        partner=given.partner,
        employee_id=reader.read("/employee/id", normalise_name, given.employee_id),
        employee_name=reader.read("/employee/name", normalise_name, given.employee_name),
        measures=reader.read("/measures", check_measures, given.measures) or {},
        attributes=reader.read("/attributes", check_attributes, given.attributes) or {},
        is_historic=given.is_historic,
    )
    if reader.faults:
        raise Invalid("The interaction cannot be taken as it stands.", reader.faults)
    return read


class _Reader:
    """Reads values one by one and keeps the faults of those that cannot be taken."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def read(self, pointer: str, check: Any, value: Any) -> Any:
        try:
            return None if value is None else check(value)
        except ValueError as error:
            self.faults.append(Fault(pointer, str(error)))
            return None

    def read_customer(self, customer: NewCustomer) -> GivenCustomer:
        try:
            return read_customer(customer)
        except Invalid as error:
            self.faults += [Fault(f"/customer{fault.pointer}", fault.detail) for fault in error.faults]
            return GivenCustomer(())


def check_id(text: str) -> str:
    """A sender's own id: 1 to 200 characters, none of them a control character; kept exactly as it is."""
    if not 1 <= len(text) <= MAX_ID:
        raise ValueError(f"An id has 1 to {MAX_ID} characters.")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise ValueError("An id has no control characters.")
    return text


def is_id(text: str) -> bool:
    """Whether this can be a sender's id at all; what cannot be one is the id of nothing."""
    try:
        return check_id(text) == text
    except ValueError:
        return False


def _check_moment(moment: datetime, now: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("A time needs an offset, as in 2026-01-12T14:05:00+08:00.")
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("This time is out of range.") from None
    if moment - now > FUTURE:
        raise ValueError("This time is more than five minutes in the future.")
    return moment


def check_measures(measures: Mapping[str, object]) -> Measures:
    """Take a flat object of at most 50 finite numbers, such as late_days: 3."""
    if len(measures) > MAX_MEASURES:
        raise ValueError(f"At most {MAX_MEASURES} measures can be kept.")
    check_attributes(dict.fromkeys(measures, 0))
    return {name: _check_number(name, value) for name, value in measures.items()}


def _check_number(name: str, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name} must be a number.")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{name} must be a finite number.")
    if isinstance(value, int) and abs(value) > MAX_NUMBER:
        raise ValueError(f"{name} is too large.")
    return value
