"""The first page of each role."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.desk import queries
from app.tenants.access import member, permission, tenant

bp = Blueprint("desk", __name__, template_folder="templates", url_prefix="/t/<tenant>")


@bp.get("/")
@permission("home")
def home() -> str | Response:
    """Where a role starts: the admin's overview, the agent's inbox, the reader's figures."""
    if member().may("settings.edit"):
        return render_template("desk/home.html", facts=queries.overview())
    start = "cases.inbox" if member().may("cases.work") else "figures.index"
    return redirect(url_for(start, tenant=tenant().slug))
