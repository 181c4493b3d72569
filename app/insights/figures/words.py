"""What metrics and dimensions are called, and how each figure is made, in a sentence."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.metrics.change import Change
from app.web import dates

METRIC_WORDS = {"nps": _l("NPS"), "csat": _l("CSAT")}
"""Net Promoter and NPS are registered trademarks; the attribution stands on the page that explains the figure."""

METRIC_SENTENCES = {
    "nps": _l(
        "The share of promoters (9 and 10) minus the share of detractors (0 to 6), in points from −100 to +100. "
        "The interval is the adjusted Wald interval at 95 %."
    ),
    "csat": _l("The share of answers 4 and 5 on a scale of 1 to 5. The interval is the Wilson interval at 95 %."),
}

DIMENSION_WORDS = {
    "touchpoint": _l("Touchpoint"),
    "partner": _l("Partner"),
    "department": _l("Department"),
    "journey": _l("Journey"),
    "stage": _l("Stage"),
    "channel": _l("Channel"),
    "survey": _l("Survey"),
    "day": _l("Day"),
    "week": _l("Week"),
    "month": _l("Month"),
}


def page_words(metric: str) -> dict[str, Any]:
    """What the page needs to speak of one metric."""
    return {
        "metric_words": METRIC_WORDS,
        "dimension_words": DIMENSION_WORDS,
        "sentence": METRIC_SENTENCES[metric],
        "scale": (-100, 100) if metric == "nps" else (0, 100),
        "is_percent": metric != "nps",
    }


def period_words(by: str, key: str) -> str:
    """A period by the key that its rows have: 2026-11-22, 2026-W47 or 2026-11. Anything else stands for itself."""
    match by:
        case "day":
            return dates.day(date.fromisoformat(key))
        case "week":
            year, _letter, number = key.partition("-W")
            return _("week %(number)s of %(year)s", number=int(number), year=year)
        case "month":
            return dates.month(date.fromisoformat(f"{key}-01"))
    return key


def change_words(change: Change, shown: str) -> str:
    """A change in words: an arrow would sell noise. `shown` is the size of the change as the page writes it."""
    if change.low <= 0 <= change.high:
        return _("%(change)s against the period before, not distinguishable from no change", change=shown)
    if change.raw > 0:
        return _("%(change)s against the period before: better", change=shown)
    return _("%(change)s against the period before: worse", change=shown)
