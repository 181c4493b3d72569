"""The agent's pages: the inbox, the case, and every act on it, without script and as htmx asks."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from markupsafe import escape

from tests.cast import Cast, PageClient
from tests.factories.loop import make_answer, make_case, make_closed_case, make_worked_case
from tests.loop.told import now
from tests.queries import count_queries


@pytest.fixture
def bob(cast: Cast) -> PageClient:
    return cast.client("bob")


def _case(cast: Cast, **answer: object) -> int:
    with cast.scope():
        return make_case(email="ana@example.com", **answer).number


def test_an_empty_inbox_teaches(bob: PageClient) -> None:
    page = bob.get("cases/")
    assert page.status_code == 200
    assert "A bad answer opens a case" in page.text


def test_the_inbox_shows_the_clock_the_words_and_the_touchpoint(cast: Cast, bob: PageClient) -> None:
    _case(cast, why="The box was wet.")
    page = bob.get("cases/").text
    assert "First contact due in 23 h" in page
    assert "The box was wet." in page
    assert "3 of 10" in page


def test_the_poll_answers_304_until_something_changes(cast: Cast, bob: PageClient) -> None:
    number = _case(cast)
    first = bob.get("cases/rows")
    tag = {"If-None-Match": first.headers["ETag"]}
    assert bob.get("cases/rows", headers=tag).status_code == 304
    bob.post(f"cases/{number}/assignment")
    assert bob.get("cases/rows", headers=tag).status_code == 200


def test_the_poll_of_the_list_brings_the_counts(cast: Cast, bob: PageClient) -> None:
    number = _case(cast)
    assert "<strong>0</strong> <span>waiting for me" in bob.get("cases/rows").text
    bob.post(f"cases/{number}/assignment")
    assert "<strong>1</strong> <span>waiting for me" in bob.get("cases/rows").text


def test_the_poll_of_a_case_answers_304_until_something_changes(cast: Cast, bob: PageClient) -> None:
    number = _case(cast)
    asked = {"HX-Request": "true"}
    asked["If-None-Match"] = bob.get(f"cases/{number}", headers=asked).headers["ETag"]
    assert bob.get(f"cases/{number}", headers=asked).status_code == 304
    bob.post(f"cases/{number}/notes", {"text": "Ask the depot."})
    assert "Ask the depot." in bob.get(f"cases/{number}", headers=asked).text


def test_overdue_cases_come_first_and_ages_are_words(cast: Cast, later: Callable[..., None]) -> None:
    _case(cast, why="The old one.")
    later(days=2, hours=1)
    with cast.scope():
        make_case(email="bo@example.com", why="The new one.")
    page = cast.client("bob").get("cases/").text  # who was away for two days signs in again
    assert page.index("The old one.") < page.index("The new one.")
    assert "First contact late by 1 day 1 h" in page
    assert ">2 d</time>" in page


def test_history_is_never_late(cast: Cast, bob: PageClient) -> None:
    with cast.scope():
        make_case(historic=True, answered_at=datetime(2018, 1, 12, tzinfo=UTC))
    page = bob.get("cases/?show=history").text
    assert "imported history" in page
    assert "late by" not in page


def test_historic_cases_stand_apart(cast: Cast, bob: PageClient) -> None:
    with cast.scope():
        make_case(historic=True, why="Long ago.")
    assert "Long ago." not in bob.get("cases/").text
    assert "Long ago." in bob.get("cases/?show=history").text


@pytest.mark.parametrize("search", ["ana@exa", "Wet", "1", "#1"])
def test_cases_are_found_by_number_address_and_words(cast: Cast, bob: PageClient, search: str) -> None:
    number = _case(cast, why="The box was wet.")
    assert f'id="case-{number}"' in bob.get("cases/", query_string={"q": search}).text


def test_a_search_for_something_else_finds_nothing(cast: Cast, bob: PageClient) -> None:
    _case(cast)
    assert 'id="case-' not in bob.get("cases/", query_string={"q": "%_zebra"}).text


def test_a_case_is_worked_and_closed_by_forms(cast: Cast, bob: PageClient) -> None:
    number = _case(cast)
    for path, form in [
        ("assignment", {}),
        ("contacts", {"channel": "phone", "outcome": "reached", "text": "Called."}),
        ("notes", {"text": "Ask the depot."}),
        ("waiting", {"for": "customer", "reason": "Photos."}),
        ("resumption", {}),
        ("severity", {"severity": "1", "reason": "Press."}),
        (
            "wrap-up",
            {"act": "close", "action_taken": "Refunded.", "cause": "process", "verified": "1", "outcome": "confirmed"},
        ),
    ]:
        answer = bob.post(f"cases/{number}/{path}", form)
        assert (answer.status_code, answer.location) == (303, f"/t/{cast.slug}/cases/{number}"), (path, answer.text)
    page = bob.get(f"cases/{number}").text
    assert "Reopen the case" in page
    assert bob.post(f"cases/{number}/reopening", {"because": "It broke again."}).status_code == 303
    assert "It broke again." in bob.get(f"cases/{number}").text


def test_closing_too_early_says_what_is_missing_and_loses_nothing(cast: Cast, bob: PageClient) -> None:
    number = _case(cast)
    answer = bob.post(f"cases/{number}/wrap-up", {"act": "close", "outcome": "confirmed", "note": "Kept typing"})
    assert answer.status_code == 409
    assert "somebody has reached the customer" in answer.text
    assert "Kept typing" in answer.text
    assert cast.api().get(f"cases/{number}").json["status"] == "new"


@pytest.mark.parametrize(
    ("form", "missing"),
    [
        ({"outcome": "confirmed"}, ["channel", "cause-0", "action"]),
        ({"outcome": "no_objection"}, ["channel", "cause-0", "action"]),
        ({"outcome": "unreachable"}, ["channel", "channel", "channel", "cause-0"]),
        ({"outcome": "rejected"}, ["close-note"]),
        ({"outcome": "merged"}, ["close-note", "into"]),
    ],
)
def test_each_refusal_to_close_leads_to_the_field_that_mends_it(
    cast: Cast, bob: PageClient, form: dict[str, str], missing: list[str]
) -> None:
    number = _case(cast)
    answer = bob.post(f"cases/{number}/wrap-up", {"act": "close", **form})
    assert answer.status_code == 409
    closing = answer.text[answer.text.index('id="case-end"') :]
    assert re.findall(r'<li><a href="#([a-z0-9-]+)">', closing) == missing
    assert all(f'id="{field}"' in answer.text for field in missing)


def test_a_silence_that_is_missing_has_a_time(cast: Cast, bob: PageClient) -> None:
    with cast.scope():
        number = make_worked_case(email="ana@example.com").number
    answer = bob.post(f"cases/{number}/wrap-up", {"act": "close", "outcome": "no_objection"})
    assert "silence until" in answer.text


def test_a_refused_note_says_so_where_it_was_written(cast: Cast, bob: PageClient) -> None:
    number = _case(cast)
    answer = bob.post(f"cases/{number}/notes", {"text": "  "})
    assert answer.status_code == 422
    assert "Write something first." in answer.text.partition('class="composer-note"')[2].partition("</form>")[0]


def test_an_act_on_a_case_that_somebody_has_closed_is_explained(cast: Cast, bob: PageClient) -> None:
    with cast.scope():
        number = make_closed_case(email="ana@example.com").number
    answer = bob.post(f"cases/{number}/wrap-up", {"act": "close", "outcome": "confirmed"})
    assert answer.status_code == 409
    assert answer.text.count("is closed. Reopen it first") == 1


def test_a_message_without_what_was_done_is_not_lost_silently(cast: Cast, bob: PageClient) -> None:
    with cast.scope():
        number = make_worked_case(email="ana@example.com").number
    form = {"act": "close", "outcome": "confirmed", "message_to_customer": "We are sorry."}
    answer = bob.post(f"cases/{number}/wrap-up", form)
    assert answer.status_code == 422
    assert "We are sorry.</textarea>" in answer.text


def test_causes_that_nobody_has_touched_stay_as_they_are(cast: Cast, bob: PageClient) -> None:
    number = _case(cast)
    causes = [{"code": code, "share": share, "verified": True} for code, share in SHARES.items()]
    assert cast.api().put(f"cases/{number}/root-causes", {"root_causes": causes}).status_code == 200
    page = bob.get(f"cases/{number}").text
    shown = re.findall(r'<option value="([a-z_.]+)" selected>', page.partition('id="case-end"')[2])
    assert shown[:3] == sorted(SHARES)
    seen = re.findall(r'name="seen" value="([^"]*)"', page)[0]
    form = {"act": "keep", "action_taken": "Refunded.", "cause": shown[:3], "verified": "1", "seen": seen}
    assert bob.post(f"cases/{number}/wrap-up", form).status_code == 303
    kept = {row["code"]: row["share"] for row in cast.api().get(f"cases/{number}").json["root_causes"]}
    assert kept == SHARES
    assert bob.get(f"cases/{number}").text.count("said why it happened") == 1


def test_the_case_shows_every_question_the_measures_in_words_and_both_clocks(cast: Cast, bob: PageClient) -> None:
    number = _case(cast, why="")
    page = bob.get(f"cases/{number}").text
    assert "What is the main reason for your score?" in page
    assert "not answered" in page
    assert "Working time, until" in page
    assert "The customer waits" in page
    assert "There it is" in page


def test_htmx_gets_the_case_alone(cast: Cast, bob: PageClient) -> None:
    number = _case(cast)
    answer = bob.post(f"cases/{number}/notes", {"text": "Hello."}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith("<article")
    assert "Hello." in answer.text


def test_two_agents_at_once_the_second_is_told(cast: Cast, bob: PageClient) -> None:
    number = _case(cast)
    alice = cast.client("alice")
    assert alice.post(f"cases/{number}/assignment", {"expected": ""}).status_code == 303
    answer = bob.post(f"cases/{number}/assignment", {"expected": ""})
    assert answer.status_code == 409
    assert "owns this case by now" in answer.text


@pytest.mark.parametrize("user", ["nobody", "x" * 5000, "00000000-0000-0000-0000-000000000000"])
def test_given_to_nobody_it_stays_with_nobody(cast: Cast, bob: PageClient, user: str) -> None:
    number = _case(cast)
    answer = bob.post(f"cases/{number}/assignment", {"user": user, "expected": ""})
    assert answer.status_code == 422
    with cast.scope():
        assert now(number).owner_id is None


def test_an_analyst_reads_and_does_not_work(cast: Cast) -> None:
    number = _case(cast)
    dana = cast.client("dana")
    page = dana.get(f"cases/{number}")
    assert page.status_code == 200
    assert "<textarea" not in page.text
    assert dana.post(f"cases/{number}/notes", {"text": "x"}).status_code == 403


def test_strangers_and_partners_stay_outside(cast: Cast, others: Cast) -> None:
    number = _case(cast)
    assert cast.client("pat").get("cases/").status_code == 403
    assert others.client("charlie").get(f"/t/{cast.slug}/cases/{number}").status_code == 404
    assert others.client("charlie").get(f"cases/{number}").status_code == 404


def test_the_number_of_statements_does_not_grow(cast: Cast, bob: PageClient) -> None:
    def cost(path: str) -> int:
        with count_queries() as counted:
            assert bob.get(path).status_code == 200
        return len(counted)

    with cast.scope():
        make_worked_case(email="one@example.com")
    paths = "cases/?show=open", "cases/rows?show=open", "cases/1"
    first = [cost(path) for path in paths]
    assert max(first) <= MOST_STATEMENTS
    with cast.scope():
        for number in range(6):
            make_worked_case(email=f"more{number}@example.com")
        make_closed_case(email="one@example.com")
    assert [cost(path) for path in paths] == first


MOST_STATEMENTS = 25
SHARES = {"partner.late": 0.5, "process": 0.3, "staffing": 0.2}

HOSTILE = ["'\"><script>alert(1)</script>", "{{7*7}}", "\u202egnp.exe", "一"]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_is_written_is_executed(cast: Cast, bob: PageClient, text: str) -> None:
    number = _case(cast, why=text)
    bob.post(f"cases/{number}/notes", {"text": text})
    for page in (bob.get("cases/").text, bob.get(f"cases/{number}").text):
        assert "<script>alert" not in page
        assert str(escape(text)) in page


def test_the_follow_up_says_not_solved_and_somebody_else_gets_the_case(
    cast: Cast, later: Callable[..., None], as_bob: Callable[..., object]
) -> None:
    with cast.scope(), as_bob():
        number = make_closed_case(email="ana@example.com").number
    cast.run_jobs()
    with cast.scope():
        assert make_answer(email="x@example.com")
    page = cast.client("alice").get(f"cases/{number}").text
    assert "will ask the customer whether it is solved" in page
    assert "/r/" not in page
