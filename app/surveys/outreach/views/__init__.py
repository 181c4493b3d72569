"""The pages of outreach: rules for staff, and the one with which a customer stops being asked."""

from __future__ import annotations

from app.surveys.outreach.views import rulebook, unsubscribe
from app.surveys.outreach.views.blueprints import bp, unsubscribe_bp

__all__ = ["bp", "rulebook", "unsubscribe", "unsubscribe_bp"]
