"""ECharts inside Python: `render` turns an option into an SVG that carries no style, no script and no foreign address.

One interpreter per process, made when the first chart is drawn (so never before a fork) and used by one thread at a
time. It has neither files nor network, and is stopped when it takes too much time or memory; then there is no drawing,
and the page shows its table alone.
"""

from __future__ import annotations

import json
import logging
import os
import re
import threading
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

import quickjs

from app.web.assets import STATIC_ROOT

BUNDLE = STATIC_ROOT.parent / "server" / "charts.js"
MOST_SECONDS = 2
_MOST_BYTES = 128 * 2**20
_MOST_KEPT = 512
# The library asks for timers and a console when it starts; it is given none.
_HOST = "globalThis.setTimeout = () => 0; globalThis.clearTimeout = () => {};"

_SVG = "http://www.w3.org/2000/svg"
_KEPT_ELEMENTS = {"svg", "g", "path", "rect", "circle", "line", "polyline", "polygon", "text", "tspan"}
_KEPT_ATTRIBUTES = {
    *("viewBox", "width", "height", "x", "y", "dx", "dy", "d", "points", "r", "rx", "cx", "cy", "transform"),
    *("fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linecap"),
    *("stroke-linejoin", "text-anchor", "dominant-baseline", "font-size", "font-weight"),
}
_NEGATIVE = re.compile(r"-(?=\d)")

log = logging.getLogger(__name__)
_lock = threading.Lock()
_made: tuple[int, Any] | None = None


def render(option: Mapping[str, Any], width: int, height: int) -> str | None:
    """The SVG of an ECharts option, or None when it could not be drawn; colours may be `var(--name)`."""
    try:
        return _rendered(json.dumps(option, sort_keys=True), width, height)
    except (quickjs.JSException, quickjs.StackOverflow, ElementTree.ParseError, OSError) as error:
        log.warning("a chart could not be drawn: %s", error)
        _forget()
        return None


@lru_cache(maxsize=_MOST_KEPT)
def _rendered(option: str, width: int, height: int) -> str:
    with _lock:
        drawn: str = json.loads(_draw_chart()(option, width, height))
    return clean(drawn)


def _draw_chart() -> Any:
    global _made
    if _made is None or _made[0] != os.getpid():
        context = quickjs.Context()
        context.set_memory_limit(_MOST_BYTES)
        context.set_time_limit(MOST_SECONDS)
        context.eval(_HOST)
        context.eval(BUNDLE.read_text("utf-8"))
        _made = os.getpid(), context.get("drawChart")
    return _made[1]


def _forget() -> None:
    """Begin anew after a failure: an interpreter that was stopped in the middle is not to be trusted."""
    global _made
    with _lock:
        _made = None


def clean(svg: str) -> str:
    """The drawing with known elements and attributes only: what our policy forbids in a page is gone.

    Raises ParseError for what is no XML.
    """
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own library's output, which knows no document type
    _clean(root)
    ElementTree.register_namespace("", _SVG)
    return ElementTree.tostring(root, encoding="unicode")


def _clean(element: ElementTree.Element) -> None:
    # A page's style sheet may not be written into the page: what the library says by style becomes attributes.
    declared = [one.split(":", 1) for one in element.attrib.pop("style", "").split(";") if ":" in one]
    given = {**element.attrib, **{name.strip(): value.strip() for name, value in declared}}
    element.attrib.clear()
    element.attrib.update({name: value for name, value in given.items() if name in _KEPT_ATTRIBUTES})
    if element.text:
        element.text = _NEGATIVE.sub("\N{MINUS SIGN}", element.text) if element.text.strip() else None
    element.tail = None
    for child in list(element):
        if child.tag.removeprefix(f"{{{_SVG}}}") in _KEPT_ELEMENTS:
            _clean(child)
        else:
            element.remove(child)
