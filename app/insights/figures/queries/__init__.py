"""Reading figures: `answers` (which count) and `figure` (what they amount to, by dimension)."""

from __future__ import annotations

from app.insights.figures.queries.answers import Counted, timezone
from app.insights.figures.queries.figure import (
    MOST_ROWS,
    change_in_words,
    figure,
    first_answered,
    named_rows,
)

__all__ = ["MOST_ROWS", "Counted", "change_in_words", "figure", "first_answered", "named_rows", "timezone"]
