"""The second step: an app that shows codes, each taken once; recovery codes; and what it takes to change them."""

from __future__ import annotations

import re
from datetime import timedelta
from threading import Barrier, Thread
from uuid import UUID

import pytest
from click.testing import CliRunner

from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.scope import directory_scope
from app.tenants import queries as tenants
from app.tenants.accounts import queries, service
from app.tenants.accounts.commands import reset_second_step
from app.tenants.accounts.models import Authenticator, RecoveryCode
from tests.cast import PASSWORD, Cast, PageClient
from tests.tenants.one_time import code_of, set_up_app
from tests.tenants.soft_key import SoftKey, add_passkey, asked
from tests.tenants.test_sessions import change, is_in, rows, signed_in


def half_way(cast: Cast, name: str = "alice") -> PageClient:
    """A browser that has given the right password of somebody who has a second step."""
    client = PageClient(cast.app, cast.slug)
    answer = client.post("/sign-in", {"email": cast.email(name), "password": PASSWORD, "next": "/account/"})
    assert (answer.status_code, answer.location) == (303, "/sign-in/second-step?next=/account/")
    client.renew_token()
    return client


def give(client: PageClient, code: str, **more: str) -> int:
    status = client.post("/sign-in/second-step", {"code": code, **more}).status_code
    client.renew_token()
    return status


def later(minutes: float) -> None:
    clock.shift(int(minutes * 60))


def test_the_password_alone_no_longer_lets_in(cast: Cast) -> None:
    set_up_app(cast.client("alice"))
    client = half_way(cast)
    assert not is_in(client)
    assert client.get("").status_code == 303


def test_the_code_of_the_app_lets_in_once(cast: Cast) -> None:
    key, _codes = set_up_app(cast.client("alice"))
    later(1)
    code, clients = code_of(key), [half_way(cast) for _turn in range(2)]
    assert give(clients[0], code[:3] + " " + code[3:], next="/account/") == 303
    assert is_in(clients[0]) and rows(cast)[-1].way == "two_steps"
    assert give(clients[1], code) == 422 and not is_in(clients[1])


def test_the_code_with_which_it_was_set_up_is_spent(cast: Cast) -> None:
    key, _codes = set_up_app(cast.client("alice"))
    assert give(half_way(cast), code_of(key)) == 422


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 303), (1, 303), (2, 422)])
def test_a_clock_may_go_wrong_by_one_code(cast: Cast, steps: int, status: int) -> None:
    key, _codes = set_up_app(cast.client("alice"))
    later(5)
    assert give(half_way(cast), code_of(key, steps)) == status


