"""The audit is searched by who, what, thing, time and words, page by page, and taken out as a file that says so."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.kernel import clock
from app.kernel.db import atomic
from app.kernel.errors import Forbidden
from app.kernel.ids import new_id
from app.kernel.pagination import next_cursor
from app.kernel.scope import Actor, acting
from app.tenants import audit, service
from app.tenants.trail import export, queries, rules
from app.tenants.trail.queries import Wanted
from tests.audits import list_audit
from tests.cast import PASSWORD, Cast
from tests.queries import count_queries

KEY = UUID(int=9)


def did(person: str, action: str, subject: str, *, actor: Actor | None = None, **after: Any) -> None:
    who = actor or Actor("user", new_id(), person, "192.0.2.7", "Firefox, Linux")
    with atomic(), acting(who):
        audit.record(action, action.partition(".")[0], subject, after=after or {"key": subject})


@pytest.fixture
def told(cast: Cast) -> Cast:
    """A tenant in which a few people did a few things, all sealed."""
    with cast.scope():
        did("Zoë Ångström", "survey.published", "delivery-nps", name="Delivery, Zürich")
        did("李 雷", "case.closed", "17", outcome="confirmed")
        did("", "case.noted", "18", actor=Actor("api_key", KEY, "Shop", "198.51.100.3"), length=3)
        did("Zoe Other", "settings.changed", "all", name="=HYPERLINK(1)")
        did("", "case.reopened", "17", actor=Actor("customer", None, "", "203.0.113.9"))
    cast.run_jobs()
    return cast


def found(cast: Cast, **wanted: Any) -> list[str]:
    with cast.scope():
        rows = queries.page_of_trail(Wanted(**wanted), None).rows
        return [row.action for row in rows]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("zoë", ["survey.published"]),
        ("ZOË ång", ["survey.published"]),
        ("zo", ["settings.changed", "survey.published"]),
        ("zur", []),  # no letter is another
        ("zür deliv", ["survey.published"]),
        ("李", ["case.closed"]),
        ("198.51.100.3", ["case.noted"]),
        ("delivery-nps", ["survey.published"]),
        ("%", None),  # no word at all looks for nothing
        ("_", []),
        ("zo%", ["settings.changed", "survey.published"]),
    ],
)
def test_words_are_found_by_their_beginning(told: Cast, typed: str, expected: list[str] | None) -> None:
    rows = found(told, words=queries.sought(typed))
    assert len(rows) >= 5 if expected is None else rows == expected


def test_personwhat_and_which_thing(told: Cast) -> None:
    assert found(told, actor=KEY) == ["case.noted"]
    assert found(told, actor="customer") == ["case.reopened"]
    assert found(told, action="case") == ["case.reopened", "case.noted", "case.closed"]
    assert found(told, action="case.closed") == ["case.closed"]
    assert found(told, subject_type="case", subject_id="17") == ["case.reopened", "case.closed"]
    assert found(told, action="case", subject_id="17", actor="customer") == ["case.reopened"]


def test_days_are_the_tenants(told: Cast) -> None:
    """Late in São Paulo it is tomorrow already in Greenwich."""
    zone = ZoneInfo("America/Sao_Paulo")
    today = clock.now().astimezone(zone).date()
    assert len(found(told, first=today, last=today, zone=zone)) >= 5
    assert found(told, first=today + timedelta(days=1), zone=zone) == []
    assert found(told, last=today - timedelta(days=1), zone=zone) == []


def test_the_page_keeps_its_search(told: Cast) -> None:
    alice = told.client("alice")
    page = alice.get("settings/audit?q=zo&what=settings&from=2020-01-01")
    assert page.status_code == 200 and "Zoe Other" in page.text and "Zoë" not in page.text
    assert 'value="zo"' in page.text and 'value="2020-01-01"' in page.text
    assert '<option value="settings" selected>' in page.text
    assert "192.0.2.7" in page.text and "Firefox, Linux" in page.text
    assert "rows are sealed" in page.text
    assert "Nothing like that was done" in alice.get("settings/audit?q=nobody").text


@pytest.mark.parametrize(
    "query",
    ["who=nobody", "what=nothing", "from=2020-13-01", "to=0001-01-01", "to=9999-12-31", "from=yesterday", "cursor=x",
     "id=" + "x" * 201, "q=a%00b"],
)  # fmt: skip
def test_what_cannot_be_looked_for_is_said(told: Cast, query: str) -> None:
    page = told.client("alice").get(f"settings/audit?{query}")
    assert page.status_code == 422 and "Nothing was looked for" in page.text


def test_the_pages_go_on_without_a_gap(told: Cast) -> None:
    with told.scope():
        for number in range(60):
            did("Many", "survey.changed", f"s{number}")
    alice = told.client("alice")
    first = alice.get("settings/audit?what=survey.changed").text
    address = next(part.split('"')[0] for part in first.split('href="') if "cursor=" in part).replace("&amp;", "&")
    second = alice.get(address).text
    assert "what=survey.changed" in address
    assert first.count('<tr class="is-tall">') == 50 and second.count('<tr class="is-tall">') == 10


def test_the_page_asks_the_same_however_many_rows(told: Cast) -> None:
    alice = told.client("alice")
    alice.get("settings/audit")
    with count_queries() as few:
        alice.get("settings/audit?q=zo")
    with told.scope():
        for _number in range(30):
            did("Zoe", "survey.changed", "s")
    told.run_jobs()
    with count_queries() as many:
        alice.get("settings/audit?q=zo")
    assert len(many) == len(few) <= 12, many


# --- taken out ---


def taken(cast: Cast, form: str, by: str = "alice", **wanted: str) -> Any:
    return cast.client(by).post("settings/audit/exports", {"form": form, **wanted})


def test_json_lines_hold_what_was_hashed(told: Cast) -> None:
    answer = taken(told, "jsonl", what="case")
    assert answer.status_code == 200 and answer.mimetype == "application/jsonl"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="audit-{told.slug}.jsonl"'
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert [row["action"] for row in rows] == ["case.reopened", "case.noted", "case.closed"]
    for row in rows:
        seal = row.pop("seal")
        text = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert sha256(text.encode()).hexdigest() == seal["row_hash"]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_it_is_taken_from_a_real_server(told: Cast, address: str, form: str) -> None:
    """Which sends it when the request, and all that belongs to it, is over."""
    asked = {"form": form, "what": "case"}
    answer = told.client("alice").post_to(address, "settings/audit/exports", asked)
    assert (answer.status_code, answer.text.count("case.")) == (200, 3)


def test_a_table_runs_nothing(told: Cast) -> None:
    with told.scope():
        did("=1+1", "survey.changed", "@SUM(A1)", actor=Actor("user", new_id(), "=1+1", "-2"))
    rows = list(csv.DictReader(io.StringIO(taken(told, "csv", what="survey").text)))
    assert [row["actor_label"] for row in rows] == ["'=1+1", "Zoë Ångström"]
    assert (rows[0]["subject_id"], rows[0]["address"]) == ("'@SUM(A1)", "'-2")
    assert rows[1]["seq"] and not rows[0]["seq"], "what was just done has no seal yet"
    assert json.loads(rows[1]["after"]) == {"name": "Delivery, Zürich"}


CELLS = {
    "=1": "'=1",
    "+1": "'+1",
    "-1": "'-1",
    "@a": "'@a",
    "\t=1": "'\t=1",
    " =1": "' =1",
    "\r\n=1": "'\r\n=1",
    "a=1": "a=1",
    "": "",
}


@pytest.mark.parametrize(("value", "safe"), CELLS.items())
def test_a_cell_is_never_a_formula(value: str, safe: str) -> None:
    assert rules.cell(value) == safe


def test_the_export_stands_in_the_audit(told: Cast) -> None:
    taken(told, "csv", what="case", q="17")
    with told.scope():
        row = list_audit()[0]
    assert (row.action, row.actor_id, row.address) == ("audit.exported", told.users["alice"], "127.0.0.1")
    assert row.after == {"form": "csv", "rows": 2, "words": "17", "action": "case"}
    assert "took the audit out as a file" in told.client("alice").get("settings/audit").text


def test_long_exports_come_in_pages(told: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_PAGE", 3)
    with told.scope():
        for number in range(10):
            did("Many", "survey.changed", f"s{number}")
    rows = [json.loads(line) for line in taken(told, "jsonl", what="survey.changed").text.splitlines()]
    assert [row["subject_id"] for row in rows] == [f"s{number}" for number in reversed(range(10))]


def test_whoever_loses_the_right_gets_no_more(told: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_PAGE", 1)
    with told.scope():
        admin = service.add_member(told.email("ada"), "admin", PASSWORD)
    rows = export.rows(told.app, export.Taker(told.tenant_id, admin), Wanted(), next_cursor([clock.now(), new_id()]))
    next(rows)
    with told.scope():
        service.change_role(admin, "agent", "admin")
    with pytest.raises(Forbidden):
        next(rows)


def test_personmay_take_it_out(told: Cast, others: Cast) -> None:
    assert [taken(told, "csv", by=name).status_code for name in ("bob", "dana", "pat")] == [403] * 3
    answer = taken(others, "jsonl", by="charlie")
    assert answer.status_code == 200 and "Zoe" not in answer.text
    assert taken(told, "xlsx").status_code == 422
    assert taken(told, "csv", who="nobody").status_code == 422


def test_a_session_that_is_not_fresh_is_asked_again(told: Cast) -> None:
    alice = told.client("alice")
    clock.shift(13 * 3600)
    answer = alice.post("settings/audit/exports", {"form": "csv"})
    assert answer.status_code == 303 and ("/account/" in answer.location or "/sign-in" in answer.location)
    with told.scope():
        assert list_audit()[0].action != "audit.exported"


# --- by machine ---


def test_the_api_tells_the_same(told: Cast) -> None:
    answer = told.api().get("audit?action=case&limit=2")
    body = answer.json
    assert [row["action"] for row in body["data"]] == ["case.reopened", "case.noted"]
    assert body["data"][1]["actor_id"] == str(KEY) and body["data"][1]["seal"]["seq"] > 0
    rest = told.api().get(f"audit?action=case&limit=2&cursor={body['next_cursor']}").json
    assert [row["action"] for row in rest["data"]] == ["case.closed"] and rest["next_cursor"] is None
    assert [row["subject_id"] for row in told.api().get("audit?q=zoe&from=2020-01-01").json["data"]] == ["all"]
    assert told.api(told.key("cases")).get("audit").status_code == 403


@pytest.mark.parametrize(
    "query", ["from=2020-13-01", "actor=x", "actor_kind=x", "action=A", "cursor=x", "limit=0", "unknown=1",
              "to=9999-12-31", "from=0001-01-01", f"actor={KEY}&actor_kind=user"]
)  # fmt: skip
def test_a_bad_question_is_refused(told: Cast, query: str) -> None:
    assert told.api().get(f"audit?{query}").status_code == 422
