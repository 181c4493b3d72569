"""Signing in through a tenant's own identity provider: a real one, which is honest first and then lies in every way."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import select, update

from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.scope import directory_scope
from app.tenants import queries, service
from app.tenants.accounts.models import UserSession
from app.tenants.joining.service import Inviter, invite_person
from app.tenants.models import Tenant
from app.tenants.providers import rules
from app.tenants.providers.models import Identity, IdentityProvider
from app.tenants.providers.queries import redirect_uri
from tests.cast import PASSWORD, Cast, make_cast
from tests.fakes.oidc_server import CLIENT, SECRET, Person, Provider, provider
from tests.limits import forget_tries
from tests.tenants.at_provider import (
    actions_of,
    ask_for,
    identities_of,
    is_in,
    key_of,
    leave,
    nobody,
    own,
    place_of,
    set_up,
    sign_in,
    through,
)


def test_a_newcomer_comes_in_as_what_the_tenant_gives(cast: Cast, honest: Provider, newcomer: str) -> None:
    found, nia = set_up(cast, honest, "analyst"), nobody(cast)
    answer = sign_in(cast, nia, found, next=f"/t/{cast.slug}/figures/")
    assert (answer.status_code, answer.location) == (303, f"/t/{cast.slug}/figures/")
    assert is_in(cast, nia) and nia.get("settings/").status_code == 403
    with cast.scope():
        member = queries.find_member_by_email(newcomer)
    assert member is not None and (member[0].role, member[1].name) == ("analyst", "Nia")
    assert actions_of(cast)[-2:] == ["member.added", "provider.linked"]
    # The second time the subject alone is enough, whatever has become of the address.
    honest.person.email, honest.person.email_verified = "other@else.example", False
    again = nobody(cast)
    assert sign_in(cast, again, found).status_code == 303 and is_in(cast, again)
    assert len(identities_of(cast)) == 1


def test_who_was_not_invited_stays_outside(cast: Cast, honest: Provider, newcomer: str) -> None:
    found, nia = set_up(cast, honest), nobody(cast)
    assert sign_in(cast, nia, found).status_code == 422 and not is_in(cast, nia)
    with cast.scope():
        invite_person(Inviter(cast.users["alice"], "admin"), newcomer, "lead", "en")
    assert sign_in(cast, nia, found).status_code == 303 and is_in(cast, nia)
    with cast.scope():
        member = queries.find_member_by_email(newcomer)
    assert member is not None and member[0].role == "lead"


def test_a_log_in_is_linked_by_its_own_person_alone(cast: Cast, honest: Provider) -> None:
    found = set_up(cast, honest, "viewer", f"{cast.slug}.example")
    honest.person = Person(email=cast.email("bob"))
    stranger = nobody(cast)
    answer = sign_in(cast, stranger, found)
    assert answer.status_code == 422 and "own way" in answer.text and not is_in(cast, stranger)
    # Somebody else who is signed in links nothing of bob's, and a proof of long ago links nothing either.
    assert sign_in(cast, own(cast, "dana"), found).status_code == 422
    stale = own(cast, "bob")
    with directory_scope(), atomic() as session:
        session.execute(update(UserSession).values(fresh_until=clock.now()))
    assert sign_in(cast, stale, found).status_code == 422 and not identities_of(cast)
    assert sign_in(cast, own(cast, "bob"), found).status_code == 303
    assert [row.user_id for row in identities_of(cast)] == [cast.users["bob"]]
    assert sign_in(cast, stranger, found).status_code == 303
    with cast.scope():
        assert queries.find_role(cast.users["bob"]) == "agent"


def test_an_address_that_goes_to_somebody_new_opens_nothing(cast: Cast, honest: Provider, newcomer: str) -> None:
    found = set_up(cast, honest, "viewer")
    assert sign_in(cast, nobody(cast), found).status_code == 303
    honest.person = Person(sub="u-2", email=newcomer)
    thief = nobody(cast)
    assert sign_in(cast, thief, found).status_code == 422 and not is_in(cast, thief)
    assert [row.subject for row in identities_of(cast)] == ["u-1"]


@pytest.mark.parametrize("verified", [False, None, "true", 1, "yes", [True]])
def test_only_a_true_verification_counts(cast: Cast, honest: Provider, newcomer: str, verified: Any) -> None:
    found, nia = set_up(cast, honest, "viewer"), nobody(cast)
    honest.lie = {"email_verified": verified}
    assert sign_in(cast, nia, found).status_code == 422
    assert not is_in(cast, nia) and not identities_of(cast)


@pytest.mark.parametrize(
    "email", ["ceo@bank.example", "ceo@evil.acme.example", "ceo@acme.example.evil.example", "a@acme.example@b.example"]
)
def test_a_provider_speaks_for_its_own_domains_alone(cast: Cast, honest: Provider, email: str) -> None:
    found, nia = set_up(cast, honest, "viewer"), nobody(cast)
    honest.person = Person(email=email)
    assert sign_in(cast, nia, found).status_code == 422
    assert not identities_of(cast)
    with directory_scope():
        assert queries.find_user_by_email(email) is None


def _other_key(claims: dict[str, Any]) -> str:
    return str(jwt.encode({"alg": "RS256", "kid": "first"}, claims, RSAKey.generate_key(2048)))


def _unsigned(claims: dict[str, Any]) -> str:
    return str(jwt.encode({"alg": "none"}, claims, OctKey.import_key("x" * 32), algorithms=["none"]))


LIES: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "somebody-else"},
    "no audience": {"aud": None},
    "two audiences and no party": {"aud": [CLIENT, "somebody-else"]},
    "another party": {"aud": [CLIENT, "somebody-else"], "azp": "somebody-else"},
    "another party alone": {"azp": "somebody-else"},
    "another nonce": {"nonce": "a nonce of before"},
    "no nonce": {"nonce": None},
    "over": {"exp": 1_600_000_000},
    "over beyond what clocks may differ": {"exp": -90},
    "no end": {"exp": None},
    "an end in words": {"exp": "tomorrow"},
    "not yet": {"nbf": +3600},
    "made in the future": {"iat": +3600},
    "no subject": {"sub": None},
    "a number as subject": {"sub": 7},
    "an endless subject": {"sub": "x" * 256},
    "an empty subject": {"sub": ""},
    "another access token": {"at_hash": "not-its-hash"},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_token_that_does_not_hold_opens_nothing(
    cast: Cast, honest: Provider, newcomer: str, lie: dict[str, Any]
) -> None:
    found, nia = set_up(cast, honest, "viewer"), nobody(cast)
    times = {name: value for name, value in lie.items() if isinstance(value, int) and name != "sub"}
    honest.lie = lie | {name: int(time.time()) + value for name, value in times.items() if value < 1_000_000}
    answer = sign_in(cast, nia, found)
    assert ("POST", "/token") in honest.calls and answer.status_code == 422
    assert not is_in(cast, nia) and not identities_of(cast)


def test_clocks_may_differ_a_little(cast: Cast, honest: Provider, newcomer: str) -> None:
    found, nia = set_up(cast, honest, "viewer"), nobody(cast)
    honest.lie = {"exp": int(time.time()) - 20, "iat": int(time.time()) + 20, "aud": [CLIENT, "else"], "azp": CLIENT}
    assert sign_in(cast, nia, found).status_code == 303


def test_signatures_that_anybody_could_make_count_for_nothing(cast: Cast, honest: Provider, newcomer: str) -> None:
    found = set_up(cast, honest, "viewer")
    public = honest.key.as_pem(private=False)

    def confused(claims: dict[str, Any]) -> str:
        return str(jwt.encode({"alg": "HS256", "kid": "first"}, claims, OctKey.import_key(public)))

    def by_secret(claims: dict[str, Any]) -> str:
        return str(jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET.ljust(32))))

    def stripped(claims: dict[str, Any]) -> str:
        whole = jwt.encode({"alg": "RS256", "kid": "first"}, claims, honest.key)
        return f"{whole.rpartition('.')[0]}."

    honest.metadata = {"id_token_signing_alg_values_supported": ["RS256", "HS256", "none"]}
    for sign in (_other_key, _unsigned, confused, by_secret, stripped, lambda _claims: "no.token.atall"):
        nia = nobody(cast)
        honest.sign = sign
        assert sign_in(cast, nia, found).status_code == 422, sign
        assert not is_in(cast, nia) and not identities_of(cast)
    honest.sign = None
    assert sign_in(cast, nobody(cast), found).status_code == 303


def test_keys_may_change_at_any_moment(cast: Cast, honest: Provider, newcomer: str) -> None:
    found, old = set_up(cast, honest, "viewer"), honest.key
    assert sign_in(cast, nobody(cast), found).status_code == 303
    honest.rotate()
    assert sign_in(cast, nobody(cast), found).status_code == 303
    honest.sign = lambda claims: str(jwt.encode({"alg": "RS256", "kid": "first"}, claims, old))
    assert sign_in(cast, nobody(cast), found).status_code == 422


def test_a_way_back_is_good_once_and_in_one_browser(cast: Cast, honest: Provider, newcomer: str) -> None:
    found, nia, other = set_up(cast, honest, "viewer"), nobody(cast), nobody(cast)
    back = through(leave(cast, nia, found))
    # Somebody's half-done sign-in, put under another's browser (login CSRF): with none under way, and with another one.
    assert other.get(back).status_code == 422
    leave(cast, other, found)
    assert other.get(back).status_code == 422 and not is_in(cast, other)
    assert nia.get(back).status_code == 303
    assert nia.get(back).status_code == 422
    # A code that was used is refused by the provider, also under a state that is good.
    address = leave(cast, other, found)
    state = parse_qs(urlsplit(address).query)["state"][0]
    assert other.get(re.sub("state=[^&]+", f"state={state}", back)).status_code == 422


def test_a_stolen_code_is_worth_nothing_in_another_flow(cast: Cast, honest: Provider, newcomer: str) -> None:
    found, victim, thief = set_up(cast, honest, "viewer"), nobody(cast), nobody(cast)
    stolen = parse_qs(urlsplit(through(leave(cast, victim, found))).query)["code"][0]
    state = parse_qs(urlsplit(leave(cast, thief, found)).query)["state"][0]
    path = urlsplit(honest.redirect_uri).path
    answer = thief.get(path, query_string={"code": stolen, "state": state, "iss": honest.issuer})
    assert answer.status_code == 422 and not is_in(cast, thief)  # PKCE


def test_what_leaves_is_bound(cast: Cast, honest: Provider) -> None:
    found = set_up(cast, honest)
    asked = parse_qs(urlsplit(leave(cast, nobody(cast), found)).query)
    assert asked["redirect_uri"] == [honest.redirect_uri] and asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"] and asked["scope"] == ["openid email profile"]
    other = parse_qs(urlsplit(leave(cast, nobody(cast), found)).query)
    assert all(
        asked[name] != other[name] and len(asked[name][0]) >= 43 for name in ("state", "nonce", "code_challenge")
    )


def test_one_takes_too_long(cast: Cast, honest: Provider, newcomer: str) -> None:
    found, nia = set_up(cast, honest, "viewer"), nobody(cast)
    back = through(leave(cast, nia, found))
    clock.shift(rules.FLOW_WITHIN.total_seconds())
    assert nia.get(back).status_code == 422


def test_providers_are_not_mixed_up(cast: Cast, honest: Provider, newcomer: str) -> None:
    with provider() as evil:
        found = set_up(cast, honest, "viewer")
        evil_id = set_up(cast, evil, "viewer", "evil.example")
        nia = nobody(cast)
        # The evil one has sent the browser on to the honest one, and gets the code at its own address.
        address = leave(cast, nia, evil_id)
        asked = urlsplit(address).query
        honest.redirect_uri = evil.redirect_uri
        back = through(f"{honest.issuer}/authorize?{asked}")
        assert f"iss={honest.issuer}" in back
        calls = len(evil.calls)
        assert nia.get(back).status_code == 422
        assert ("POST", "/token") not in evil.calls[calls:]
        # And one that answers at the honest one's address with what was begun there, in its own name.
        with cast.scope():
            honest.redirect_uri = redirect_uri(found)
        honest.answers_as = evil.issuer
        assert nia.get(through(leave(cast, nia, found))).status_code == 422
        # Who says that it names itself has to.
        honest.answers_as = None
        address = leave(cast, nia, found)
        back = through(address)
        assert nia.get(re.sub("&iss=[^&]+", "", back)).status_code == 422


def test_one_that_never_names_itself_is_known_by_its_address(cast: Cast, honest: Provider, newcomer: str) -> None:
    honest.names_itself, honest.method = False, "client_secret_post"
    found, nia = set_up(cast, honest, "viewer"), nobody(cast)
    assert sign_in(cast, nia, found).status_code == 303


def test_what_the_token_leaves_out_the_provider_tells(cast: Cast, honest: Provider, newcomer: str) -> None:
    honest.userinfo = {"sub": "u-1", "email": newcomer, "email_verified": True}
    honest.lie = {"email": None, "email_verified": None}
    found = set_up(cast, honest, "viewer")
    assert sign_in(cast, nobody(cast), found).status_code == 303
    honest.userinfo["sub"] = "u-2"
    assert sign_in(cast, nobody(cast), found).status_code == 422


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_away(cast: Cast, honest: Provider, newcomer: str, target: str) -> None:
    found, nia = set_up(cast, honest, "viewer"), nobody(cast)
    assert sign_in(cast, nia, found, next=target).location == "/"
    assert "evil.example" not in nobody(cast).get(place_of(cast), query_string={"next": target}).text


def test_a_provider_opens_its_own_tenant_alone(cast: Cast, honest: Provider, newcomer: str) -> None:
    theirs = make_cast(cast.app, admin="charlie")
    found, nia = set_up(cast, honest, "viewer"), nobody(cast)
    assert sign_in(cast, nia, found).status_code == 303
    with theirs.scope():
        service.add_member(newcomer, "admin")
    assert is_in(cast, nia)
    missing = nia.get("/t/there-is-none/figures/")
    for page in ("figures/", "settings/", "settings/team"):
        answer = nia.get(f"/t/{theirs.slug}/{page}")
        assert (answer.status_code, urlsplit(answer.location).path) == (303, "/account/verify")
    assert urlsplit(missing.location).path == "/account/verify"
    assert theirs.slug not in nia.get("/organisations").text
    assert nia.get("/").location.endswith(f"/t/{cast.slug}/")
    for page in ("/account/", "/account/passkeys", "/account/two-steps", "/account/sessions", "/account/password"):
        assert urlsplit(nia.get(page).location).path == "/account/verify"
    assert nia.post("/account/email", {"email": "thief@evil.example"}).location.startswith("/account/verify")
    with directory_scope():
        user = queries.find_user_by_email(newcomer)
        assert user is not None and user.new_email is None
    # A proof of one's own opens the rest.
    assert nia.post("/account/verify", {"password": PASSWORD}).status_code == 422


def test_a_proof_of_ones_own_opens_the_rest(cast: Cast, honest: Provider) -> None:
    theirs = make_cast(cast.app, admin="charlie")
    found = set_up(cast, honest, "viewer", f"{cast.slug}.example")
    honest.person = Person(email=cast.email("bob"))
    assert sign_in(cast, own(cast, "bob"), found).status_code == 303
    with theirs.scope():
        service.add_member(cast.email("bob"), "viewer")
    bob = nobody(cast)
    assert sign_in(cast, bob, found).status_code == 303
    assert bob.get(f"/t/{theirs.slug}/figures/").status_code == 303
    assert bob.post("/account/verify", {"password": PASSWORD}).status_code == 303
    assert bob.get(f"/t/{theirs.slug}/figures/").status_code == 200 and is_in(cast, bob)


def test_what_a_provider_knows_of_old_is_no_fresh_proof(cast: Cast, honest: Provider) -> None:
    found = set_up(cast, honest, "viewer", f"{cast.slug}.example")
    honest.person = Person(email=cast.email("alice"))
    assert sign_in(cast, own(cast, "alice"), found).status_code == 303
    alice, form = nobody(cast), {"rule": "any"}
    assert sign_in(cast, alice, found).status_code == 303
    assert alice.post("settings/sign-in", form).location.startswith("/account/verify")
    honest.person.authenticated_at = int(time.time()) - 3600
    address = leave(cast, alice, found, again="1")
    assert "prompt=login" in address and "max_age=0" in address
    assert alice.get(through(address)).status_code == 303
    assert alice.post("settings/sign-in", form).location.startswith("/account/verify")
    honest.person.authenticated_at = int(time.time())
    assert alice.get(through(leave(cast, alice, found, again="1"))).status_code == 303
    assert alice.post("settings/sign-in", form).location == f"/t/{cast.slug}/settings/sign-in"
    assert alice.get("/account/passkeys").location.startswith("/account/verify")


def test_a_tenant_may_ask_for_its_provider_alone(cast: Cast, honest: Provider, newcomer: str) -> None:
    found = set_up(cast, honest, "viewer")
    ask_for(cast, "provider")
    for way in ("password", "two_steps", "passkey"):
        answer = own(cast, "bob", way).get("figures/")
        assert (answer.status_code, urlsplit(answer.location).path) == (303, place_of(cast))
    nia = nobody(cast)
    assert sign_in(cast, nia, found).status_code == 303 and is_in(cast, nia)


def test_an_admin_may_pass_by_in_need(cast: Cast, honest: Provider) -> None:
    set_up(cast, honest, "viewer")
    alice, bob, weak = own(cast, "alice", "two_steps"), own(cast, "bob", "passkey"), own(cast, "alice")
    assert alice.post(place_of(cast)).status_code == 403  # not needed yet
    ask_for(cast, "provider")
    assert [who.post(place_of(cast)).status_code for who in (bob, weak, nobody(cast))] == [403, 403, 403]
    assert not is_in(cast, alice)
    assert alice.post(place_of(cast), {"next": f"/t/{cast.slug}/figures/"}).status_code == 303
    assert is_in(cast, alice) and actions_of(cast)[-1] == "provider.passed_by"


def test_only_who_came_through_it_can_ask_it_of_everybody(cast: Cast, honest: Provider) -> None:
    found = set_up(cast, honest, "viewer", f"{cast.slug}.example")
    alice = own(cast, "alice", "passkey")
    assert alice.post("settings/sign-in", {"rule": "provider"}).status_code == 422
    honest.person = Person(email=cast.email("alice"))
    assert sign_in(cast, alice, found).status_code == 303
    assert alice.post("settings/sign-in", {"rule": "provider"}).status_code == 303
    assert alice.post(f"settings/providers/{found}/removal").status_code == 409


def test_who_leaves_is_out_at_once(cast: Cast, honest: Provider, newcomer: str) -> None:
    found, nia = set_up(cast, honest, "viewer"), nobody(cast)
    assert sign_in(cast, nia, found).status_code == 303 and is_in(cast, nia)
    with cast.scope():
        service.end_membership(_identities_user(cast))
    assert not is_in(cast, nia)
    assert sign_in(cast, nobody(cast), found).status_code == 422


def _identities_user(cast: Cast) -> UUID:
    return db.session.scalars(select(Identity.user_id)).one()


@pytest.mark.parametrize("act", ["unlink", "remove"])
def test_what_was_nothing_but_its_word_ends_with_it(cast: Cast, honest: Provider, newcomer: str, act: str) -> None:
    found, nia = set_up(cast, honest, "viewer"), nobody(cast)
    assert sign_in(cast, nia, found).status_code == 303
    (row,) = identities_of(cast)
    path = f"people/{row.id}/removal" if act == "unlink" else "removal"
    assert cast.client("alice").post(f"settings/providers/{found}/{path}").status_code == 303
    answer = nia.get("figures/")
    assert (answer.status_code, urlsplit(answer.location).path) == (303, "/sign-in")
    assert not identities_of(cast)


def test_the_secret_never_leaves(cast: Cast, honest: Provider) -> None:
    found, alice = set_up(cast, honest), cast.client("alice")
    pages = [alice.get(path).text for path in ("settings/providers", f"settings/providers/{found}", "settings/audit")]
    with cast.scope():
        row = db.session.scalars(select(IdentityProvider)).one()
        stored = row.sealed_secret
    assert SECRET not in stored
    assert all("signs+" not in page and stored not in page for page in pages)
    form = {"name": "Acme", "domains": "acme.example", "newcomer_role": "nobody", "client_id": CLIENT, "secret": ""}
    assert alice.post(f"settings/providers/{found}", form).status_code == 303
    with cast.scope():
        assert db.session.scalars(select(IdentityProvider.sealed_secret)).one() == stored


@pytest.mark.parametrize(
    "issuer",
    [
        "http://169.254.169.254/latest",
        "https://localhost",
        "https://[::1]",
        "https://10.0.0.1",
        "https://2130706433/",
        "https://idp.example.com@127.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/",
        "https://accounts.example.com/?tenant=x",
        "",
    ],
)
def test_discovery_goes_nowhere_inside(cast: Cast, issuer: str) -> None:
    form = {"name": "Inside", "issuer": issuer, "domains": "acme.example", "newcomer_role": "nobody"}
    assert cast.client("alice").post("settings/providers", form).status_code == 422
    with cast.scope():
        assert not db.session.scalars(select(IdentityProvider)).all()


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://accounts.example.com"},
        {"issuer": None},
        {"token_endpoint": "http://169.254.169.254/"},
        {"jwks_uri": "https://[fd00::1]/keys"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": 7},
        {"id_token_signing_alg_values_supported": ["HS256", "none"]},
        {"response_types_supported": ["id_token"]},
        {"code_challenge_methods_supported": ["plain"]},
    ],
)
def test_a_discovery_that_does_not_hold_is_not_saved(cast: Cast, honest: Provider, said: dict[str, Any]) -> None:
    honest.metadata = said
    form = {"name": "Acme", "issuer": honest.issuer, "domains": "acme.example", "newcomer_role": "nobody"}
    assert cast.client("alice").post("settings/providers", form).status_code == 422
    with cast.scope():
        assert not db.session.scalars(select(IdentityProvider)).all()


def test_who_has_turned_since_is_not_followed(cast: Cast, honest: Provider, newcomer: str) -> None:
    found, nia = set_up(cast, honest, "viewer"), nobody(cast)
    back = through(leave(cast, nia, found))
    honest.metadata = {"token_endpoint": "http://10.0.0.1/token"}
    assert nia.get(back).status_code == 422
    alice = cast.client("alice")
    assert "10.0.0.1" not in nia.get(place_of(cast)).text
    assert alice.post(f"settings/providers/{found}/test").status_code == 303
    assert "does not answer as it should" in alice.get(f"settings/providers/{found}").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"domains": ""},
        {"domains": "localhost"},
        {"domains": "*.example.com"},
        {"domains": "acme.example\nnot a domain!"},
        {"newcomer_role": "admin"},
        {"newcomer_role": "partner"},
        {"name": ""},
        {"name": "x" * 61},
    ],
)
def test_what_cannot_be_is_not_saved(cast: Cast, honest: Provider, wrong: dict[str, str]) -> None:
    form = {"name": "Acme", "issuer": honest.issuer, "domains": "acme.example", "newcomer_role": "nobody"} | wrong
    assert cast.client("alice").post("settings/providers", form).status_code == 422


def test_strangers_learn_nothing(cast: Cast, honest: Provider) -> None:
    found = set_up(cast, honest)
    theirs, who = make_cast(cast.app, admin="charlie"), nobody(cast)
    for path in (f"/sign-in/at/{cast.slug}", f"/sign-in/at/{'A' * 64}", f"/sign-in/back/{'A' * 64}"):
        assert who.get(path).status_code == 404
    # A link of another tenant opens no provider of this one, nor do that tenant's admins.
    key = key_of(cast, who)
    assert who.get(f"{place_of(theirs)}/{found}", query_string={"key": key}).status_code == 404
    charlie = theirs.client("charlie")
    assert charlie.get(f"settings/providers/{found}").status_code == 404
    assert charlie.post(f"settings/providers/{found}/removal").status_code == 404
    assert cast.client("bob").get("settings/providers").status_code == 403
    with directory_scope():
        assert db.session.get(Tenant, cast.tenant_id) is not None


def test_the_next_time_the_way_is_known(cast: Cast, honest: Provider, newcomer: str) -> None:
    found, nia = set_up(cast, honest, "viewer"), nobody(cast)
    assert sign_in(cast, nia, found).status_code == 303
    assert nia.post("/sign-out").status_code == 303
    assert place_of(cast) in nia.get("/sign-in").text
    assert place_of(cast) not in nobody(cast).get("/sign-in").text
    forget_tries()
