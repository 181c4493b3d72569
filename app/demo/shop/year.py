"""What happened in the shop's year and what customers said of it: pure, and the same each time but for the dates.

An order is bought, paid, delivered by one of the partners, used for a week, sometimes sent back; some customers call.
`year_until` tells it all. Two stories are in it on purpose. In one month a new warehouse program sent parcels the wrong
way, and many were late. And the partner who goes to remote places has the worse score, though it is the better one
wherever both drive.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from app.customers.intake_rules import NewCustomer
from app.demo.shop import words_en, words_zh
from app.demo.shop.people import customers
from app.demo.shop.setting import EMPLOYEES, FAR, NEAR
from app.demo.shop.surveys import Scale, asked_at

DAYS = 365
INCIDENT = range(121, 152)
"""The days before today on which what was promised came late."""

_SEED = 20_177
_ORDERS = 820
_BUSY = ((300, 22, 1.1), (205, 30, 0.5), (40, 25, 0.4))
"""The seasons: how many days ago the middle of a busy time was, how wide it was, how much busier than usual."""

_REGIONS = {NEAR: {"urban": 67, "suburb": 24, "remote": 9}, FAR: {"urban": 14, "suburb": 26, "remote": 60}}
_FELT_IN = {"urban": 0.5, "suburb": 0.0, "remote": -2.1}
_FAR_IS_BETTER_BY = 1.1
_ANSWERS = {"delivery": 0.58, "appointment": 0.6, "pick-up": 0.45, "product": 0.25, "return": 0.55, "chat": 0.5,
            "service-line": 0.45, "checkout": 0.24, "app-search": 0.3, "order-mail": 0.2}  # fmt: skip
_GROUPS = {"delivery": "delivery", "appointment": "delivery", "pick-up": "pickup", "product": "product",
           "return": "returns", "chat": "service", "service-line": "service"}  # fmt: skip
_WORDS = {"en": words_en.COMMENTS, "zh-Hans": words_zh.COMMENTS}
_COMMENTS = {"bad": 0.85, "mid": 0.4, "good": 0.35}


@dataclass(frozen=True)
class Said:
    """What the customer answered: the score of the survey's one scoring question (of a feeling about its rank), and
    their own words or none."""

    at: datetime
    score: int
    why: str | None
    wrong: str | None = None


@dataclass(frozen=True)
class Happening:
    """One interaction, with its answer when there was one. `group` is what its comments and causes are about."""

    id: str
    touchpoint: str
    at: datetime
    customer: NewCustomer
    group: str
    partner: str | None = None
    employee: tuple[str, str] | None = None
    measures: dict[str, float] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    said: Said | None = None

    @property
    def is_bad(self) -> bool:
        """Whether its answer opens a case."""
        return self.said is not None and self.said.score <= asked_at(self.touchpoint).scale.bad


def year_until(now: datetime, zone: ZoneInfo) -> list[Happening]:
    """Everything that happened in the 365 days before `now` (aware), in the order of time."""
    return sorted(_Year(now, zone).tell(), key=lambda one: (one.at, one.id))


class _Year:
    """The telling: one stream of lots, and the comments of each kind in turn so that none comes twice too soon."""

    def __init__(self, now: datetime, zone: ZoneInfo) -> None:
        self.now, self.zone = now, zone
        self.today: date = now.astimezone(zone).date()
        self.draw = Random(_SEED)
        self.people = customers(self.draw)
        self.used: dict[tuple[str, str, str], int] = {}

    def tell(self) -> Iterator[Happening]:
        days = range(DAYS - 1, -1, -1)
        bought = self.draw.choices(days, [_busyness(day) for day in days], k=_ORDERS)
        for number, day in enumerate(sorted(bought, reverse=True), start=20_001):
            yield from self._order(f"order-{number}", day, self.draw.choice(self.people))

    def _order(self, order: str, day: int, customer: NewCustomer) -> Iterator[Happening]:
        draw = self.draw
        if draw.random() < 0.3:
            yield self._happening(order, "app-search", day, customer, "shopping", 12.2)
        yield self._happening(order, "checkout", day, customer, "shopping", 4.2)
        if draw.random() < 0.4:
            yield self._happening(order, "order-mail", day, customer, "shopping", 14.4)
        way = draw.choices(("delivery", "appointment", "pick-up"), (66, 14, 20))[0]
        day -= draw.randint(2, 5)
        late = self._late_days(way, day)
        day -= late
        if day >= 0:
            yield self._received(order, way, day, customer, late)
        yield from self._afterwards(order, day, customer, late)

    def _late_days(self, way: str, day: int) -> int:
        """By how many days the promise is missed."""
        share = (0.62 if way != "pick-up" else 0.25) if day in INCIDENT else (0.09 if way != "pick-up" else 0.03)
        return self.draw.choice((1, 1, 2, 2, 3, 4, 5)) if self.draw.random() < share else 0

    def _received(self, order: str, way: str, day: int, customer: NewCustomer, late: int) -> Happening:
        draw = self.draw
        partner = {"appointment": FAR, "pick-up": NEAR}.get(way) or draw.choice((NEAR, NEAR, FAR))
        shares = _REGIONS[partner]
        region = draw.choices(list(shares), list(shares.values()))[0]
        mean = 8.5 + _FELT_IN[region] + (_FAR_IS_BETTER_BY if partner == FAR else 0) - (late and 2.2 + 0.8 * late)
        group = "late" if late else _GROUPS[way]
        facts = {"measures": {"late_days": float(late)}, "attributes": {"region": region}, "partner": partner}
        return self._happening(order, way, day, customer, group, mean, **facts)

    def _afterwards(self, order: str, day: int, customer: NewCustomer, late: int) -> Iterator[Happening]:
        draw = self.draw
        for touchpoint, share, later, group, mean in (
            ("service-line", 0.45 if late else 0.12, 0, "service", 5.7),
            ("chat", 0.25 if late else 0.12, 1, "service", 5.6),
            ("return", 0.11, 6, "returns", 3.6),
            ("product", 0.8, 8, "product", 8.6),
        ):
            if draw.random() < share and day - later >= 0:
                yield self._helped(order, touchpoint, day - later, customer, group, mean)

    def _helped(
        self, order: str, touchpoint: str, day: int, customer: NewCustomer, group: str, mean: float
    ) -> Happening:
        if group != "service":
            return self._happening(order, touchpoint, day, customer, group, mean)
        busy = 2.6 if day in INCIDENT else 1.0
        wait = round(self.draw.expovariate(1 / (190 * busy)))
        employee = self.draw.choice(sorted(EMPLOYEES.items()))
        mean -= min(wait, 900) / 260
        facts: dict[str, Any] = {"measures": {"wait_seconds": float(wait)}, "employee": employee}
        return self._happening(order, touchpoint, day, customer, group, mean, **facts)

    def _happening(
        self, order: str, touchpoint: str, day: int, customer: NewCustomer, group: str, mean: float, **facts: Any
    ) -> Happening:
        at = self._moment(day)
        said = self._said(touchpoint, at, customer, group, mean)
        return Happening(f"{order}:{touchpoint}", touchpoint, at, customer, group=group, said=said, **facts)

    def _moment(self, day: int) -> datetime:
        """Some minute between eight and nine in the evening of that day, and not later than a little before now."""
        local = datetime.combine(self.today - timedelta(days=day), time(8), self.zone)
        return min(local + timedelta(minutes=self.draw.randrange(13 * 60)), self.now - timedelta(minutes=90))

    def _said(self, touchpoint: str, at: datetime, customer: NewCustomer, group: str, mean: float) -> Said | None:
        draw, scale = self.draw, asked_at(touchpoint).scale
        score = max(scale.lowest, min(scale.highest, round(draw.gauss(mean, scale.spread))))
        hours, answers = draw.expovariate(1 / 9), draw.random() < _ANSWERS[touchpoint]
        at = min(at + timedelta(hours=min(hours, 60)), self.now - timedelta(minutes=45))
        if not answers:
            return None
        if self.now - at < timedelta(hours=15):
            # Whoever is unhappy today stands in today.py; and a case of last night could not have been closed by now.
            score = max(score, scale.bad + 1)
        why = self._why(group, _feeling(scale, score), customer.locale or "en")
        return Said(at, score, why, self._wrong(touchpoint, group, score))

    def _why(self, group: str, feeling: str, locale: str) -> str | None:
        if self.draw.random() > _COMMENTS[feeling]:
            return None
        found = _WORDS[locale][group, feeling]
        place = self.used.get((locale, group, feeling), -1) + 1
        self.used[locale, group, feeling] = place
        return found[place % len(found)]

    def _wrong(self, touchpoint: str, group: str, score: int) -> str | None:
        other = self.draw.choice(("damaged", "handed", "other"))
        if asked_at(touchpoint).key != "delivery" or score > asked_at(touchpoint).scale.bad:
            return None
        return "late" if group == "late" else other


def _busyness(day: int) -> float:
    """How many orders that day has, compared with a usual one; the shop has grown by a fifth in the year."""
    seasons = sum(more * max(0.0, 1 - abs(day - middle) / width) for middle, width, more in _BUSY)
    return (1.2 - 0.2 * day / DAYS) * (1 + seasons)


def _feeling(scale: Scale, score: int) -> str:
    return "bad" if score <= scale.bad else "good" if score >= scale.good else "mid"
