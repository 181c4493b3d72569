"""The blueprint that the pages of this folder hang on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("cases", __name__, template_folder="../templates", url_prefix="/t/<tenant>/cases")
