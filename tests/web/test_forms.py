"""Forms of pages read what a browser sends as one, and nothing else."""

from __future__ import annotations

from io import BytesIO

from flask import Flask
from flask_openapi3 import OpenAPI
from flask_wtf import FlaskForm
from wtforms import StringField

from app.web.forms import PageForm


class _Named(PageForm):
    name = StringField()


def test_a_form_is_filled_with_texts_alone() -> None:
    app = Flask(__name__)
    app.secret_key = "a secret for this test"
    found = {}
    for how, sent in {
        "form": {"data": {"name": "Ana"}},
        "json": {"json": {"name": "Ana"}},
        "list": {"json": [1]},
        "file": {"data": {"name": (BytesIO(b"x"), "Ana")}},
        "nothing": {},
    }.items():
        with app.test_request_context(method="POST", **sent):
            found[how] = _Named(name="as it was").name.data
    assert found.pop("form") == "Ana"
    assert found == dict.fromkeys(("json", "list", "file", "nothing"), "as it was")


def test_all_forms_are_of_this_kind(application: OpenAPI) -> None:
    ours = [form for form in FlaskForm.__subclasses__() if form.__module__.startswith("app.")]
    assert ours == [PageForm], "a form of a page is a PageForm"
