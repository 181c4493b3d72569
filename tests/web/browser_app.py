"""The pages that the browser tests drive: a live list, a form that htmx sends, and a survey with its server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, jsonify, render_template_string, request

from app.web.frame import Frame
from app.web.htmx import conditional

bp = Blueprint("driven", __name__, url_prefix="/driven")
FRAME = Frame("Acme", "/", [], "Alice", "alice@acme.example", "/sign-out", search_url="/search")

ROWS = """{% for row in rows %}<tr id="row-{{ row }}" data-key-item>
<td><a href="#{{ row }}" data-key-open>{{ row }} {{ words }}</a>
<input type="checkbox" aria-label="{{ row }}" data-key-select></td></tr>{% endfor %}"""
PAGE = (
    """{% extends "web/frame.html" %}{% from "components/table.html" import table %}
{% from "components/live.html" import live_notice %}{% set page_title = "Live" %}
{% block content %}{{ live_notice("queue") }}
{% call table("Queue", [{"text": "Row"}], "Nothing yet", id="queue", live_address="/driven/rows", live_seconds=1,
  has_keys=true) %}"""
    + ROWS
    + """{% endcall %}
<button hx-post="/driven/save" hx-target="#saved" data-hotkey="c">Save</button>
<button hx-post="/driven/refuse" hx-target="#saved" id="refuse">Refuse</button><div id="saved"></div>{% endblock %}"""
)
SURVEY = """{% extends "respond/base.html" %}{% from "components/respond/form.html" import respond_form %}
{% block content %}<h1>Survey</h1>{{ respond_form("/driven/survey", questions, revision) }}{% endblock %}"""
THANKS = '{% extends "respond/base.html" %}{% block content %}<h1>Thank you</h1>{% endblock %}'


@dataclass
class State:
    """What the pages show and what the server has been asked."""

    rows: list[str] = field(default_factory=lambda: ["a", "b"])
    words: str = "waits"
    polls: list[int] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)
    revision: int = 0
    saves: list[dict[str, Any]] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)


state = State()


@bp.get("/live")
def live() -> str:
    return render_template_string(PAGE, frame=FRAME, rows=state.rows, words=state.words)


@bp.get("/rows")
def rows() -> Response:
    answer = conditional(render_template_string(ROWS, rows=state.rows, words=state.words))
    # As on the tenant's pages: the browser keeps nothing, so that only our own memory of the ETag can help.
    answer.headers["Cache-Control"] = "no-store"
    state.polls.append(answer.status_code)
    return answer


@bp.post("/save")
def save() -> str:
    return "saved"


@bp.post("/refuse")
def refuse() -> Response:
    from app.kernel.errors import Conflict

    raise Conflict("Somebody closed it already.")


@bp.get("/survey")
def survey() -> str:
    return render_template_string(
        SURVEY, brand={"name": "Acme"}, page_title="Survey", questions=state.questions, revision=state.revision
    )


@bp.post("/survey")
def answer() -> Any:
    if not request.is_json:
        state.forms.append(request.form.to_dict())
        return render_template_string(THANKS, brand={"name": "Acme"}, page_title="Thank you")
    if state.refusals:
        return "", state.refusals.pop(0)
    state.saves.append(request.get_json())
    return jsonify(response="r", status="started", revision=state.saves[-1]["revision"])
