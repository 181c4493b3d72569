"""The agent's pages: the inbox, a case, and what can be done on it. Each act is a POST that answers the case again."""

from __future__ import annotations

from app.loop.cases.views import acts, inbox, page, partner
from app.loop.cases.views.blueprints import bp

__all__ = ["acts", "bp", "inbox", "page", "partner"]