def test_of_two_who_give_one_code_at_once_one_comes_in(cast: Cast) -> None:
    key, _codes = set_up_app(cast.client("alice"))
    later(1)
    code, clients, together = code_of(key), [half_way(cast) for _turn in range(4)], Barrier(4)
    came: list[int] = []

    def run(client: PageClient) -> None:
        together.wait()
        came.append(client.post("/sign-in/second-step", {"code": code}).status_code)

    threads = [Thread(target=run, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == [303, 422, 422, 422]


def test_a_recovery_code_lets_in_once_however_it_is_typed(cast: Cast) -> None:
    _key, codes = set_up_app(cast.client("alice"))
    assert len(set(codes)) == 10
    assert give(half_way(cast), codes[3].upper().replace("-", " ")) == 303
    assert give(half_way(cast), codes[3]) == 422
    assert "9 codes are left" in cast.client("alice").get("/account/two-steps").text


def test_somebody_elses_codes_let_nobody_in(cast: Cast, others: Cast) -> None:
    key, codes = set_up_app(others.client("charlie"))
    set_up_app(cast.client("alice"))
    later(1)
    assert [give(half_way(cast), code) for code in (code_of(key), codes[0])] == [422, 422]


@pytest.mark.parametrize("code", ["", "000000", "12345", "１２３４５６", "٠١٢٣٤٥", "x" * 5000, "' OR 1=1", "0x1234"])
def test_nothing_else_lets_in(cast: Cast, code: str) -> None:
    set_up_app(cast.client("alice"))
    client = half_way(cast)
    assert give(client, code) == 422 and not is_in(client)


def test_codes_are_tried_five_times_a_minute(cast: Cast) -> None:
    set_up_app(cast.client("alice"))
    first, client = half_way(cast), half_way(cast)
    statuses = [give(first, "000000") for _turn in range(5)]
    # Neither another session nor another address in a header begins the count anew.
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9", "CF-Connecting-IP": "203.0.113.9"}
    assert statuses == [422] * 5
    assert client.post("/sign-in/second-step", {"code": "000000"}, headers=forged).status_code == 429


def test_half_way_lasts_ten_minutes(cast: Cast) -> None:
    key, _codes = set_up_app(cast.client("alice"))
    client = half_way(cast)
    later(10)
    answer = client.post("/sign-in/second-step", {"code": code_of(key)})
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert not is_in(client)


def test_half_way_dies_with_the_password(cast: Cast) -> None:
    alice = cast.client("alice")
    key, _codes = set_up_app(alice)
    later(1)
    client = half_way(cast)
    answer = alice.post("/account/password", {"present": PASSWORD, "wanted": "another long phrase of mine"})
    assert answer.status_code == 303
    assert give(client, code_of(key)) == 303 and not is_in(client)


def test_setting_it_up_ends_the_other_sessions(cast: Cast) -> None:
    other = signed_in(cast)
    alice = cast.client("alice")
    set_up_app(alice)
    assert is_in(alice) and not is_in(other)


def test_a_wrong_code_sets_nothing_up(cast: Cast) -> None:
    alice = cast.client("alice")
    alice.get("/account/two-steps/app")
    assert alice.post("/account/two-steps/app", {"code": "000000"}).status_code == 422
    with directory_scope():
        assert db.session.get(Authenticator, cast.users["alice"]) is None
    assert alice.post("/account/two-steps/app", {}).status_code == 422


def test_a_second_app_does_not_take_the_place_of_the_first(cast: Cast) -> None:
    """Else somebody at an open screen could put theirs in its place with one request."""
    alice, again = cast.client("alice"), cast.client("alice")
    again.get("/account/two-steps/app")
    set_up_app(alice)
    assert alice.get("/account/two-steps/app").status_code == 303
    assert again.post("/account/two-steps/app", {"code": "000000"}).location[:8] == "/sign-in"


def test_new_recovery_codes_end_the_old_ones(cast: Cast) -> None:
    alice = cast.client("alice")
    _key, old = set_up_app(alice)
    answer = alice.post("/account/two-steps/codes")
    new = re.findall(r"\b[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}\b", answer.text)
    assert answer.status_code == 201 and len(new) == 10 and not set(new) & set(old)
    assert [give(half_way(cast), code) for code in (old[0], new[0])] == [422, 303]


def test_of_many_who_make_new_codes_at_once_the_last_ones_are_good(cast: Cast) -> None:
    alice = cast.client("alice")
    set_up_app(alice)
    together = Barrier(4)

    def run() -> None:
        with cast.app.app_context(), directory_scope():
            together.wait()
            service.renew_recovery_codes(cast.users["alice"], "")

    threads = [Thread(target=run) for _turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with directory_scope():
        assert queries.second_steps(cast.users["alice"]).codes_left == 10


def test_neither_secret_nor_codes_are_kept_as_they_are(cast: Cast) -> None:
    key, codes = set_up_app(cast.client("alice"))
    with directory_scope():
        kept = db.session.get(Authenticator, cast.users["alice"])
        digests = [row.digest for row in db.session.query(RecoveryCode).filter_by(user_id=cast.users["alice"])]
    assert kept is not None and key.replace("-", "") not in kept.secret and '"enckey"' in kept.secret
    assert not {code.replace("-", "") for code in codes} & set(digests)


def test_taking_it_away_takes_the_codes_too_and_ends_other_sessions(cast: Cast) -> None:
    alice = cast.client("alice")
    key, codes = set_up_app(alice)
    later(1)
    other = half_way(cast)
    assert give(other, code_of(key)) == 303 and is_in(other)
    assert alice.post("/account/two-steps/app/removal").status_code == 303
    assert not is_in(other)
    assert is_in(signed_in(cast))
    set_up_app(alice)
    assert give(half_way(cast), codes[0]) == 422


SENSITIVE = ("/account/two-steps/app", "/account/two-steps/app/removal", "/account/two-steps/codes")


@pytest.mark.parametrize("path", SENSITIVE)
def test_a_change_takes_the_password_and_the_present_second_step(cast: Cast, path: str) -> None:
    """V45: who sits down at an open screen, and who has stolen the password, weakens nothing."""
    alice = cast.client("alice")
    key, _codes = set_up_app(alice)
    change(cast, fresh_until=clock.now() - timedelta(seconds=1))
    answer = alice.post(path, {"code": "000000"}, headers={"Referer": "http://localhost/account/two-steps"})
    assert (answer.status_code, answer.location) == (303, "/account/verify?next=/account/two-steps")
    later(1)
    wrong = ({"password": PASSWORD}, {"password": PASSWORD, "code": "000000"}, {"password": "x", "code": code_of(key)})
    assert [alice.post("/account/verify", proof).status_code for proof in wrong] == [422] * 3
    assert alice.post(path, {"code": "000000"}).location == "/account/verify?next="
    with directory_scope():
        assert db.session.get(Authenticator, cast.users["alice"]) is not None
    proof = {"password": PASSWORD, "code": code_of(key), "next": "/account/two-steps"}
    answer = alice.post("/account/verify", proof)
    assert (answer.status_code, answer.location) == (303, "/account/two-steps")
    assert (alice.post(path, {"code": "000000"}).location or "")[:15] != "/account/verify"


def test_a_code_that_failed_with_the_password_is_not_spent(cast: Cast) -> None:
    """Else a typing error in the password would cost half a minute."""
    alice = cast.client("alice")
    key, _codes = set_up_app(alice)
    later(1)
    code = code_of(key)
    statuses = [alice.post("/account/verify", {"password": word, "code": code}).status_code for word in ("x", PASSWORD)]
    assert statuses == [422, 303]


def test_proofs_are_tried_five_times_a_minute(cast: Cast) -> None:
    alice = cast.client("alice")
    statuses = [alice.post("/account/verify", {"password": "wrong"}).status_code for _turn in range(6)]
    assert statuses == [422] * 5 + [429]


def test_a_tenant_may_ask_for_two_steps(cast: Cast) -> None:
    """Who has none is led to make one and can do nothing else there; who makes one goes on in the same session."""
    alice, bob = cast.client("alice"), cast.client("bob")
    _ask(cast, "two_steps")
    answer = alice.get("settings/")
    assert (answer.status_code, answer.location.split("&")[0]) == (303, "/account/stronger?rule=two_steps")
    assert "Set up an app instead" in alice.get(answer.location).text
    assert bob.post("cases/1/notes", {"note": "x"}).status_code == 303
    set_up_app(alice)
    assert alice.get("settings/").status_code == 200


@pytest.mark.parametrize("kind", ["app", "passkey"])
def test_who_makes_one_is_led_back_to_where_it_was_asked_for(cast: Cast, kind: str) -> None:
    alice, here = cast.client("alice"), f"/t/{cast.slug}/settings/"
    _ask(cast, "two_steps")
    page = alice.get(alice.get("settings/").location).text
    path = {"app": "/account/two-steps/app", "passkey": "/account/passkeys"}[kind]
    assert f'href="{path}?next={here}"' in page
    form = alice.get(f"{path}?next={here}").text
    assert f'name="next" value="{here}"' in form
    if kind == "app":
        found = re.search(r'class="key-text">([A-Z2-7 -]+)<', form)
        assert found
        answer = alice.post(path, {"code": code_of(found[1]), "next": here})
    else:
        made = SoftKey().make(asked(alice, "/account/passkeys/challenge"))
        answer = alice.post(path, {"name": "Laptop", "credential": made, "next": here})
    assert answer.status_code == 201 and f'class="btn btn-primary" href="{here}"' in answer.text
    made = SoftKey().make(asked(alice, "/account/passkeys/challenge"))
    assert alice.post("/account/passkeys", {"name": "Phone", "credential": made, "next": here}).location == here


def test_nobody_is_led_away_from_the_site(cast: Cast) -> None:
    alice = cast.client("alice")
    made = SoftKey().make(asked(alice, "/account/passkeys/challenge"))
    answer = alice.post("/account/passkeys", {"name": "Laptop", "credential": made, "next": "//evil.example/"})
    assert answer.status_code == 201 and "evil.example" not in answer.text


def test_a_tenant_may_ask_for_passkeys(cast: Cast) -> None:
    alice = cast.client("alice")
    set_up_app(alice)
    _ask(cast, "passkey")
    answer = alice.get("settings/")
    assert answer.status_code == 303 and "rule=passkey" in answer.location
    page = alice.get(answer.location).text
    assert "Make a passkey" in page and "Set up an app" not in page


def test_another_tenants_rule_does_not_bind(cast: Cast, others: Cast) -> None:
    _ask(cast, "passkey")
    assert others.client("charlie").get("settings/").status_code == 200


def _ask(cast: Cast, rule: str) -> None:
    with directory_scope(), atomic():
        tenants.get_tenant_by_slug(cast.slug).sign_in_rule = rule


def test_a_session_is_worth_no_more_than_what_its_person_has_left(cast: Cast) -> None:
    """Whoever takes the last second step away passes no rule that asks for one."""
    alice = cast.client("alice")
    set_up_app(alice)
    add_passkey(alice)
    found = []
    for path in (f"passkeys/{_passkey(cast)}/removal", "two-steps/app/removal"):
        assert alice.post(f"/account/{path}").status_code == 303
        found.append(rows(cast)[-1].way)
    assert found == ["two_steps", "password"]
    _ask(cast, "two_steps")
    assert alice.get("settings/").location[:17] == "/account/stronger"


def _passkey(cast: Cast) -> UUID:
    with directory_scope():
        return queries.list_passkeys(cast.users["alice"])[0].id


def test_an_admin_sets_the_rule_that_they_keep_to_themselves(cast: Cast) -> None:
    """Else the first who is shut out would be the one who could open again."""
    alice = cast.client("alice")
    assert "0 take two steps, 0 have a passkey" in alice.get("settings/sign-in").text
    assert alice.post("settings/sign-in", {"rule": "two_steps"}).status_code == 422
    set_up_app(alice)
    assert alice.post("settings/sign-in", {"rule": "passkey"}).status_code == 422
    assert alice.post("settings/sign-in", {"rule": "two_steps"}).status_code == 303
    assert cast.client("bob").get("").status_code == 303
    page = alice.get("settings/sign-in").text
    assert "1 takes two steps, 0 have a passkey" in page and 'value="two_steps" checked' in page
    assert "changed how everybody has to sign in" in alice.get("settings/audit").text


@pytest.mark.parametrize("rule", ["", "none", "any ", "x" * 5000])
def test_there_are_three_rules(cast: Cast, rule: str) -> None:
    assert cast.client("alice").post("settings/sign-in", {"rule": rule}).status_code == 422


def test_only_who_may_change_settings_sets_it(cast: Cast) -> None:
    assert cast.client("bob").post("settings/sign-in", {"rule": "any"}).status_code == 403


def test_an_operator_lets_in_who_has_lost_everything(cast: Cast) -> None:
    alice = cast.client("alice")
    set_up_app(alice)
    add_passkey(alice)
    run = CliRunner().invoke(reset_second_step, [cast.email("alice").upper()])
    assert run.exit_code == 0, run.output
    assert not is_in(alice) and is_in(signed_in(cast))
    with directory_scope():
        assert not queries.second_steps(cast.users["alice"])
    unknown = CliRunner().invoke(reset_second_step, ["nobody@example.com"])
    assert (unknown.exit_code, unknown.output) == (1, "Error: Nobody signs in with nobody@example.com.\n")
