"""The pages of survey design: the list, the builder, the preview, publishing and the versions."""

from __future__ import annotations

from app.surveys.design.views import builder, preview, publishing, surveys
from app.surveys.design.views.blueprints import bp

__all__ = ["bp", "builder", "preview", "publishing", "surveys"]
