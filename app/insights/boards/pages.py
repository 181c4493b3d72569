"""What each board shows: the admin's strip, the agent's own work, and what the figures say to those who read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from app.insights.boards import queries, words
from app.insights.boards.rules import Window
from app.insights.figures import trend


def overview(now: datetime) -> dict[str, Any]:
    """What stands on every board: the north star, and how everybody's promises were kept."""
    return _board(queries.window(now))


def agent(user_id: UUID, now: datetime) -> dict[str, Any]:
    """One person's cases and thanks, and the promises they kept themselves."""
    seen = queries.window(now)
    return {**_board(seen, user_id), "mine": queries.mine(user_id, seen)}


def analyst(now: datetime) -> dict[str, Any]:
    """The one figure, what moved it, where causes lie, and customers in their own words."""
    seen = queries.window(now)
    page = _board(seen)
    metric = page["star"].metric
    moves, looked_at = queries.moves(metric, seen)
    return {
        **page,
        "moves": moves,
        "looked_at": looked_at,
        "causes": queries.causes(seen),
        "coverage": queries.coverage(seen),
        "voices": queries.voices(metric, seen),
    }


def _board(seen: Window, owner_id: UUID | None = None) -> dict[str, Any]:
    star = queries.north_star(seen)
    kept = queries.loop(seen, owner_id)
    line = trend.year(star.metric, star.year, star.months, is_compact=True)
    return {"star": star, "trend": line, "query": seen.query, "loop_kept": kept, **words.board_words(star)}
