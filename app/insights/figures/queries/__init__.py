"""Reading figures: `answers` (which count), `figure` (what they amount to, by dimension), `page` (and in words)."""

from __future__ import annotations

from app.insights.figures.queries.answers import Counted
from app.insights.figures.queries.figure import (
    MOST_ROWS,
    change_in_words,
    figure,
    first_answered,
    named_rows,
)
from app.insights.figures.queries.page import Line, Lines, lines

__all__ = [
    "MOST_ROWS",
    "Counted",
    "Line",
    "Lines",
    "change_in_words",
    "figure",
    "first_answered",
    "lines",
    "named_rows",
]
