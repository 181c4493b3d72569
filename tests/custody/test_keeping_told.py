"""Who lets more go than before shows who they are, and every other admin hears of it."""

from __future__ import annotations

from typing import Any

import pytest

from app.custody.keeping import service
from app.custody.keeping.rules import Terms, lets_more_go
from app.tenants import service as tenants
from tests import smtp
from tests.cast import PASSWORD, Cast

PAGE = "settings/data/retention"
USUAL = {"invitation": "13", "response": "24", "case": "36", "audit": "72", "act": "save"}


@pytest.fixture
def ann(cast: Cast) -> str:
    """A second admin."""
    with cast.scope():
        cast.users["ann"] = tenants.add_member(cast.email("ann"), "admin", PASSWORD, name="Ann")
    return cast.email("ann")


def letters_to(cast: Cast, mail: smtp.Server) -> list[tuple[str, str]]:
    """(to whom, what it says) of the letters since the last look."""
    cast.run_jobs()
    found = [(str(one["To"]), one.get_body(("plain",)).get_content()) for one in mail.mails]
    mail.mails.clear()
    return [one for one in found if "retention" in one[1]]


def save(cast: Cast, **changes: Any) -> None:
    assert cast.client("alice").post(PAGE, {**USUAL, **changes}).status_code == 303


def test_the_other_admins_hear_when_more_goes(cast: Cast, ann: str, mail: smtp.Server) -> None:
    save(cast)
    ((to_address, text),) = letters_to(cast, mail)
    assert ann in to_address
    assert "Who answered, and what they wrote: 24 months" in text
    save(cast, response="30", is_held="on")
    assert letters_to(cast, mail) == [], "more is kept"
    save(cast, response="30")
    ((to_address, text),) = letters_to(cast, mail)
    assert (ann in to_address, "legal hold" in text) == (True, True)
    save(cast, response="3")
    ((_to, text),) = letters_to(cast, mail)
    assert "Who answered, and what they wrote: 3 months" in text


def test_what_was_put_back_meanwhile_is_told_as_it_stands(cast: Cast, ann: str, mail: smtp.Server) -> None:
    save(cast)
    save(cast, is_held="on")
    assert letters_to(cast, mail) == []


def test_a_look_tells_nobody(cast: Cast, ann: str, mail: smtp.Server) -> None:
    assert cast.client("alice").post(PAGE, {**USUAL, "act": "look"}).status_code == 200
    with cast.scope():
        assert service.find_retention() is None
    assert letters_to(cast, mail) == []


LESS, MORE, FOR_GOOD = Terms(13, 3, 36, 72), Terms(13, 24, 36, 72), Terms(None, None, None, None)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, (MORE, False), True),
        (None, (FOR_GOOD, False), False),
        (None, (MORE, True), False),
        ((MORE, False), (MORE, False), False),
        ((MORE, False), (LESS, False), True),
        ((LESS, False), (MORE, False), False),
        ((LESS, False), (FOR_GOOD, False), False),
        ((FOR_GOOD, False), (MORE, False), True),
        ((MORE, False), (LESS, True), False),
        ((MORE, True), (MORE, False), True),
        ((MORE, True), (FOR_GOOD, False), True),
    ],
)
def test_it_is_told_when_more_may_go(before: Any, after: Any, told: bool) -> None:
    assert lets_more_go(before, after) is told
