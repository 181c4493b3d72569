"""The agent's pages: the inbox, the case, and every act on it, without script and as htmx asks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from markupsafe import escape

from tests.cast import Cast, PageClient
from tests.factories.loop import make_answer, make_case, make_closed_case, make_worked_case
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
    first = cost("cases/?show=open"), cost("cases/1")
    with cast.scope():
        for number in range(6):
            make_worked_case(email=f"more{number}@example.com")
        make_closed_case(email="one@example.com")
    assert (cost("cases/?show=open"), cost("cases/1")) == first


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
    with cast.scope(), as_bob():  # type: ignore[attr-defined]
        number = make_closed_case(email="ana@example.com").number
    cast.run_jobs()
    with cast.scope():
        assert make_answer(email="x@example.com")
    page = cast.client("alice").get(f"cases/{number}").text
    assert "will ask the customer whether it is solved" in page
    assert "/r/" not in page
