"""What a partner can be measured by, what a target of it has to say, and which targets count in a month.

`check_target` refuses what nobody could be held to; `in_force` picks the targets of one month. A month is a text such
as 2026-03, so that months compare as texts do.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol, TypeVar

from app.kernel.errors import Fault, Invalid
from app.kernel.naming import checked_name
from app.metrics.display import LOW_BASE_BELOW, SHOW_SCORE_FROM

MOST_TARGETS = 30
HIGHEST_WEIGHT = 1000
MOST_ANSWERS = 1_000_000_000
LONGEST_METHOD = 1000
EARLIEST_DAY = date(1900, 1, 1)
MONTH_PATTERN = r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$"
MEASURE_PATTERN = r"^(nps|csat|ces|emotion|late|first_contact|resolution|(share|mean):[A-Za-z0-9_.-]{1,64})$"

VOICE = ("nps", "csat", "ces", "emotion")
"""What customers said. Their scores are shown from ten answers on, so that a target may ask for no fewer."""

SHARE, MEAN = "share:", "mean:"
"""Before the name of a measure that came with interactions: how often it was above zero, or its mean."""

LATE_MEASURES = ("late_days", "late")
"""What tells that an interaction was late, the first of them that there is; `late` is its share."""

_PERCENT = (0.0, 100.0)
_NUMBERS = (-1e9, 1e9)
_NAMED: dict[str, tuple[tuple[float, float], bool]] = {
    "nps": ((-100.0, 100.0), True),
    "csat": (_PERCENT, True),
    "ces": (_PERCENT, True),
    "emotion": ((-1.0, 1.0), True),
    "late": (_PERCENT, False),
    "first_contact": (_PERCENT, True),
    "resolution": (_PERCENT, True),
}
NAMED = tuple(_NAMED)
_MONTH, _MEASURE = re.compile(MONTH_PATTERN, re.ASCII), re.compile(MEASURE_PATTERN, re.ASCII)


@dataclass(frozen=True)
class Target:
    """What was agreed about one measure: the target reached is 100 and the floor 0, both in the measure's unit.

    `min_n` is the number of answers, interactions or cases from which on it is judged. It counts from `first_month` on,
    and at the latest until `last_month`. The baseline (the months, the n and the value it was agreed on) is told whole
    or not at all.
    """

    measure: str
    weight: float
    target: float
    floor: float
    first_month: str
    method: str
    agreed_by: str
    agreed_on: date
    min_n: int = LOW_BASE_BELOW
    last_month: str | None = None
    baseline_first_month: str | None = None
    baseline_last_month: str | None = None
    baseline_n: int | None = None
    baseline_value: float | None = None


class Spanning(Protocol):
    """A target as far as it is about when it counts."""

    @property
    def measure(self) -> str: ...
    @property
    def first_month(self) -> str: ...
    @property
    def last_month(self) -> str | None: ...


Row = TypeVar("Row", bound=Spanning)


def scale_of(measure: str) -> tuple[float, float]:
    """The lowest and the highest value that the measure can have."""
    if measure.startswith(MEAN):
        return _NUMBERS
    return _NAMED[measure][0] if measure in _NAMED else _PERCENT


def is_month(text: str) -> bool:
    """Whether this is a month such as 2026-03."""
    return _MONTH.fullmatch(text) is not None


def month_before(month: str) -> str:
    """The month before: 2025-12 of 2026-01."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1:04d}-12" if number == 1 else f"{year:04d}-{number - 1:02d}"


def covers(target: Spanning, month: str) -> bool:
    """Whether it counts in the month, as far as no later one takes its place."""
    return target.first_month <= month and (target.last_month is None or target.last_month >= month)


def in_force(targets: Iterable[Row], month: str) -> list[Row]:
    """The targets of a month: of each measure the one that began last, in the order of a card."""
    found: dict[str, Row] = {}
    for target in sorted(targets, key=lambda one: one.first_month):
        if covers(target, month):
            found[target.measure] = target
    return sorted(found.values(), key=_order)


def current(targets: Iterable[Row], month: str) -> list[Row]:
    """The targets of a month, and those that begin later."""
    rows = list(targets)
    return sorted([*in_force(rows, month), *(one for one in rows if one.first_month > month)], key=_order)


def past(targets: Iterable[Row], month: str) -> list[Row]:
    """The targets that count no longer in the month nor later, the newest first."""
    rows = list(targets)
    lasting = {id(row) for row in current(rows, month)}
    return sorted((row for row in rows if id(row) not in lasting), key=lambda row: row.first_month, reverse=True)


def _order(target: Spanning) -> tuple[int, str, str]:
    """Voice, lateness, other measures, cases."""
    kinds = (*VOICE, "late", SHARE, MEAN, "first_contact", "resolution")
    kind = target.measure.partition(":")[0] + ":" if ":" in target.measure else target.measure
    return kinds.index(kind), target.measure, target.first_month


