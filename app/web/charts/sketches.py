"""What a chart shows, from plain values to an ECharts option: pure functions, one per kind of chart.

Nothing is drawn that nobody answered: a period without a value is a gap and never a line between its neighbours.
Colours are custom properties of the page (frontend/styles/charts.css), so that one drawing serves light and dark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil, floor, hypot, log10, sqrt
from typing import Any, Literal, NamedTuple

Scale = tuple[float, float]
Tone = Literal["low", "middle", "high", "plain"]


class Size(NamedTuple):
    """Width and height of a drawing in its own units."""

    width: int
    height: int


WIDE, NARROW = Size(704, 260), Size(288, 220)
"""The two drawings of a chart: for a page or a sheet of paper, and for a phone."""
COMPACT, COMPACT_NARROW = Size(480, 180), Size(288, 160)
"""The same for a chart that stands beside others."""

_TOP, _BOTTOM, _RIGHT, _LEFT = 16, 40, 12, 44
_FONT = 12
_FINGER = 34
_LIMIT_STEPS = 48
_MANY = 24
"""From this many periods on dots are small, so that they do not hide each other."""
_WORDS = {"fontSize": _FONT, "color": "var(--chart-words)", "textBorderWidth": 0}


@dataclass(frozen=True)
class Period:
    """One period of a trend. `value` is None where nobody answered or too few did; `words` says all of it."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    is_low_base: bool = False
    words: str = ""
    url: str = ""
    stands_out: bool = False


@dataclass(frozen=True)
class Column:
    """One value of a scale and how many gave it."""

    label: str
    count: int
    tone: Tone = "plain"


@dataclass(frozen=True)
class Dot:
    """One unit of a funnel: its value at its number of answers. Only an own one is named."""

    n: int
    value: float
    is_own: bool = False
    words: str = ""
    url: str = ""


@dataclass(frozen=True)
class Spot:
    """A place on a drawing that leads to `url`; `words` is what it is called."""

    x: float
    y: float
    words: str
    url: str


@dataclass(frozen=True)
class Sketch:
    """An option with the size it is made for, and its spots in the same units."""

    size: Size
    option: dict[str, Any]
    spots: list[Spot] = field(default_factory=list)


def trend(
    periods: Sequence[Period],
    scale: Scale,
    size: Size,
    unit: str = "",
    target: float | None = None,
    floor: float | None = None,
    usual: Scale | None = None,
) -> Sketch:
    """Values over time: a dot for each period, its interval as a bar behind it, a line only between neighbours.

    A dot on few answers is hollow, one that stands out of the series is a diamond. `target` is a dashed line, `floor` a
    dotted one, `usual` a pair of dashed lines between which the values ordinarily lie; an end of it beyond the scale is
    not drawn.
    """
    rules = [(end, "limit", "dashed") for end in usual or () if scale[0] <= end <= scale[1]]
    agreed = ((target, "target", "dashed"), (floor, "middle", "dotted"))
    rules += [(value, colour, kind) for value, colour, kind in agreed if value is not None]
    low, high = _window(periods, scale, [value for value, _colour, _kind in rules])
    line = {
        "type": "line",
        "data": [{"value": "-"} if p.value is None else _dot(p.value, p.is_low_base, p.stands_out) for p in periods],
        "symbol": "circle",
        "symbolSize": 8 if len(periods) < _MANY else 5,
        "lineStyle": {"color": "var(--chart-line)", "width": 2},
        **_still(),
    }
    if rules:
        line["markLine"] = _rules(rules)
    band = _band(periods, (low, high))
    option = {
        "grid": _grid(),
        "xAxis": _categories([p.label for p in periods]),
        "yAxis": _values((low, high), scale, unit),
        "series": [band, line],
    }
    width, height = _plot(size)
    step = width / max(len(periods), 1)
    spots = _apart(
        Spot(_LEFT + step * (place + 0.5), _TOP + height * (high - p.value) / (high - low), p.words, p.url)
        for place, p in enumerate(periods)
        if p.url and p.value is not None
    )
    return Sketch(size, option, spots)


def _band(periods: Sequence[Period], drawn: Scale) -> dict[str, Any]:
    """The intervals, as far as they lie inside what is drawn."""
    low, high = drawn
    intervals = [
        [place, max(low, p.low), min(high, p.high)]
        for place, p in enumerate(periods)
        if p.value is not None and p.low is not None and p.high is not None
    ]
    colour = {"color": "var(--chart-band)"}
    return {"type": "custom", "renderItem": "interval", "data": intervals, "itemStyle": colour, **_still()}


