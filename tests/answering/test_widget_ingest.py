"""The widget's addresses: the script with the survey inside, which pages may answer, what becomes of the answers."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any

import brotli
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.kernel import tokens
from app.kernel.db import db
from app.kernel.errors import Conflict
from app.kernel.ids import new_id
from app.surveys.answering.models import Response, Widget
from app.surveys.answering.service import add_widget, change_widget
from app.surveys.answering.service.widgets import as_input
from app.surveys.answering.widget_rules import WidgetInput
from app.surveys.design.service import close_survey, reopen_survey, save_draft
from tests.cast import Cast
from tests.factories.answering import stored
from tests.factories.journeys import make_department, make_touchpoint
from tests.factories.surveys import follow_up_definition, make_survey
from tests.factories.widgets import SITE, address_of, asking, make_widget, two_questions
from tests.queries import count_queries
from tests.surveys.every_type import definition as every_type

KEY = "made-by-the-page"
FULL = {"nps": 3, "why": "Late again"}


def call(cast: Cast, method: str, address: str, origin: str | None = SITE, **options: Any) -> TestResponse:
    """A request as a page of `origin` makes it."""
    client: FlaskClient = cast.app.test_client()
    headers = {"Origin": origin} if origin is not None else {}
    with cast.app.app_context():  # a request must not find what an earlier one left in `g`
        return client.open(address, method=method, headers={**headers, **options.pop("headers", {})}, **options)


def post(cast: Cast, widget: Widget, answers: Any = None, origin: str | None = SITE, **more: Any) -> TestResponse:
    body = {"key": KEY, "answers": FULL if answers is None else answers, "complete": True, "revision": 1, **more}
    return call(cast, "POST", f"{address_of(cast, widget)}/responses", origin, json=body)


def script(cast: Cast, widget: Widget, query: str = "", **headers: str) -> TestResponse:
    return call(cast, "GET", f"{address_of(cast, widget)}.js{query}", None, headers=headers)


def contents(answer: TestResponse) -> dict[str, Any]:
    """What the script is called with."""
    text = answer.get_data(as_text=True)
    found: dict[str, Any] = json.loads(text[text.rindex("})({") + 3 : text.rindex("}") + 1])
    return found


def count(cast: Cast) -> int:
    with cast.scope():
        return db.session.query(Response).count()


def alter(cast: Cast, widget: Widget, **fields: Any) -> None:
    with cast.scope():
        row = db.session.query(Widget).filter_by(id=widget.id).one()
        given = as_input(row)
        db.session.rollback()
        change_widget(widget.id, type(given)(**{**vars(given), **fields}))


# --- what the page loads ---


def test_the_script_brings_everything(cast: Cast) -> None:
    answer = script(cast, make_widget(cast), **{"Accept-Encoding": "gzip"})
    assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
    assert answer.headers["Content-Encoding"] == "gzip"
    text = gzip.decompress(answer.data).decode()
    assert "How likely is it that you would recommend" in text and "attachShadow" in text
    forbidden = ("eval(", "new Function", "innerHTML", "insertAdjacentHTML", "document.write", ".cookie", ".style")
    assert [word for word in forbidden if word in text] == []


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0, gzip", "gzip"),
        ("gzip", "gzip"),
        ("*", "br"),
        ("deflate", None),
        ("", None),
    ],
)
def test_it_is_packed_as_the_browser_can_unpack_it(cast: Cast, accepted: str, coding: str | None) -> None:
    widget = make_widget(cast)
    unpacked = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[coding]
    for _turn in range(2):
        answer = script(cast, widget, **{"Accept-Encoding": accepted})
        assert answer.headers.get("Content-Encoding") == coding and "Accept-Encoding" in answer.vary
        assert unpacked(answer.data) == script(cast, widget).data


def test_a_script_carries_what_its_questions_need_and_no_more(cast: Cast) -> None:
    text = script(cast, make_widget(cast, asking("nps", "date"))).get_data(as_text=True)
    assert re.findall(r"PARTS\.(\w+)=", text) == ["date"] and "IFS=[]" in text
    conditional = asking("nps", "text", "number")
    conditional["questions"][1]["show_if"] = {"<=": [{"var": "nps"}, 6]}
    text = script(cast, make_widget(cast, conditional)).get_data(as_text=True)
    assert re.findall(r"PARTS\.(\w+)=", text) == ["number", "text"]
    assert 'IFS=[,a=>((a["nps"]!=null)&&(a["nps"]<=6))]' in text


def test_it_is_cached_and_needs_no_cookie(cast: Cast) -> None:
    widget = make_widget(cast)
    first = script(cast, widget)
    assert first.headers["Cache-Control"] == "public, max-age=300" and "Set-Cookie" not in first.headers
    assert {"Accept-Language", "Accept-Encoding"} <= set(first.vary)
    again = script(cast, widget, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    packed = script(cast, widget, **{"If-None-Match": first.headers["ETag"], "Accept-Encoding": "gzip"})
    assert packed.status_code == 304
    alter(cast, widget, delay_seconds=3)
    assert script(cast, widget, **{"If-None-Match": first.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    ("query", "header", "spoken", "send"),
    [
        ("", "", "en", "Send"),
        ("?lang=zh-Hans", "", "zh-Hans", "发送"),
        ("?lang=zh-CN", "en", "zh-Hans", "发送"),
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans", "发送"),
        ("?lang=en", "zh-CN", "en", "Send"),
        ("?lang=xx", "zh-CN", "zh-Hans", "发送"),
        ("?lang=%00%FF", "", "en", "Send"),
    ],
)
def test_it_speaks_the_language_the_page_asks_for(cast: Cast, query: str, header: str, spoken: str, send: str) -> None:
    given = contents(script(cast, make_widget(cast), query, **({"Accept-Language": header} if header else {})))
    assert (given["locale"], given["words"]["send"]) == (spoken, send)


def test_words_of_another_language_are_marked(cast: Cast) -> None:
    definition = two_questions()
    definition["title"]["ar"] = "زيارتك"
    definition["questions"][0]["text"]["ar"] = "ما مدى احتمال أن توصي بنا؟"
    given = contents(script(cast, make_widget(cast, definition), "?lang=ar"))
    assert (given["locale"], given["lang"], given["dir"], given["title"]) == ("ar", "en", "rtl", ["زيارتك", "ar"])
    assert given["questions"][1]["text"] == "What is the main reason for your score?"


WIDGET_KEYS = {
    "": {"kind", "locale", "lang", "dir", "when", "title", "intro", "thanks", "questions", "words"},
    "when": {"paths", "delay", "scroll", "sample", "again"},
    "questions": {
        *("key", "draw", "text", "help", "required", "wrong", "look", "options", "ends", "parts", "least", "most"),
        *("decimals", "unit", "min", "max"),
    },
    "words": {"send", "close", "open", "optional", "required", "thanks", "readers", "kept", "closed"},
}
"""All that a widget tells everybody. What is added here is public."""


def test_the_script_tells_nothing_else(cast: Cast) -> None:
    definition = every_type(why={"help": {"en": "A few words"}, "required": True}, wait={"max": None})
    definition |= {"intro": {"en": "Hello"}, "thanks": {"en": "Bye"}}
    rules = {"paths": ("/a",), "delay_seconds": 1, "scroll_percent": 1, "sample_percent": 0, "again_after_days": 0}
    with cast.scope():
        make_touchpoint("secret-touchpoint", name="Secret touchpoint")
    secret = {"has_open_link": True, "touchpoint": "secret-touchpoint", "name": "Secret"}
    widget = make_widget(cast, definition, kind="button", **secret, **rules)
    given = contents(script(cast, widget))
    assert set(given) == WIDGET_KEYS[""] and given["when"] == {
        "paths": "^(/a)$",
        "delay": 1,
        "scroll": 1,
        "sample": 0,
        "again": 0,
    }
    assert set(given["when"]) == WIDGET_KEYS["when"] and set(given["words"]) == WIDGET_KEYS["words"]
    assert set().union(*given["questions"]) == WIDGET_KEYS["questions"]
    text = script(cast, widget).get_data(as_text=True)
    assert not [word for word in ("ecret", "shop.example", str(widget.id), str(widget.survey_id)) if word in text]


def test_texts_cannot_break_out_of_the_script(cast: Cast) -> None:
    hostile = "</script><script>alert(1)</script>\u2028'\"\\`${1}{{7*7}}"
    definition = two_questions()
    definition["questions"][0]["text"]["en"] = hostile
    answer = script(cast, make_widget(cast, definition))
    assert contents(answer)["questions"][0]["text"] == hostile
    assert "</script" not in answer.get_data(as_text=True).lower()


def test_what_asks_nobody_is_an_empty_script(cast: Cast) -> None:
    off, closed = make_widget(cast, is_active=False), make_widget(cast)
    with cast.scope():
        close_survey(closed.survey.key)
    for widget in (off, closed):
        answer = script(cast, widget)
        assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
        assert answer.get_data(as_text=True).startswith("/*") and len(answer.data) < 100
    with cast.scope():
        reopen_survey(closed.survey.key)
    assert contents(script(cast, closed))


@pytest.mark.parametrize(
    ("referrer", "is_shown"),
    [
        (f"{SITE}/", True),
        (f"{SITE}/cart?x=1", True),
        ("https://shop.example.evil.com/", False),
        ("http://shop.example/", False),
        ("http://[", True),
        ("about:blank", True),
    ],
)
def test_a_page_that_may_not_answer_shows_nothing(cast: Cast, referrer: str, is_shown: bool) -> None:
    answer = script(cast, make_widget(cast), Referer=referrer)
    assert answer.status_code == 200 and "Referer" in answer.vary
    assert ("attachShadow" in answer.get_data(as_text=True)) is is_shown


# --- who may answer ---


def test_a_listed_site_answers(cast: Cast) -> None:
    with cast.scope():
        make_department("care", "Care")
        make_touchpoint("shop", department="care")
    widget = make_widget(cast, touchpoint="shop")
    first = post(cast, widget)
    assert first.status_code == 201 and "Set-Cookie" not in first.headers
    response = stored(cast)
    assert response is not None and first.json == {"response": str(response.id), "status": "completed", "revision": 1}
    assert (response.source, response.nps, response.client_key, response.locale) == ("widget", 3, KEY, "en")
    assert response.touchpoint is not None and response.touchpoint.key == "shop"
    assert response.department_id is not None and response.customer_id is None and response.parked_at is None


def test_the_preflight_lets_listed_sites_in_and_no_other(cast: Cast) -> None:
    widget = make_widget(cast, sites=(SITE, "https://*.more.example"))
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    address = f"{address_of(cast, widget)}/responses"
    for origin in (SITE, "https://a.more.example"):
        answer = call(cast, "OPTIONS", address, origin, headers=asks)
        assert answer.status_code == 200 and answer.headers["Access-Control-Allow-Origin"] == origin
        assert answer.headers["Access-Control-Allow-Headers"] == "Content-Type"
        assert "POST" in answer.headers["Access-Control-Allow-Methods"]
        assert "Access-Control-Allow-Credentials" not in answer.headers and "Origin" in answer.vary
    for origin in (*HOSTILE, None):
        answer = call(cast, "OPTIONS", address, origin, headers=asks)
        assert not [name for name, _value in answer.headers if name.startswith("Access-Control")], origin
        assert "Origin" in answer.vary


HOSTILE = [
    "https://shop.example.evil.com",
    "https://evil-shop.example",
    "https://www.shop.example",
    "http://shop.example",
    "https://shop.example:8443",
    "https://shop.example/",
    "https://SHOP.example",
    "null",
    "",
    "*",
    "https://shop.example https://evil.com",
]


@pytest.mark.parametrize("origin", [*HOSTILE, None])
def test_another_site_is_refused(cast: Cast, origin: str | None) -> None:
    answer = post(cast, make_widget(cast), origin=origin)
    assert (answer.status_code, answer.mimetype) == (403, "application/problem+json")
    assert not [name for name, _value in answer.headers if name.startswith("Access-Control")]
    assert count(cast) == 0


def test_a_refusal_can_be_read_by_the_page(cast: Cast) -> None:
    answer = post(cast, make_widget(cast), {"nps": 11})
    assert answer.status_code == 422 and answer.headers["Access-Control-Allow-Origin"] == SITE


# --- the key ---


def test_bad_keys_are_nothing(cast: Cast, others: Cast) -> None:
    widget = make_widget(cast)
    good = tokens.issue("widget", cast.tenant_id, widget.id)
    wrong = [
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        tokens.issue("respond", cast.tenant_id, widget.id),
        tokens.issue("widget", others.tenant_id, widget.id),
        tokens.issue("widget", cast.tenant_id, new_id()),
        tokens.issue("widget", new_id(), widget.id),
        str(widget.id),
        "x",
    ]
    body = {"key": KEY, "answers": FULL, "complete": True}
    for key in wrong:
        answers = [call(cast, "GET", f"/w/{key}.js"), call(cast, "POST", f"/w/{key}/responses", json=body)]
        answers.append(call(cast, "OPTIONS", f"/w/{key}/responses"))
        assert [answer.status_code for answer in answers] == [404, 404, 404], key
        assert not [name for answer in answers for name, _value in answer.headers if name.startswith("Access-Control")]
    assert len({call(cast, "GET", f"/w/{key}.js").data for key in wrong}) == 1
    assert count(cast) == 0


def test_a_widget_that_is_off_takes_nothing_new(cast: Cast) -> None:
    widget = make_widget(cast)
    assert post(cast, widget).status_code == 201
    alter(cast, widget, is_active=False)
    assert post(cast, widget).status_code == 200, "what was answered is acknowledged again"
    refused = post(cast, widget, key="another-person")
    assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (410, SITE)
    assert count(cast) == 1


def test_a_closed_survey_takes_nothing(cast: Cast) -> None:
    widget = make_widget(cast)
    with cast.scope():
        close_survey(widget.survey.key)
    assert post(cast, widget).status_code == 410


# --- once ---


def test_twice_is_once(cast: Cast) -> None:
    widget = make_widget(cast)
    first, second = post(cast, widget), post(cast, widget)
    assert (first.status_code, second.status_code, first.json == second.json) == (201, 200, True)
    other = post(cast, widget, {"nps": 9}, revision=2)
    assert other.status_code == 409
    assert count(cast) == 1


def test_partial_answers_are_kept_and_overtaken_ones_are_old_news(cast: Cast) -> None:
    widget = make_widget(cast)
    assert post(cast, widget, {"nps": 3}, complete=False, revision=1).status_code == 201
    late = post(cast, widget, {"nps": 3, "why": "Late"}, complete=True, revision=3)
    assert (late.status_code, late.json["status"]) == (200, "completed")
    assert post(cast, widget, {"nps": 9}, complete=False, revision=2).json == late.json
    response = stored(cast)
    assert response is not None and (response.nps, response.comment_redacted, response.revision) == (3, "Late", 3)


def test_two_scores_in_a_moment_are_parked(cast: Cast) -> None:
    widget = make_widget(cast)
    post(cast, widget, {"nps": 3}, complete=False)
    post(cast, widget, {"nps": 9}, revision=2)
    response = stored(cast)
    assert response is not None and response.parked_reason == "two_scores"


# --- what is sent ---

BODIES: dict[str, tuple[dict[str, Any], int]] = {
    "no JSON": ({"data": b"nps=3", "content_type": "application/x-www-form-urlencoded"}, 400),
    "JSON as plain text": ({"data": json.dumps({"key": KEY, "answers": FULL}), "content_type": "text/plain"}, 400),
    "cut off": ({"data": b'{"key": "', "content_type": "application/json"}, 400),
    "not UTF-8": ({"data": b'{"key": "\xff"}', "content_type": "application/json"}, 400),
    "deeply nested": ({"data": b"[" * 100_000, "content_type": "application/json"}, 400),
    "too large": ({"json": {"key": KEY, "answers": {"why": "x" * 300_000}}}, 413),
    "a list": ({"json": []}, 422),
    "without a key": ({"json": {"answers": FULL}}, 422),
    "a short key": ({"json": {"key": "short", "answers": FULL}}, 422),
    "a key of another type": ({"json": {"key": 12345678, "answers": FULL}}, 422),
    "a key with spaces": ({"json": {"key": "made by the page", "answers": FULL}}, 422),
    "a long key": ({"json": {"key": "k" * 101, "answers": FULL}}, 422),
    "an unknown field": ({"json": {"key": KEY, "answers": FULL, "customer": "eve@example.com"}}, 422),
    "no answers": ({"json": {"key": KEY, "answers": {}, "complete": True}}, 422),
    "an unknown question": ({"json": {"key": KEY, "answers": {"nps": 3, "email": "e@example.com"}}}, 422),
    "a score as a text": ({"json": {"key": KEY, "answers": {"nps": "3"}}}, 422),
    "a revision that is no number": ({"json": {"key": KEY, "answers": FULL, "revision": "1"}}, 422),
    "NUL": ({"json": {"key": KEY, "answers": {"nps": 3, "why": "a\0b"}}}, 422),
}


@pytest.mark.parametrize("case", BODIES)
def test_bad_bodies_are_refused(cast: Cast, case: str) -> None:
    options, status = BODIES[case]
    answer = call(cast, "POST", f"{address_of(cast, make_widget(cast))}/responses", **options)
    assert (answer.status_code, count(cast)) == (status, 0), answer.text


def test_too_often_is_told_to_wait(cast: Cast) -> None:
    widget, other = make_widget(cast), make_widget(cast)
    for _turn in range(130):
        answer = post(cast, widget)
        if answer.status_code == 429:
            break
    assert answer.status_code == 429 and answer.headers["Access-Control-Allow-Origin"] == SITE
    assert 0 < int(answer.headers["Retry-After"]) <= 61
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
    assert post(cast, other).status_code == 201, "another widget is not held up"


def test_statements_are_few(cast: Cast) -> None:
    widget = make_widget(cast)
    script(cast, widget)
    with count_queries() as loading:
        script(cast, widget)
    with count_queries() as answering:
        post(cast, widget)
    assert len(loading) <= 4, loading
    assert len(answering) <= 9, answering
    assert not [statement for statement in loading if not statement.startswith("SELECT")]


# --- which surveys ---


def test_a_survey_about_a_case_cannot_be_embedded(cast: Cast) -> None:
    with cast.scope():
        survey = make_survey("after", follow_up_definition(), kind="follow_up")
        with pytest.raises(Conflict):
            add_widget(survey.key, WidgetInput("Shop", "popover", (SITE,)))


def test_a_draft_asks_nobody(cast: Cast) -> None:
    with cast.scope():
        save_draft("plan", "Plan", None, None, two_questions())
        widget = add_widget("plan", WidgetInput("Shop", "popover", (SITE,)))
    assert script(cast, widget).get_data(as_text=True).startswith("/*")
    assert post(cast, widget).status_code == 404


# What anybody can read in the script of a widget. Whoever adds a name here has asked whether strangers may know it.
PUBLIC = {
    *("kind", "locale", "lang", "dir", "when", "title", "intro", "thanks", "questions", "words"),
    *("paths", "delay", "scroll", "sample", "again"),
    *("key", "draw", "look", "text", "help", "parts", "options", "ends", "unit", "wrong"),
    *("min", "max", "least", "most", "decimals"),
}


def names_in(value: Any) -> set[str]:
    """Every name of every object in it, but those of our own words, which stand in a list of their own."""
    if isinstance(value, dict):
        return {*value, *(name for key, part in value.items() if key != "words" for name in names_in(part))}
    return {name for part in value for name in names_in(part)} if isinstance(value, list) else set()


def test_a_script_tells_strangers_what_is_on_the_list_and_nothing_else(cast: Cast) -> None:
    """Names of things inside, addresses and rules about whom to ask have leaked from other services this way."""
    widget = make_widget(cast, every_type(), paths=("/thanks",), delay_seconds=5, scroll_percent=10, sample_percent=50)
    answer = script(cast, widget)
    assert names_in(contents(answer)) <= PUBLIC
    with cast.scope():
        survey = db.session.merge(widget).survey
        inside = (str(cast.tenant_id), str(survey.id), survey.key, widget.name)
    assert [name for name in inside if name in answer.text] == []
