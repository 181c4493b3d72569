"""Public tokens: derived, bound to a purpose, and in one spelling only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel import tokens

TENANT, THING = uuid4(), uuid4()


@pytest.fixture(autouse=True)
def _secret(app: object) -> None:
    """The application has set the secret."""


def test_a_token_opens_what_it_was_made_for() -> None:
    token = tokens.issue("respond", TENANT, THING)
    assert tokens.read("respond", token) == (TENANT, THING)
    assert token == tokens.issue("respond", TENANT, THING)
    assert len(token) == 64


@pytest.mark.parametrize("purpose", ["unsubscribe", "case", "", "respond ", "Respond"])
def test_a_token_for_one_thing_opens_no_other(purpose: str) -> None:
    assert tokens.read(purpose, tokens.issue("respond", TENANT, THING)) is None


def test_a_token_with_another_tenant_or_thing_is_refused() -> None:
    ours, theirs = tokens.issue("respond", TENANT, THING), tokens.issue("respond", uuid4(), uuid4())
    assert tokens.read("respond", ours[:42] + theirs[42:]) is None
    assert tokens.read("respond", theirs[:21] + ours[21:]) is None


def test_each_changed_character_is_noticed() -> None:
    token = tokens.issue("respond", TENANT, THING)
    for position, character in enumerate(token):
        other = "A" if character != "A" else "B"
        assert tokens.read("respond", token[:position] + other + token[position + 1 :]) is None


@given(st.text(max_size=80))
def test_anything_else_is_no_token(text: str) -> None:
    assert tokens.read("respond", text) is None


def test_another_secret_refuses() -> None:
    token = tokens.issue("respond", TENANT, THING)
    before = tokens._secret
    try:
        tokens.init("another secret that is long enough")
        assert tokens.read("respond", token) is None
    finally:
        tokens._secret = before


# --- links ---

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOON = NOW + timedelta(minutes=60)


def test_a_link_holds_for_its_time_and_its_state() -> None:
    link = tokens.read_link("reset", tokens.issue_link("reset", THING, SOON, "the password then"))
    assert link is not None
    assert (link.object_id, link.ends_at) == (THING, SOON)
    assert link.holds(NOW, "the password then")
    assert link.holds(SOON - timedelta(seconds=1), "the password then")
    assert not link.holds(SOON, "the password then")
    assert not link.holds(NOW, "the password now")


@pytest.mark.parametrize("purpose", ["join", "sign up", "link reset", "", "Reset"])
def test_a_link_for_one_thing_is_none_for_another(purpose: str) -> None:
    assert tokens.read_link(purpose, tokens.issue_link("reset", THING, SOON, "")) is None


def test_a_link_is_no_public_token_and_a_public_token_no_link() -> None:
    assert tokens.read("reset", tokens.issue_link("reset", THING, SOON, "")) is None
    assert tokens.read_link("respond", tokens.issue("respond", TENANT, THING)) is None


def test_each_changed_character_of_a_link_is_noticed() -> None:
    link = tokens.issue_link("reset", THING, SOON, "")
    assert len(link) == 80
    for position, character in enumerate(link):
        other = "A" if character != "A" else "B"
        assert tokens.read_link("reset", link[:position] + other + link[position + 1 :]) is None


def test_parts_of_two_links_make_none() -> None:
    one, other = (tokens.issue_link("reset", uuid4(), SOON, state) for state in ("a", "b"))
    for cut in range(1, 80):
        assert tokens.read_link("reset", one[:cut] + other[cut:]) is None


@given(st.text(max_size=100))
def test_anything_else_is_no_link(text: str) -> None:
    assert tokens.read_link("reset", text) is None
