"""The pages of who delivers what: journeys, touchpoints, departments, and the partners with what they deliver.

The partner pages stand here and not in the partners room, because they show touchpoints.
"""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("journeys", __name__, template_folder="../templates", url_prefix="/t/<tenant>")
partners_bp = Blueprint("partners", __name__, template_folder="../templates", url_prefix="/t/<tenant>/partners")

from app.journeys.views import board, departments, partner_people, partner_targets, partners, touchpoints  # noqa: E402 - they hang on the blueprints

__all__ = ["board", "bp", "departments", "partner_people", "partner_targets", "partners", "partners_bp", "touchpoints"]
