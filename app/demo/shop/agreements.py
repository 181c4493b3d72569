"""What the demo shop has agreed with its two delivery partners, from the day on which it opened.

The partner who goes to remote places has the lower targets for what customers say: that is what its ground allows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from app.demo.shop.setting import ADMIN, FAR, NEAR, OWEN, PETRA
from app.partners.rules import Target, month_before

_VOICE = "What two seasons gave, and what a call before each delivery adds: customers ask for nothing more often."
_LATE = "Every second late parcel missed the van of its day. A later cut-off brings them in; the weather stays."
_CARE = "Who was let down is reached within a day. Both sides agreed on it without a history."

_AGREED = {
    NEAR: (PETRA, ("nps", 0.5, 40.0, 0.0, 10), ("late", 0.3, 10.0, 25.0, 15)),
    FAR: (OWEN, ("nps", 0.5, 25.0, -15.0, 10), ("late", 0.3, 10.0, 25.0, 15)),
}
_BEFORE = {
    (NEAR, "nps"): (212, 31.1),
    (NEAR, "late"): (388, 17.3),
    (FAR, "nps"): (131, 9.2),
    (FAR, "late"): (240, 19.2),
}
"""How many stood behind each measure in the half year before, and what it was."""

_SAID = {"nps": _VOICE, "late": _LATE}


def targets(opened: date) -> Iterator[tuple[str, Target]]:
    """(key of the partner, target) for all that was agreed when the shop opened."""
    first = f"{opened:%Y-%m}"
    last_before = month_before(first)
    first_before = last_before
    for _month in range(5):
        first_before = month_before(first_before)
    for key, (person, *measures) in _AGREED.items():
        both = f"{ADMIN.name}, {person.name}"
        for measure, weight, target, floor, min_n in measures:
            n, value = _BEFORE[key, measure]
            yield key, Target(
                measure, weight, target, floor, first, _SAID[measure], both, opened, min_n,
                baseline_first_month=first_before, baseline_last_month=last_before, baseline_n=n, baseline_value=value,
            )  # fmt: skip
        yield key, Target("first_contact", 0.2, 95.0, 70.0, first, _CARE, both, opened, 10)
