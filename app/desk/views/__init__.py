"""The pages of this room: each role's home and the search here, the customers' pages in customers.py."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.desk import navigation
from app.desk.queries import overview, search
from app.desk.rules import read_search
from app.tenants import audit_words
from app.tenants.access import member, permission, tenant

bp = Blueprint("desk", __name__, template_folder="../templates", url_prefix="/t/<tenant>")


@bp.get("/")
@permission("home")
def home() -> str | Response:
    """Where a role starts: the admin's overview, the agent's inbox, the reader's figures."""
    if member().may("settings.edit"):
        return render_template("desk/home.html", facts=overview.overview(), **audit_words.page_words())
    start = "cases.inbox" if member().may("cases.work") else "figures.index"
    return redirect(url_for(start, tenant=tenant().slug))


@bp.get("/search")
@permission("home")
def find() -> str:
    """What a few letters or a number may mean: people, cases, surveys, touchpoints, partners, pages."""
    wanted = read_search(request.args.get("q", ""))
    hits, pages = search.find(wanted, member().may), navigation.find_pages(wanted.text)
    return render_template("desk/search.html", wanted=wanted, hits=hits, pages=pages)
