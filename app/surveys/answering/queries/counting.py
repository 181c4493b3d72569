"""Which responses count in a figure: the one rule that figures share with the lists of what is behind them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, or_
from sqlalchemy.orm import aliased

from app.surveys.answering.models import Response


def counts(metric: str) -> ColumnElement[bool]:
    """Whether a response counts in the figure of this metric (the name of its column).

    It does with an answer to it, complete or partial, unless it is parked or over the plan. Of several answers to one
    interaction the latest counts, one without interaction always does. Kinds of survey are told apart by whoever asks.
    """
    is_latest = or_(Response.interaction_id.is_(None), ~_has_later(metric))
    return getattr(Response, metric).is_not(None) & is_kept() & is_latest


def is_kept(response: type[Response] = Response) -> ColumnElement[bool]:
    """Whether a response is neither parked nor over the plan; such a one is in no figure."""
    return response.parked_at.is_(None) & response.over_plan_month.is_(None)


def _has_later(metric: str) -> ColumnElement[bool]:
    later = aliased(Response)
    newer = (later.answered_at > Response.answered_at) | (
        (later.answered_at == Response.answered_at) & (later.id > Response.id)
    )
    return exists().where(
        later.tenant_id == Response.tenant_id,
        later.interaction_id == Response.interaction_id,
        later.survey_kind == Response.survey_kind,
        getattr(later, metric).is_not(None),
        is_kept(later),
        newer,
    )