def distribution(columns: Sequence[Column], size: Size) -> Sketch:
    """How many gave each value, as columns with their number on top."""
    data = [{"value": column.count, "itemStyle": {"color": f"var(--chart-{column.tone})"}} for column in columns]
    bars = {"type": "bar", "data": data, "barMaxWidth": 44, "label": {"show": True, "position": "top", **_WORDS}}
    most = max([column.count for column in columns], default=0)
    axis = _categories([column.label for column in columns])
    # A long word is cut and not left out, since what stands above it would have no name.
    room = {"width": (size.width - _RIGHT) // max(len(columns), 1), "overflow": "truncate", "interval": 0}
    option = {
        "grid": {**_grid(), "left": 4, "top": 24, "bottom": 24},
        "xAxis": {**axis, "axisLabel": {**axis["axisLabel"], **room}},
        "yAxis": {"type": "value", "show": False, "min": 0, "max": max(most, 1)},
        "series": [{**bars, **_still()}],
    }
    return Sketch(size, option)


def funnel(dots: Sequence[Dot], mean: float, sd: float, tau: float, scale: Scale, size: Size, unit: str = "") -> Sketch:
    """Units by their number of answers, between the limits that chance alone keeps 95 % and 99.8 % of them in.

    `sd` is the spread of single answers, `tau` that between units, both in the unit of the values.
    """
    most = ceil(max([dot.n for dot in dots], default=1) * 1.25)
    first = 10.0 ** int(log10(max(1, min([dot.n for dot in dots], default=1))))
    last = max(most, first * 10)
    low, high = scale
    series = [
        _limit(mean, sd, tau, z * sign, (first, last), scale, is_dashed=z > 2) for z in (1.96, 3.09) for sign in (1, -1)
    ]
    series[0]["markLine"] = _rules([(mean, "middle", "dashed")])
    for is_own in (False, True):
        colour = "var(--chart-line)" if is_own else "var(--chart-other)"
        data = [[dot.n, dot.value] for dot in dots if dot.is_own == is_own]
        series.append(
            {
                "type": "scatter",
                "data": data,
                "symbolSize": 12 if is_own else 6,
                "itemStyle": {"color": colour, "opacity": 1},
                **_still(),
            }
        )
    counts = {**_axis(), "type": "log", "min": first, "max": last, "splitLine": {"show": False}}
    option = {"grid": _grid(), "xAxis": counts, "yAxis": _values((low, high), scale, unit), "series": series}
    width, height = _plot(size)
    spots = _apart(
        Spot(
            _LEFT + width * (log10(dot.n) - log10(first)) / (log10(last) - log10(first)),
            _TOP + height * (high - dot.value) / (high - low),
            dot.words,
            dot.url,
        )
        for dot in dots
        if dot.url
    )
    return Sketch(size, option, spots)


def _apart(spots: Iterable[Spot]) -> list[Spot]:
    """Those that a finger can tell apart; the table behind the chart leads everywhere."""
    kept: list[Spot] = []
    for spot in spots:
        if all(hypot(spot.x - other.x, spot.y - other.y) >= _FINGER for other in kept):
            kept.append(spot)
    return kept


def _limit(
    mean: float, sd: float, tau: float, z: float, counts: Scale, scale: Scale, *, is_dashed: bool
) -> dict[str, Any]:
    """One limit of a funnel, as far as it lies inside the scale."""
    first, last = counts
    steps = [first * (last / first) ** (step / _LIMIT_STEPS) for step in range(_LIMIT_STEPS + 1)]
    curve = [[n, mean + z * sqrt(tau * tau + sd * sd / n)] for n in steps]
    line = {"color": "var(--chart-limit)", "width": 1, "type": "dashed" if is_dashed else "solid"}
    inside = [point for point in curve if scale[0] <= point[1] <= scale[1]]
    return {"type": "line", "data": inside, "symbol": "none", "lineStyle": line, **_still()}


def _window(periods: Sequence[Period], scale: Scale, lines: Sequence[float]) -> Scale:
    """The part of the scale that is drawn: whole quarters of it, so that a small move looks small."""
    quarter = (scale[1] - scale[0]) / 4
    seen = [value for p in periods if p.value is not None for value in (p.value, p.low, p.high) if value is not None]
    seen += lines
    first = min(3, max(0, floor((min(seen, default=scale[0]) - scale[0]) / quarter)))
    last = max(first + 1, min(4, ceil((max(seen, default=scale[1]) - scale[0]) / quarter)))
    return scale[0] + quarter * first, scale[0] + quarter * last


def _dot(value: float, is_low_base: bool, stands_out: bool) -> dict[str, Any]:
    fill = "var(--chart-ground)" if is_low_base else "var(--chart-line)"
    style = {"color": fill, "borderColor": "var(--chart-line)", "borderWidth": 2}
    shape = {"symbol": "diamond", "symbolSize": 14} if stands_out else {}
    return {"value": value, "itemStyle": style, **shape}


def _rules(values: Sequence[tuple[float, str, str]]) -> dict[str, Any]:
    """Straight lines across the plot, each (value, colour, kind); the words beside say what they mean."""
    lines = [
        {"yAxis": value, "lineStyle": {"color": f"var(--chart-{colour})", "width": 1.5, "type": kind}}
        for value, colour, kind in values
    ]
    return {"symbol": "none", "silent": True, "data": lines, "label": {"show": False}}


def _still() -> dict[str, Any]:
    """Nothing on the server answers to a pointer; without a clip no drawing needs an id that another may have."""
    return {"silent": True, "clip": False}


def _grid() -> dict[str, Any]:
    return {
        "left": _LEFT,
        "right": _RIGHT,
        "top": _TOP,
        "bottom": _BOTTOM,
        "containLabel": False,
        "outerBoundsMode": "none",
    }


def _plot(size: Size) -> tuple[int, int]:
    return size.width - _LEFT - _RIGHT, size.height - _TOP - _BOTTOM


def _axis() -> dict[str, Any]:
    return {"axisTick": {"show": False}, "axisLine": {"lineStyle": {"color": "var(--chart-grid)"}}, "axisLabel": _WORDS}


def _categories(labels: Sequence[str]) -> dict[str, Any]:
    words = {**_WORDS, "hideOverlap": True}
    return {**_axis(), "type": "category", "data": list(labels), "axisLine": {"show": False}, "axisLabel": words}


def _values(drawn: Scale, scale: Scale, unit: str) -> dict[str, Any]:
    words = {**_WORDS, "formatter": "{value}" + unit}
    line = {"lineStyle": {"color": "var(--chart-grid)"}}
    quarter = (scale[1] - scale[0]) / 4
    interval = quarter if drawn[1] - drawn[0] > quarter * 1.5 else quarter / 2
    span = {"min": drawn[0], "max": drawn[1], "interval": interval}
    return {**_axis(), "type": "value", **span, "splitLine": line, "axisLabel": words}
