"""The pages of outreach: rules for staff, and the one with which a customer stops being asked."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("outreach", __name__, template_folder="../templates", url_prefix="/t/<tenant>/outreach")
unsubscribe_bp = Blueprint("unsubscribe", __name__, template_folder="../templates", url_prefix="/u")

from app.surveys.outreach.views import rulebook, unsubscribe  # noqa: E402 - they hang on the blueprints

__all__ = ["bp", "rulebook", "unsubscribe", "unsubscribe_bp"]
