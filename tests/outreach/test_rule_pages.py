"""The outreach pages: rules as sentences with what they did, the form of one, and what it would do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.customers import service as customers
from app.kernel import clock
from app.surveys.design.service import close_survey
from app.surveys.outreach import queries, service
from app.surveys.outreach.setup_rules import RuleInput
from app.surveys.outreach.words import delay_in_words, delay_parts
from tests.audits import list_audit
from tests.cast import Cast
from tests.factories.customers import make_customer
from tests.factories.journeys import make_touchpoint
from tests.factories.outreach import make_interaction, make_rule
from tests.factories.surveys import follow_up_definition, make_survey, make_version
from tests.queries import count_queries

FORM: dict[str, Any] = {
    "survey": "delivery-nps",
    "channel": "email",
    "delay": "2",
    "unit": "hours",
    "touchpoints": ["delivery"],
    "sample_percent": "20",
    "min_gap_days": "",
    "expires_after_days": "14",
    "quiet_hours": "y",
    "is_active": "y",
}


@pytest.fixture
def rule(cast: Cast) -> str:
    with cast.scope():
        make_rule("after-delivery", delay_minutes=120, channel="link")
        make_touchpoint("purchase", name="Purchase")
    return "after-delivery"


def words_of(page: str) -> str:
    """The page without its tags."""
    import re
    from html import unescape

    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_list_reads_as_sentences_with_numbers(cast: Cast, rule: str) -> None:
    with cast.scope():
        for number in range(3):
            make_interaction(email=f"c{number}@example.com")
        make_interaction(email="c0@example.com")
        make_interaction(is_historic=True)
    page = words_of(cast.client("alice").get("outreach/").text)
    assert (
        "Ask Delivery by a link that you pass on 2 hours after Delivery , at most every 30 days, every customer."
        in page
    )
    assert "5 interactions in the last 30 days" in page
    assert "3 asked" in page and "1 were asked not long ago" in page and "1 are historic" in page


def test_a_tenant_without_rules_learns_what_one_is(cast: Cast) -> None:
    page = cast.client("alice").get("outreach/")
    assert page.status_code == 200 and "No rule yet" in page.text and "outreach/add" in page.text


def test_who_may_look_and_who_may_change(cast: Cast, rule: str) -> None:
    for name in ("bob", "dana"):
        client = cast.client(name)
        assert client.get("outreach/").status_code == 200 and "outreach/add" not in client.get("outreach/").text
        page = client.get(f"outreach/rules/{rule}")
        assert page.status_code == 200 and '<form method="post" action="/t/' not in page.text
        assert client.get("outreach/add").status_code == 403
        assert client.post(f"outreach/rules/{rule}", FORM).status_code == 403
        assert client.post("outreach/", FORM).status_code == 403
    assert cast.client("pat").get("outreach/").status_code == 403
    assert cast.app.test_client().get(f"/t/{cast.slug}/outreach/").status_code == 303


def test_a_rule_is_added_with_a_key_of_its_own_or_one_that_is_made(cast: Cast, rule: str) -> None:
    client = cast.client("alice")
    assert client.get("outreach/add").status_code == 200
    for key, expected in (("mine", "mine"), ("", "delivery-nps"), ("", "delivery-nps-2")):
        answer = client.post("outreach/", FORM | {"key": key})
        assert answer.status_code == 303
        with cast.scope():
            assert service.as_input(queries.get_rule_by_key(expected)) == RuleInput(
                touchpoints=("delivery",), survey="delivery-nps", delay_minutes=120, sample_percent=20
            )
    taken = client.post("outreach/", FORM | {"key": "mine"})
    assert taken.status_code == 422 and "This key is taken." in taken.text


def test_a_rule_is_changed_and_the_change_is_audited(cast: Cast, rule: str) -> None:
    client = cast.client("alice")
    changed = FORM | {"touchpoints": ["delivery", "purchase"], "min_gap_days": "60", "unit": "days"}
    changed.pop("is_active")
    assert client.post(f"outreach/rules/{rule}", changed).status_code == 303
    page = words_of(client.get("outreach/").text)
    assert (
        "Ask Delivery by mail 2 days after Delivery, Purchase , at most every 60 days, 20 % of customers." in page
        and "paused" in page
    )
    with cast.scope():
        row = list_audit()[0]
        assert (row.action, row.actor_kind, row.after["min_gap_days"]) == ("outreach_rule.changed", "user", 60)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"survey": "nothing"}, "Not a valid choice"),
        ({"survey": "solved"}, "Not a valid choice"),
        ({"channel": "sms"}, "Not a valid choice"),
        ({"touchpoints": []}, "Choose at least one touchpoint."),
        ({"touchpoints": ["nowhere"]}, "valid choice"),
        ({"delay": ""}, "Enter a whole number from 0"),
        ({"delay": "-1"}, "Enter a whole number from 0"),
        ({"delay": "two"}, "Not a valid integer"),
        ({"delay": "400", "unit": "days"}, "The delay is at most a year."),
        ({"sample_percent": "101"}, "Enter a whole number from 0 to 100."),
        ({"min_gap_days": "366"}, "between 0 and 365"),
        ({"expires_after_days": "0"}, "Enter a whole number from 1 to 365."),
        ({"key": "Not A Key"}, "A key has 1 to 64"),
    ],
)
def test_a_wrong_form_comes_back_with_what_was_typed(
    cast: Cast, rule: str, change: dict[str, Any], sentence: str
) -> None:
    with cast.scope():
        make_survey("solved", follow_up_definition(), kind="follow_up")
    answer = cast.client("alice").post("outreach/", FORM | {"key": "new-one"} | change)
    assert answer.status_code == 422 and sentence in answer.text
    assert 'role="alert"' in answer.text
    with cast.scope():
        assert [one.key for one in queries.list_rules()] == [rule]


def test_trying_shows_what_would_happen_and_saves_nothing(cast: Cast, rule: str) -> None:
    with cast.scope():
        for number in range(4):
            make_interaction(email=f"c{number}@example.com")
        before = service.as_input(queries.get_rule_by_key(rule))
    client = cast.client("alice")
    page = client.post(f"outreach/rules/{rule}", FORM | {"sample_percent": "0", "try": "1"})
    assert page.status_code == 200 and "What it would have done with these values" in page.text
    assert "0 asked" in words_of(page.text) and "4 were not drawn" in words_of(page.text)
    new = client.post("outreach/", FORM | {"sample_percent": "100", "try": "1"})
    assert new.status_code == 200 and "Simulated on the last 4 interactions" in words_of(new.text)
    with cast.scope():
        assert service.as_input(queries.get_rule_by_key(rule)) == before and len(queries.list_rules()) == 1


def given(**facts: Any) -> RuleInput:
    usual: dict[str, Any] = {"touchpoints": ("delivery",), "survey": "delivery-nps", "quiet_hours": False}
    return RuleInput(**(usual | facts))


def tally(**facts: Any) -> tuple[int, dict[str, int]]:
    found = service.simulate("after-delivery", given(**facts)).tally
    return found.asked, found.skipped


def test_the_simulation_decides_as_the_rules_do(cast: Cast, rule: str) -> None:
    with cast.scope():
        make_customer("gone@example.com")
        gone = make_customer("gone@example.com")
        for number in range(10):
            make_interaction(email=f"c{number % 4}@example.com")
        make_interaction(email="gone@example.com")
        make_interaction(is_historic=True)
        make_interaction(occurred_at=clock.now() - timedelta(days=20))
        make_interaction(occurred_at=clock.now() - timedelta(days=40))  # before the window
        make_interaction(touchpoint="purchase")
        customers.suppress(gone.id, "staff")
        assert tally() == (4, {"min_gap": 6, "expired": 1, "historic": 1, "unsubscribed": 1})
        assert tally(expires_after_days=30) == (5, {"min_gap": 6, "historic": 1, "unsubscribed": 1})
        assert tally(touchpoints=("delivery", "purchase"))[0] == 5
        assert tally(touchpoints=("nowhere",)) == (0, {})
        assert service.simulate("new", given()).tally.total == 13


def test_the_simulation_leaves_what_other_rules_asked(cast: Cast, rule: str) -> None:
    with cast.scope():
        make_rule("other", touchpoint="purchase", survey="other", channel="link")
        make_interaction(email="a@example.com", touchpoint="purchase")
        make_interaction(email="a@example.com")
        make_interaction(email="b@example.com")
        assert tally() == (1, {"min_gap": 1})


def test_the_simulation_writes_nothing_and_takes_the_same_queries_however_many(cast: Cast, rule: str) -> None:
    with cast.scope():
        for number in range(2):
            make_interaction(email=f"c{number}@example.com")
        with count_queries() as few:
            service.simulate("after-delivery", given())
        for number in range(20):
            make_interaction(email=f"d{number}@example.com")
        with count_queries() as many:
            service.simulate("after-delivery", given())
    assert len(few) == len(many) <= 10
    assert not [statement for statement in many if not statement.startswith("SELECT")]


def test_the_list_takes_the_same_queries_however_many_rules(cast: Cast, rule: str) -> None:
    client = cast.client("alice")

    def statements() -> int:
        with count_queries() as found:
            assert client.get("outreach/").status_code == 200
        return len(found)

    client.get("outreach/")
    before = statements()
    with cast.scope():
        for number in range(6):
            make_rule(f"r{number}")
    assert statements() == before


def test_unknown_and_foreign_rules_look_the_same(cast: Cast, others: Cast, rule: str) -> None:
    charlie = others.client("charlie")
    foreign, unknown = charlie.get(f"outreach/rules/{rule}"), charlie.get("outreach/rules/nothing")
    assert foreign.status_code == unknown.status_code == 404 and foreign.data == unknown.data
    assert charlie.get("outreach/rules/a%00b").status_code == 404
    assert charlie.post(f"outreach/rules/{rule}", FORM).status_code == 404
    assert charlie.get(f"/t/{cast.slug}/outreach/").status_code == 404


def test_hostile_names_are_words_on_the_pages(cast: Cast) -> None:
    with cast.scope():
        make_touchpoint("delivery", name="'\"><script>alert(1)</script>{{7*7}}")
        make_survey("delivery-nps", name="<img src=x onerror=1>")
        make_rule("r")
    for path in ("outreach/", "outreach/rules/r"):
        page = cast.client("alice").get(path).text
        assert "<script>alert" not in page and "<img src=x" not in page and "{{7*7}}" in page


@pytest.mark.parametrize(
    ("minutes", "parts"),
    [(0, (0, "minutes")), (90, (90, "minutes")), (120, (2, "hours")), (1440, (1, "days")), (1500, (25, "hours"))],
)
def test_a_delay_is_said_in_its_largest_unit(minutes: int, parts: tuple[int, str]) -> None:
    assert delay_parts(minutes) == parts


def test_a_delay_in_words(cast: Cast) -> None:
    assert [delay_in_words(minutes) for minutes in (0, 1, 60, 2880)] == [
        "at once after",
        "1 minute after",
        "1 hour after",
        "2 days after",
    ]


def test_the_rule_of_a_closed_survey_says_so_and_keeps_its_survey(cast: Cast, rule: str) -> None:
    alice = cast.client("alice")
    with cast.scope():
        make_version("other")
        close_survey("delivery-nps")
    assert "its survey is closed" in alice.get("outreach/").text
    assert '<option value="delivery-nps" selected>' in alice.get(f"outreach/rules/{rule}").text
    assert '<option value="delivery-nps"' not in alice.get("outreach/add").text
    paused = {name: value for name, value in FORM.items() if name != "is_active"}
    assert alice.post(f"outreach/rules/{rule}", paused).status_code == 303
    with cast.scope():
        found = queries.get_rule_by_key(rule)
        assert (found.survey.key, found.is_active) == ("delivery-nps", False)
