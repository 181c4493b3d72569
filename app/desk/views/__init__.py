"""The pages of this room: each role's home and the search here, the customers' pages in customers.py."""

from __future__ import annotations

from flask import render_template, request

from app.desk import navigation
from app.desk.queries import overview, search
from app.desk.rules import read_search
from app.desk.views import start
from app.desk.views.blueprint import bp
from app.insights.boards import pages as boards
from app.kernel import clock
from app.tenants import audit_words
from app.tenants.access import member, permission

__all__ = ["bp", "start"]


@bp.get("/")
@permission("home")
def home() -> str:
    """Where a role starts: how everything runs, one's own cases, or what the figures say."""
    now = clock.now()
    if member().may("settings.edit"):
        board = boards.overview(now)
        return render_template("desk/home.html", facts=overview.overview(), **audit_words.page_words(), **board)
    if member().may("cases.work"):
        return render_template("desk/agent.html", **boards.agent(member().user_id, now))
    return render_template("desk/analyst.html", **boards.analyst(now))


@bp.get("/search")
@permission("home")
def find() -> str:
    """What a few letters or a number may mean: people, cases, surveys, touchpoints, partners, pages."""
    wanted = read_search(request.args.get("q", ""))
    hits, pages = search.find(wanted, member().may), navigation.find_pages(wanted.text)
    return render_template("desk/search.html", wanted=wanted, hits=hits, pages=pages)
