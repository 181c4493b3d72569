"""The blueprints that the pages of this folder hang on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("journeys", __name__, template_folder="../templates", url_prefix="/t/<tenant>")
partners_bp = Blueprint("partners", __name__, template_folder="../templates", url_prefix="/t/<tenant>/partners")
