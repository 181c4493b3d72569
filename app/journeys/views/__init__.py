"""The pages of who delivers what: journeys, touchpoints, departments, and the partners with what they deliver.

The partner pages stand here and not in the partners room, because they show touchpoints.
"""

from __future__ import annotations

from app.journeys.views import board, departments, partner_people, partner_targets, partners, touchpoints
from app.journeys.views.blueprints import bp, partners_bp

__all__ = ["board", "bp", "departments", "partner_people", "partner_targets", "partners", "partners_bp", "touchpoints"]