def check_targets(given: Sequence[Target], today: date) -> list[Target]:
    """Targets that are to stand together, as they are kept. Raises Invalid with a fault for each thing amiss."""
    checked, faults = [], []
    for place, target in enumerate(given):
        try:
            checked.append(check_target(target, today))
        except Invalid as refusal:
            faults += [Fault(f"/targets/{place}{fault.pointer}", fault.detail) for fault in refusal.faults]
        if any(_overlap(target, other) for other in given[:place]):
            faults.append(Fault(f"/targets/{place}/measure", "has another target in the same month"))
    if faults:
        raise Invalid("The targets cannot be taken as they stand.", faults)
    return checked


def _overlap(one: Spanning, other: Spanning) -> bool:
    same = one.measure == other.measure
    return same and (covers(one, other.first_month) or covers(other, one.first_month))


def check_target(given: Target, today: date) -> Target:
    """The target as it is kept. Raises Invalid with a fault for each thing amiss; `today` is the tenant's."""
    faults = [*_measure_faults(given), *_time_faults(given, today), *_baseline_faults(given)]
    method = _checked(_checked_method, given.method, faults)
    agreed_by = _checked(_checked_agreed_by, given.agreed_by, faults)
    if faults:
        raise Invalid("The target cannot be taken as it stands.", faults)
    return replace(given, method=method, agreed_by=agreed_by)


def _checked(check: Callable[[str], str], text: str, faults: list[Fault]) -> str:
    """The text as it is kept; what is amiss with it goes to the faults."""
    try:
        return check(text)
    except Invalid as refusal:
        faults += refusal.faults
        return ""


def _measure_faults(given: Target) -> Iterable[Fault]:
    """What is amiss with what is measured and how it is judged."""
    name = given.measure.partition(":")[2]
    if not _MEASURE.fullmatch(given.measure):
        yield Fault("/measure", "is none of the measures of a scorecard")
        return
    if name in LATE_MEASURES:
        yield Fault("/measure", "is told by the measure late")
    low, high = scale_of(given.measure)
    outside = [field for field in ("target", "floor") if not low <= getattr(given, field) <= high]
    yield from (Fault(f"/{field}", f"must be a number from {low:g} to {high:g}") for field in outside)
    if given.floor == given.target:
        yield Fault("/floor", "must be another number than the target")
    elif not outside and given.measure in _NAMED and (given.floor < given.target) != _NAMED[given.measure][1]:
        yield Fault("/floor", "must be worse than the target")
    if not 0 < given.weight <= HIGHEST_WEIGHT:
        yield Fault("/weight", f"must be a number above 0, of at most {HIGHEST_WEIGHT}")
    fewest = SHOW_SCORE_FROM if given.measure in VOICE else 1
    if not fewest <= given.min_n <= MOST_ANSWERS:
        yield Fault("/min_n", f"must be a whole number from {fewest} to {MOST_ANSWERS}")


def _time_faults(given: Target, today: date) -> Iterable[Fault]:
    if not is_month(given.first_month):
        yield Fault("/first_month", "must be a month such as 2026-03")
    if given.last_month is not None and not (is_month(given.last_month) and given.last_month >= given.first_month):
        yield Fault("/last_month", "must be a month such as 2026-03, not before the first one")
    if not EARLIEST_DAY <= given.agreed_on <= today:
        yield Fault("/agreed_on", "must be a day that is not in the future")


def _baseline_faults(given: Target) -> Iterable[Fault]:
    first, last = given.baseline_first_month, given.baseline_last_month
    n, value = given.baseline_n, given.baseline_value
    if first is None or last is None or n is None or value is None:
        told = {"first_month": first, "last_month": last, "n": n, "value": value}
        missing = [name for name, one in told.items() if one is None]
        if len(missing) < len(told):
            yield from (Fault(f"/baseline_{name}", "is missing: a baseline is told whole") for name in missing)
        return
    if not is_month(first):
        yield Fault("/baseline_first_month", "must be a month such as 2026-03")
    if not is_month(last) or (is_month(first) and last < first):
        yield Fault("/baseline_last_month", "must be a month such as 2026-03, not before the first one")
    if not 1 <= n <= MOST_ANSWERS:
        yield Fault("/baseline_n", f"must be a whole number from 1 to {MOST_ANSWERS}")
    low, high = scale_of(given.measure)
    if not low <= value <= high:
        yield Fault("/baseline_value", f"must be a number from {low:g} to {high:g}")


def _checked_agreed_by(text: str) -> str:
    return checked_name(text, "/agreed_by")


def _checked_method(text: str) -> str:
    clean = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    unfit = any(unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\t" for one in clean)
    is_blank = all(unicodedata.category(one)[0] in "ZC" for one in clean)
    if unfit or is_blank or len(clean) > LONGEST_METHOD:
        detail = f"must say in 1 to {LONGEST_METHOD} characters how the target was found"
        raise Invalid("The method cannot be taken.", [Fault("/method", detail)])
    return clean
