"""What a template needs of one chart: `draw` makes it in both widths, `for_print` gives one its colours on paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from app.web.charts.engine import render
from app.web.charts.sketches import NARROW, WIDE, Size, Sketch, Spot

PRINT_COLOURS = {
    "line": "#0f6b70",
    "band": "#c3dcdd",
    "ground": "#ffffff",
    "grid": "#dfe4e5",
    "words": "#4b5a5e",
    "target": "#8a5a00",
    "limit": "#8a979a",
    "other": "#a9b4b6",
    "plain": "#0f6b70",
    "high": "#1f7a4d",
    "middle": "#8a979a",
    "low": "#b3261e",
}
"""The custom properties --chart-… of frontend/styles/charts.css as they are on paper."""

_COLOUR = re.compile(r"var\(--chart-([a-z]+)\)")


@dataclass(frozen=True)
class Picture:
    """One drawing of a chart; `svg` is None when it could not be drawn."""

    size: Size
    svg: Markup | None
    spots: list[Spot]


@dataclass(frozen=True)
class Drawing:
    """A chart in the width of a page and in that of a phone."""

    wide: Picture
    narrow: Picture

    @property
    def is_drawn(self) -> bool:
        """Whether there is anything to see."""
        return self.wide.svg is not None and self.narrow.svg is not None

    @property
    def for_print(self) -> Markup | None:
        """The wide drawing with its colours written out: a PDF knows no custom properties."""
        if self.wide.svg is None:
            return None
        printed = _COLOUR.sub(lambda found: PRINT_COLOURS[found[1]], str(self.wide.svg))
        return Markup(printed)  # noqa: S704 - a cleaned drawing of ours with a few of its colours replaced


def draw(sketch: Callable[[Size], Sketch], sizes: tuple[Size, Size] = (WIDE, NARROW)) -> Drawing:
    """The chart that `sketch` makes for a size, in both sizes."""
    return Drawing(*(_picture(sketch(size)) for size in sizes))


def _picture(sketch: Sketch) -> Picture:
    svg = render(sketch.option, *sketch.size)
    markup = Markup(svg) if svg else None  # noqa: S704 - the engine lets known elements through and escapes every text
    return Picture(sketch.size, markup, sketch.spots)
