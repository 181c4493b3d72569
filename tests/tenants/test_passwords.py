"""Passwords: which are refused, changing one, and how a guesser fares."""

from __future__ import annotations

import statistics
import time
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner
from flask_openapi3 import OpenAPI
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.db import atomic
from app.kernel.scope import directory_scope
from app.tenants import queries
from app.tenants.accounts.password_rules import is_guessable
from app.tenants.accounts.security import security
from app.tenants.commands import tenant
from tests.cast import PASSWORD, Cast, PageClient
from tests.conftest import CHEAP
from tests.tenants.test_sessions import is_in, signed_in

KNOWN = ["li.wei@kettle.example", "Li Wei", "Blue Kettle"]


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Passw0rd!Passw0rd!",
        "p@ssw0rd2026",
        "aaaaaaaaaaaaaaaa",
        "abababababab",
        "123456789012",
        "abcdefghijkl",
        "qwertyuiop12",
        "1qaz2wsx3edc4rfv",
        "abc123abc123abc123",
        "bluekettle2026",
        "LiWei-LiWei-1",
        "kettle-kettle",
        "heedheedheed",
        "welcome12345",
        "iloveyou1234",
        "zyxwvutsrqpo",
        "            ",
        "123qweasdzxc",
        "q1w2e3r4t5y6",
        "1q2w3e4r5t6y",
        "qazwsxedcrfv",
        "vfrcdexswzaq",
        "liverpool1892",
        "michelle1987",
        "trustno1trustno1",
        "fussballfussball",
        "woaini1314520",
    ],
)
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    assert is_guessable(password, KNOWN)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "seven quiet kettles",
        "close every loop",
        "long enough for it",
        "tR7#kq9!vXzp",
        "雨后的石板路很安静还有猫",
        "mein hund frisst gern socken",
        "purple7Lantern",
    ],
)
def test_what_nobody_comes_to_is_taken(password: str) -> None:
    assert not is_guessable(password, KNOWN)


@given(st.text(max_size=128), st.lists(st.text(max_size=40), max_size=3))
def test_any_text_is_judged(password: str, context: list[str]) -> None:
    assert is_guessable(password, context) in (True, False)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("eleven-long", "password must have at least 12 characters"),
        ("x" * 129, "password must have at most 128 characters"),
        ("password1234", "password is easy to guess"),
        ("Kettle-kettle-1", "password is easy to guess"),
        ("", "password must have at least 12 characters"),
    ],
)
def test_a_first_admin_has_no_easier_one(app: OpenAPI, password: str, why: str) -> None:
    slug = f"k{uuid4().hex[:12]}"
    words = ["create", slug, "--name", "Blue Kettle", "--admin", f"{slug}@example.com", "--password"]
    refused = CliRunner().invoke(tenant, [*words, password])
    assert (refused.exit_code, why in refused.output) == (2, True), refused.output
    with directory_scope():
        assert queries.find_tenant_by_slug(slug) is None
    assert CliRunner().invoke(tenant, [*words, "a long password"]).exit_code == 0, "as the documents have it"


def test_changing_it_takes_the_present_one_and_ends_the_other_sessions(cast: Cast) -> None:
    other, alice = signed_in(cast), cast.client("alice")
    wanted = "seven quiet kettles of tea"
    assert alice.post("/account/password", {"present": "wrong", "wanted": wanted}).status_code == 422
    assert alice.post("/account/password", {"present": PASSWORD, "wanted": wanted}).status_code == 303
    assert is_in(alice) and not is_in(other)


@pytest.mark.parametrize("wanted", ["", "short", "x" * 129, "y" * 300_000, "password1234", "alice alice alice"])
def test_a_bad_one_is_refused_and_nothing_changes(cast: Cast, wanted: str) -> None:
    alice = cast.client("alice")
    answer = alice.post("/account/password", {"present": PASSWORD, "wanted": wanted})
    assert answer.status_code == 422 and (not wanted or wanted not in answer.text)
    signed_in(cast)


def test_the_tenants_name_is_known_to_a_guesser(cast: Cast) -> None:
    with directory_scope(), atomic():
        queries.get_tenant_by_slug(cast.slug).name = "Lakeside Bakery"
    for wanted, status in (("LakesideBakery2026", 422), ("Lakeside geese honk at dawn", 303)):
        answer = cast.client("alice").post("/account/password", {"present": PASSWORD, "wanted": wanted})
        assert answer.status_code == status, wanted


def test_hashes_from_before_keep_working_and_new_ones_are_of_the_same_kind(cast: Cast) -> None:
    """They were made by argon2-cffi itself, without what Flask-Security would put around them."""
    with directory_scope(), atomic():
        found = queries.find_user(cast.users["alice"])
        assert found is not None
        found.password_hash = PasswordHasher().hash("a phrase from long ago")
    client = PageClient(cast.app, cast.slug)
    answer = client.post("/sign-in", {"email": cast.email("alice"), "password": "a phrase from long ago"})
    assert answer.status_code == 303
    with directory_scope():
        bob = queries.find_user(cast.users["bob"])
        assert bob is not None and PasswordHasher().verify(bob.password_hash, PASSWORD)


def test_an_unknown_address_takes_as_long_as_a_known_one(cast: Cast) -> None:
    """With hashing as it is in use, which is nearly all of the time there is to measure."""
    from app.tenants.accounts import passwords

    usual = {"argon2__time_cost": 3, "argon2__memory_cost": 65536, "argon2__parallelism": 4}
    security.pwd_context.update(**usual)
    passwords._nobodys.cache_clear()
    try:
        stored, taken = passwords.hashed(PASSWORD), {True: [], False: []}
        passwords.is_right("warm", None)
        for _turn in range(8):
            for is_known in (True, False):
                began = time.thread_time()
                passwords.is_right("not the password", stored if is_known else None)
                taken[is_known].append(time.thread_time() - began)
    finally:
        security.pwd_context.update(**CHEAP)
        passwords._nobodys.cache_clear()
    known, unknown = (statistics.median(values) for values in taken.values())
    assert known > 0.001 and abs(known - unknown) < 0.25 * known


def test_a_megabyte_of_password_is_refused_before_it_is_hashed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_any: object) -> bool:
        raise AssertionError("it was hashed")

    monkeypatch.setattr("app.tenants.accounts.passwords.verify_password", fail)
    client = PageClient(cast.app, cast.slug)
    answer = client.post("/sign-in", {"email": cast.email("alice"), "password": "x" * 400_000})
    assert answer.status_code == 422


def test_a_guesser_who_comes_from_many_places_is_stopped_and_the_owner_is_not(cast: Cast) -> None:
    """V36, and that whoever locks an account does not lock its owner out where they have been before."""
    email = cast.email("alice")
    signed_in(cast)
    statuses = []
    for number in range(110):
        client = PageClient(cast.app, cast.slug)
        place = {"REMOTE_ADDR": f"198.51.{number}.7"}
        answer = client.post("/sign-in", {"email": email, "password": "wrong"}, environ_base=place)
        statuses.append(answer.status_code)
    assert statuses[:99] == [422] * 99 and statuses[-1] == 429
    signed_in(cast)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "CF-Connecting-IP", "Forwarded", "True-Client-IP"])
def test_a_header_does_not_make_another_place_of_it(cast: Cast, header: str) -> None:
    client, statuses = PageClient(cast.app, cast.slug), []
    for number in range(8):
        forged = {header: f"203.0.113.{number}"}
        data = {"email": cast.email("alice"), "password": "wrong"}
        statuses.append(client.post("/sign-in", data, headers=forged).status_code)
    assert statuses[-1] == 429
