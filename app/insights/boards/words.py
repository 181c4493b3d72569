"""How the boards speak of their figures: the definition of each, its window, and promises kept."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from app.insights.boards.queries import NorthStar
from app.insights.boards.rules import WINDOW_DAYS
from app.insights.figures.words import METRIC_WORDS, change_words, page_words
from app.loop.causes.labels import CAUSES


def board_words(star: NorthStar) -> dict[str, Any]:
    """What the templates of the boards need to speak of their figures."""
    found, moved = page_words(star.metric), star.change
    about = {
        "definition": found["sentence"],
        "window": _("The last %(days)s days; the chart shows twelve months.", days=WINDOW_DAYS),
        "basis": _("Day of the answer"),
    }
    return {
        **found,
        "about": about,
        "change": change_words(star.metric, moved, is_real=moved.is_significant) if moved else None,
        "metric_name": METRIC_WORDS[star.metric],
        "cause_words": CAUSES,
        "move_words": change_words,
        "window_days": WINDOW_DAYS,
    }
