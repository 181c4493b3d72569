"""Every chart with sample values, for the page of components."""

from __future__ import annotations

from typing import Any

from app.web.charts import sketches
from app.web.charts.drawing import Drawing, Picture, draw

_MONTHS = [
    sketches.Period("Feb\n2017", 12, 2, 22, words="Feb 2017: +12, n 90", url="#feb"),
    sketches.Period("Mar", 18, 5, 30, words="Mar 2017: +18, n 71", url="#mar"),
    sketches.Period("Apr", None, words="Apr 2017: nobody answered"),
    sketches.Period("五月", -8, -30, 14, True, "May 2017: −8, n 14, low base", "#may"),
    sketches.Period("Jun", None, words="Jun 2017: too few, n 4"),
    sketches.Period("Jul", 25, 15, 35, words="Jul 2017: +25, n 140", url="#jul"),
    sketches.Period("Aug", 31, 20, 42, words="Aug 2017: +31, n 122", url="#aug"),
]
_SERIES = [
    sketches.Period(f"W{week}", value, value - 9, value + 7, value == 44, stands_out=value == 44)
    for week, value in enumerate([70, 66, 73, 69, 64, 44, 71], start=1)
]
_COLUMNS = [
    sketches.Column(str(value), count, "low" if value < 7 else "middle" if value < 9 else "high")
    for value, count in enumerate([3, 1, 2, 2, 1, 6, 4, 5, 7, 14, 22])
]
_DOTS = [
    *(sketches.Dot(8 + 13 * place, 76 + spread) for place, spread in enumerate([-21, 14, 6, -9, 4, -5, 7, 2, -3, 1])),
    sketches.Dot(64, 58, True, "Swift Parcel: 58 %, n 64", "#swift"),
]


def samples() -> dict[str, Any]:
    """What the template of the charts needs; one of them could not be drawn."""
    nothing = Picture(sketches.WIDE, None, [])
    charts = {
        "trend": draw(lambda size: sketches.trend(_MONTHS, (-100, 100), size, target=40, floor=10)),
        "compact": draw(
            lambda size: sketches.trend(_SERIES, (0, 100), size, " %", usual=(58, 80)),
            (sketches.COMPACT, sketches.COMPACT_NARROW),
        ),
        "distribution": draw(lambda size: sketches.distribution(_COLUMNS, size)),
        "funnel": draw(lambda size: sketches.funnel(_DOTS, 76, 42, 2, (0, 100), size, " %")),
        "failed": Drawing(nothing, nothing),
    }
    return {"charts": charts, "months": _MONTHS, "weeks": _SERIES, "columns": _COLUMNS}
