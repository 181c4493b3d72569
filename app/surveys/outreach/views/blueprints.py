"""The blueprints that the pages of this folder hang on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("outreach", __name__, template_folder="../templates", url_prefix="/t/<tenant>/outreach")
unsubscribe_bp = Blueprint("unsubscribe", __name__, template_folder="../templates", url_prefix="/u")
