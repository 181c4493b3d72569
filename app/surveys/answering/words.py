"""What scores are called, for everybody who works with answers."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import gettext as _

from app.journeys.words import emotion_words
from app.metrics.emotion import mask_of, ranks_of
from app.surveys.answering.rules import Band, Scores, band
from app.surveys.design.question_types.emotion import feelings


def score_words(scores: Scores) -> list[str]:
    """Each score on its scale: "NPS 3 of 10", "CES 2 of 7", "felt anger"."""
    parts = [
        _("NPS %(score)s of 10", score=scores.nps) if scores.nps is not None else "",
        _("CSAT %(score)s of 5", score=scores.csat) if scores.csat is not None else "",
        _("CES %(score)s of 7", score=scores.ces) if scores.ces is not None else "",
        _("felt %(feelings)s", feelings=feelings(scores.emotion)) if scores.emotion is not None else "",
    ]
    return [part for part in parts if part]


def felt(emotion: int) -> list[tuple[LazyString, Band | None]]:
    """Each feeling of an answer with its band, for the eye."""
    return [(emotion_words(rank), band(Scores(emotion=mask_of([rank])))) for rank in ranks_of(emotion)]
