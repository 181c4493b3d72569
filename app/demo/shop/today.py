"""The four cases that are open today: one late, one due today, one waiting for its customer, one new."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.customers.intake_rules import NewCustomer
from app.demo.shop.setting import EMPLOYEES, FAR, NEAR
from app.demo.shop.year import Happening, Said

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
SOON = timedelta(minutes=20)
"""How long at least the case that is due today leaves to whoever comes to look at it."""
_PROMISED = timedelta(hours=24)
"""The tenant's time until the first contact."""


@dataclass(frozen=True)
class OpenCase:
    """A bad answer that is worked on: whether somebody has taken it, spoken with its customer and waits for them."""

    happening: Happening
    is_taken: bool = False
    contact: str = ""
    waits_for: str = ""
    late_at: datetime | None = field(default=None)


def open_cases(now: datetime, zone: ZoneInfo) -> list[OpenCase]:
    """The four, the oldest answer first."""
    return [_waiting(now), _late(now), _due_today(now, zone), _new(now)]


def _waiting(now: datetime) -> OpenCase:
    said = Said(now - 3 * _DAY, 4, "The table top has a crack right across. It was not there when I unpacked it.")
    customer = _customer(1, "Hannah Okafor", "hannah.okafor", "en")
    happening = Happening("order-30001:product", "product", said.at - 5 * _HOUR, customer, "product", said=said)
    return OpenCase(
        happening,
        is_taken=True,
        contact="Very friendly. Will send photos of the crack and of the number under the top.",
        waits_for="Photos of the crack and of the batch number",
    )


def _late(now: datetime) -> OpenCase:
    why = "Two days late again, and when it came it was left in the rain. Nobody has called me back."
    said = Said(now - 29 * _HOUR, 2, why, "late")
    customer = _customer(2, "Theo Marlowe", "theo.marlowe", "en")
    at, measures, attributes = said.at - 6 * _HOUR, {"late_days": 2.0}, {"region": "remote"}
    happening = Happening(
        "order-30002:delivery", "delivery", at, customer, "late", FAR, None, measures, attributes, said
    )
    return OpenCase(happening, is_taken=True, late_at=said.at + _PROMISED)


def _due_today(now: datetime, zone: ZoneInfo) -> OpenCase:
    local = now.astimezone(zone)
    midnight = datetime.combine(local.date() + _DAY, datetime.min.time(), zone)
    due_at = now + min(5 * _HOUR, max((midnight - now) / 2, SOON))
    said = Said(due_at - _PROMISED, 5, "师傅把柜子放在楼下就走了，说“送货上门”不包括上楼。", "handed")
    customer = _customer(3, "沈嘉怡", "jiayi.shen", "zh-Hans")
    at, measures, attributes = said.at - 4 * _HOUR, {"late_days": 0.0}, {"region": "urban"}
    happening = Happening(
        "order-30003:delivery", "delivery", at, customer, "delivery", NEAR, None, measures, attributes, said
    )
    return OpenCase(happening, is_taken=True)


def _new(now: datetime) -> OpenCase:
    said = Said(now - _HOUR, 1, "打了三次电话，每次都要从头说起，最后还是没人能处理我的退款。")
    employee = sorted(EMPLOYEES.items())[2]
    customer = _customer(4, "何志明", "zhiming.he", "zh-Hans")
    measures = {"wait_seconds": 840.0}
    happening = Happening(
        "order-30004:service-line",
        "service-line",
        said.at - _HOUR,
        customer,
        "service",
        None,
        employee,
        measures,
        said=said,
    )
    return OpenCase(happening)


def _customer(number: int, name: str, mailbox: str, locale: str) -> NewCustomer:
    identifiers = [("external", f"C-{20_000 + number}"), ("email", f"{mailbox}@post.test")]
    return NewCustomer(identifiers, name=name, locale=locale)
