"""Every component in every state on one page, for those who build pages: /dev/components.

Mounted where the /dev pages are (the embedded start, loopback only). The words are sample values, not for readers.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from app.web import preview_charts
from app.web.frame import Frame, Language, NavEntry
from app.web.htmx import conditional

preview = Blueprint("preview", __name__, url_prefix="/dev/components")

_FRAME = Frame(
    tenant_name="Acme Home Goods",
    home_url="/dev/components",
    nav=[
        NavEntry("Home", "/dev/components", icon="home", active=True),
        NavEntry("Journeys", "#journeys", icon="route"),
        NavEntry("Surveys", "#surveys", icon="message-question"),
        NavEntry("Outreach", "#outreach", icon="send"),
        NavEntry("Cases", "#cases", icon="inbox"),
        NavEntry("Figures", "#figures", icon="chart-bar"),
        NavEntry("Partners", "#partners", icon="building-store"),
        NavEntry("Settings", "#settings", icon="settings"),
    ],
    user_name="Alice Chen",
    user_email="alice@acme.example",
    sign_out_url="#sign-out",
    account_url="#account",
    search_url="/dev/components",
    language_url="#language",
    languages=[Language("en", "English", active=True), Language("zh-Hans", "简体中文")],
)
_ABOUT = {
    "definition": "Share of promoters (9-10) less share of detractors (0-6), in points.",
    "question": "How likely is it that you would recommend Acme to a friend or colleague?",
    "window": "1 to 31 January, Asia/Shanghai",
    "basis": "day of the response",
}
_NPS = {
    "key": "nps",
    "type": "nps",
    "text": "How likely is it that you would recommend Acme to a friend or colleague?",
    "required": True,
}
_WHY = {
    "key": "why",
    "type": "text",
    "text": "What is the main reason for your score?",
    "help": "A few words are enough.",
}
_CHOICE = {
    "key": "late",
    "type": "choice",
    "text": "What went wrong?",
    "show_if": {"<=": [{"var": "nps"}, 6]},
    "hidden": True,
    "options": [{"key": "late", "text": "It came late"}, {"key": "damaged", "text": "It was damaged"}],
}
_CSAT = {"key": "csat", "type": "csat", "text": "How satisfied are you with the delivery?"}
_CES = {"key": "ces", "type": "ces", "text": "Acme made it easy for me to get this done."}
_EXPECTATION = {"key": "hoped", "type": "expectation", "text": "How good was the packaging, and what had you expected?"}
_EMOTION = {
    "key": "feelings",
    "type": "emotion",
    "text": "Which feelings describe this moment?",
    "note": "Choose up to three.",
    "most": 3,
    "options": [
        {"key": rank, "text": word} for rank, word in ((14, "happy"), (2, "anger"), (11, "calm"), (6, "worry"))
    ],
}
_MULTIPLE = {
    "key": "parts",
    "type": "multiple",
    "text": "What did you like?",
    "note": "Choose all that apply.",
    "options": [{"key": "driver", "text": "The driver"}, {"key": "box", "text": "The box"}],
}
_NUMBER = {
    "key": "wait",
    "type": "number",
    "text": "How long did you wait?",
    "unit": {"text": "minutes"},
    "least": 0,
    "most": 120,
}
_DATE = {"key": "day", "type": "date", "text": "On which day was it?"}
_QUESTIONS = (_NPS, _WHY, _CHOICE, _CSAT, _CES, _EMOTION, _EXPECTATION, _MULTIPLE, _NUMBER, _DATE)
_CHOSEN = {
    "nps": 9,
    "why": "It came a day early.",
    "ces": 6,
    "feelings": [14, 11],
    "hoped": {"expected": 4, "perceived": 6},
    "parts": ["box"],
    "wait": 5,
    "day": "2026-01-12",
}


@preview.get("")
def components() -> str:
    """The staff components."""
    return render_template("web/preview.html", frame=_FRAME, about=_ABOUT, **preview_charts.samples())


@preview.get("/rows")
def rows() -> Any:
    """What the live table on the page polls: one row more each time it is asked with another ?n."""
    return conditional(render_template("web/_preview_rows.html", count=request.args.get("n", 3, type=int)))


@preview.get("/sign-in")
def sign_in() -> str:
    """The centred card."""
    return render_template("web/preview_plain.html")


@preview.get("/respond")
def respond() -> str:
    """The customer's page; ?faulty shows its errors, ?chosen its answers."""
    answers = _CHOSEN if "chosen" in request.args else {}
    faults = {"nps": "Please choose a number."} if "faulty" in request.args else {}
    questions = [
        {**question, "value": answers.get(str(question["key"])), "error": faults.get(str(question["key"]))}
        for question in _QUESTIONS
    ]
    return render_template("web/preview_respond.html", brand={"name": "Acme Home Goods"}, questions=questions)


@preview.get("/thanks")
def thanks() -> str:
    """The page after sending."""
    lines = ["Li from the delivery team reads this today.", "You can close this page."]
    return render_template(
        "respond/message.html",
        brand={"name": "Acme Home Goods", "accent": "#8a2be2"},
        page_title="Thank you",
        lines=lines,
    )
