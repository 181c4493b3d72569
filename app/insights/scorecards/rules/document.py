"""The document of a scorecard: one partner, one month, everything that is to be said, as plain values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.insights.scorecards.rules.agreement import NOTHING_AGREED
from app.insights.scorecards.rules.periods import Month


def document(
    name: Mapping[str, str],
    month: Month,
    zone: ZoneInfo,
    own: Mapping[str, Any],
    comparison: Mapping[str, Any],
    closed_at: datetime | None,
    as_of: datetime,
) -> dict[str, Any]:
    """A scorecard. `name` is the partner's key and name, `comparison` one of `compared` and `not_compared`; a closed
    month says when it was closed. What was kept before there were targets has none."""
    return {
        "partner": dict(name),
        "period": str(month),
        "status": "closed" if closed_at else "open",
        "closed_at": _moment(closed_at),
        "closes_at": _moment(month.closes_at(zone)),
        "as_of": _moment(closed_at or as_of),
        "timezone": zone.key,
        "targets": NOTHING_AGREED,
        **own,
        "comparison": dict(comparison),
    }


def compared(metrics: list[dict[str, Any]], by: list[str]) -> dict[str, Any]:
    """The comparison with the other partners."""
    return {"is_made": True, "by": by, "metrics": metrics}


def not_compared() -> dict[str, Any]:
    """Before a month is closed its partner is not compared: from two versions one could work out what another did."""
    return {"is_made": False, "by": [], "metrics": []}


def canonical(content: Mapping[str, Any]) -> str:
    """The bytes that are kept."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _moment(value: datetime | None) -> str | None:
    return value.isoformat().replace("+00:00", "Z") if value else None
