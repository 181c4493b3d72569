"""The agent's pages: the inbox, a case, and what can be done on it. Each act is a POST that answers the case again."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("cases", __name__, template_folder="../templates", url_prefix="/t/<tenant>/cases")

from app.loop.cases.views import acts, inbox, page, partner  # noqa: E402, F401 - they add their routes to the blueprint
