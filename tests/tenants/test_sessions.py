"""Sessions: a row for each, listed, ended one by one or all others, over when idle or old; no secret is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select

from app.kernel import clock, outbox
from app.kernel.db import atomic, db
from app.kernel.outbox_model import DirectoryOutboxRow
from app.kernel.scope import directory_scope
from app.tenants.accounts import queries
from app.tenants.accounts.models import SignIn, UserSession
from app.tenants.accounts.rules import SIGN_IN_RULES, WAYS, browser_name, is_over, suffices
from app.tenants.models import User
from tests.cast import PASSWORD, Cast, PageClient
from tests.queries import count_queries
from tests.tenants.soft_key import PRESENT, add_passkey, asked

DAY = 24 * 3600
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def no_work_of_others(app: Flask) -> None:
    with directory_scope(), atomic() as session:
        session.execute(delete(DirectoryOutboxRow))


def signed_in(cast: Cast, name: str = "alice", agent: str = FIREFOX) -> PageClient:
    """A browser in which somebody has signed in with their password."""
    client = PageClient(cast.app, cast.slug)
    answer = client.post("/sign-in", {"email": cast.email(name), "password": PASSWORD}, headers={"User-Agent": agent})
    assert answer.status_code == 303, answer.text
    client.renew_token()
    return client


def rows(cast: Cast, name: str = "alice") -> list[UserSession]:
    with directory_scope():
        query = select(UserSession).where(UserSession.user_id == cast.users[name]).order_by(UserSession.begun_at)
        return list(db.session.scalars(query))


def tries(cast: Cast, name: str = "alice") -> list[SignIn]:
    with directory_scope():
        query = select(SignIn).where(SignIn.user_id == cast.users[name]).order_by(SignIn.at)
        return list(db.session.scalars(query))


def refused(cast: Cast) -> None:
    """Somebody tries a wrong password, and what there is to do about it is done."""
    PageClient(cast.app, "").post("/sign-in", {"email": cast.email("alice"), "password": "wrong"})
    run_jobs()


def run_jobs() -> None:
    """Do what is due of the tries of this test."""
    while outbox.drain_place(None, float("inf")):
        pass


def change(cast: Cast, name: str = "alice", **values: object) -> None:
    """Let the sessions of somebody be what they would have become."""
    with directory_scope(), atomic():
        for row in db.session.scalars(select(UserSession).where(UserSession.user_id == cast.users[name])):
            for column, value in values.items():
                setattr(row, column, value)


def is_in(client: PageClient) -> bool:
    return client.get("/account/").status_code == 200


def test_signing_in_begins_one_that_is_not_the_one_the_browser_had(cast: Cast) -> None:
    attacker = cast.client("bob")
    before = attacker._client.get_cookie("heed")
    answer = attacker.post("/sign-in", {"email": cast.email("alice"), "password": PASSWORD})
    after = attacker._client.get_cookie("heed")
    assert answer.status_code == 303 and before and after and before.value != after.value
    (row,) = rows(cast)
    assert row.id not in after.value and (row.way, row.address) == ("password", "127.0.0.1")


def test_it_is_listed_with_its_browser_and_this_one_is_marked(cast: Cast) -> None:
    client = signed_in(cast)
    signed_in(cast, agent="Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1")
    page = client.get("/account/sessions").text
    assert "Firefox, Linux" in page and "Safari, iPhone" in page and page.count("this one") == 1


def test_one_is_ended_and_its_next_request_is_refused(cast: Cast) -> None:
    client, other = signed_in(cast), signed_in(cast)
    theirs = rows(cast)[1].id
    assert client.post(f"/account/sessions/{theirs}/end").status_code == 303
    assert is_in(client) and not is_in(other)
    poll = other.get("cases/", headers={"HX-Request": "true"})
    assert (poll.status_code, poll.location[:8]) == (303, "/sign-in")


def test_somebody_elses_is_not_ended(cast: Cast, others: Cast) -> None:
    client = signed_in(cast)
    assert others.client("charlie").post(f"/account/sessions/{rows(cast)[0].id}/end").status_code == 303
    assert is_in(client)


def test_all_others_are_ended_at_once(cast: Cast) -> None:
    clients = [signed_in(cast) for _turn in range(3)]
    bob = cast.client("bob")
    assert clients[0].post("/account/sessions/end-others").status_code == 303
    assert [is_in(client) for client in clients] == [True, False, False] and is_in(bob)


def test_a_cookie_from_before_signing_out_lets_nobody_in(cast: Cast) -> None:
    client = signed_in(cast)
    kept = client._client.get_cookie("heed")
    assert kept is not None and client.post("/sign-out").status_code == 303
    client._client.set_cookie("heed", kept.value)
    assert not is_in(client)


@pytest.mark.parametrize(
    ("late", "let_in"),
    [
        ({"seen_at": timedelta(hours=11, minutes=59)}, True),
        ({"seen_at": timedelta(hours=12)}, False),
        ({"begun_at": timedelta(days=6, hours=23)}, True),
        ({"begun_at": timedelta(days=7)}, False),
    ],
)
def test_it_is_over_when_idle_or_old(cast: Cast, late: dict[str, timedelta], let_in: bool) -> None:
    client = signed_in(cast)
    change(cast, **{column: clock.now() - age for column, age in late.items()})
    assert is_in(client) == let_in


def test_old_ones_are_forgotten(cast: Cast) -> None:
    signed_in(cast)
    clock.shift(38 * DAY)
    run_jobs()
    assert rows(cast) == []


def test_that_somebody_came_is_written_once_in_five_minutes(cast: Cast) -> None:
    client = signed_in(cast)
    change(cast, seen_at=clock.now() - timedelta(minutes=6))
    with count_queries() as first:
        client.get("/account/")
    with count_queries() as second:
        client.get("/account/")
    assert [sum(statement.startswith("UPDATE") for statement in ran) for ran in (first, second)] == [1, 0]
    assert len(second) == 1, "finding the person takes one statement"


def test_a_deactivated_person_is_refused_at_the_next_request(cast: Cast) -> None:
    client = signed_in(cast)
    with directory_scope(), atomic() as session:
        user = session.get(User, cast.users["alice"])
        assert user is not None
        user.is_active = False
    assert not is_in(client)
    answer = PageClient(cast.app, "").post("/sign-in", {"email": cast.email("alice"), "password": PASSWORD})
    assert answer.status_code == 422


def test_an_invented_cookie_value_lets_nobody_in(cast: Cast) -> None:
    for value in ("x" * 32, "", str(cast.users["alice"]), f"{cast.users['alice']}:x", "\0", "密" * 32):
        assert not is_in(PageClient(cast.app, cast.slug, value)), value


def test_the_row_does_not_let_anybody_in(cast: Cast) -> None:
    """Who reads the table learns digests only."""
    signed_in(cast)
    assert not is_in(PageClient(cast.app, cast.slug, rows(cast)[0].id))


def test_tries_are_listed_for_their_person_alone(cast: Cast, others: Cast) -> None:
    signed_in(cast)
    refused(cast)
    page = cast.client("alice").get("/account/sessions").text
    assert page.count("refused") == 1
    assert "refused" not in others.client("charlie").get("/account/sessions").text


def test_tries_are_forgotten_after_ninety_days(cast: Cast) -> None:
    """Also when nobody is tried again. Each day of tries is looked after once."""
    signed_in(cast)
    clock.shift(DAY - 60)
    signed_in(cast)
    refused(cast)
    with directory_scope():
        assert db.session.query(DirectoryOutboxRow).filter_by(job="forget_sign_ins").count() == 2
    clock.shift(90 * DAY - 60)
    run_jobs()
    assert len(tries(cast)) == 3, "a day before all of them are old enough"
    clock.shift(91 * DAY)
    run_jobs()
    assert tries(cast) == []


def test_many_refused_tries_do_not_hide_who_came_in(cast: Cast) -> None:
    signed_in(cast)
    with directory_scope(), atomic() as session:
        for minute in range(30):
            at = clock.now() + timedelta(minutes=minute)
            session.add(SignIn(user_id=cast.users["alice"], at=at, way="password", succeeded=False, browser=""))
    with directory_scope():
        found = [row.succeeded for row in queries.list_sign_ins(cast.users["alice"], clock.now())]
    assert found == [False] * 20 + [True]


def test_a_try_of_a_hundred_days_ago_is_not_shown(cast: Cast) -> None:
    signed_in(cast)
    with directory_scope():
        assert not queries.list_sign_ins(cast.users["alice"], clock.now() + timedelta(days=90))


def test_what_is_refused_to_somebody_signed_in_is_listed_too(cast: Cast) -> None:
    alice = cast.client("alice")
    key = add_passkey(alice)
    for path, typed in {
        "/account/verify": {"password": "wrong"},
        "/account/password": {"present": "wrong", "wanted": "seven quiet kettles of tea"},
    }.items():
        assert alice.post(path, typed).status_code == 422
    assert alice.post("/account/verify", {"password": PASSWORD, "code": "000000"}).status_code == 422
    sent = {"credential": key.use(asked(alice), flags=PRESENT)}
    assert alice.post("/account/verify/passkey", sent).status_code == 422
    sent = {"credential": key.use(asked(alice), flags=PRESENT)}
    assert PageClient(cast.app, "").post("/sign-in/passkey", sent).status_code == 422
    run_jobs()
    assert [(row.way, row.succeeded) for row in tries(cast)] == [
        ("password", False), ("password", False), ("two_steps", False), ("passkey", False), ("passkey", False),
    ]  # fmt: skip


def test_a_refusal_of_nobody_is_no_row(cast: Cast) -> None:
    PageClient(cast.app, "").post("/sign-in", {"email": cast.email("nobody"), "password": "wrong"})
    with directory_scope():
        before = db.session.query(SignIn).count()
    run_jobs()
    with directory_scope():
        assert db.session.query(SignIn).count() == before


def test_an_endless_user_agent_is_cut_short(cast: Cast) -> None:
    signed_in(cast, agent="Chrome/" + "x" * 100_000)
    assert rows(cast)[0].browser == "Chrome"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15) Version/18 Safari/605.1", "Safari, Mac"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8", ""),
        ("", ""),
        ("<script>alert(1)</script> Firefox/1", "Firefox"),
    ],
)
def test_a_browser_has_a_name(agent: str, name: str) -> None:
    assert browser_name(agent) == name


def test_what_each_way_is_worth() -> None:
    ways, rules = ("password", "two_steps", "passkey"), ("any", "two_steps", "passkey")
    assert [[suffices(way, rule) for rule in rules] for way in ways] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]
    assert [suffices("provider", rule) for rule in SIGN_IN_RULES] == [False] * 4
    assert [suffices("provider", rule, is_vouched=True) for rule in SIGN_IN_RULES] == [True, True, False, True]
    assert [suffices("passkey", "provider", is_vouched=vouched) for vouched in (False, True)] == [False, True]


@pytest.mark.parametrize("way", WAYS)
def test_a_proof_of_ones_own_takes_nothing_from_what_the_provider_opens(way: str) -> None:
    """Who comes by their tenant's provider and then types their password too has proved more, not less."""
    opened = [rule for rule in SIGN_IN_RULES if suffices(way, rule, is_vouched=True)]
    assert opened == [rule for rule in SIGN_IN_RULES if rule != "passkey" or way == "passkey"]


def test_an_ended_one_is_over() -> None:
    now = clock.now()
    assert is_over(now, now, now, now) and not is_over(now, now, None, now)
