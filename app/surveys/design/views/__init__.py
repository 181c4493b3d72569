"""The pages of survey design: the list, the builder, the preview, publishing and the versions."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("surveys", __name__, template_folder="../templates", url_prefix="/t/<tenant>/surveys")

from app.surveys.design.views import builder, preview, publishing, surveys  # noqa: E402 - they hang on the blueprint

__all__ = ["bp", "builder", "preview", "publishing", "surveys"]
