"""An example organisation: one for each tenant, apart from it, shut to the outside, gone with one press."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask_openapi3 import OpenAPI
from sqlalchemy import select, update

from app.delivery import letters
from app.delivery.models import Message
from app.delivery.service import queue_message
from app.kernel import clock, tokens
from app.kernel.db import atomic, db
from app.kernel.errors import Conflict
from app.kernel.events import publish as publish_event
from app.kernel.ids import new_id
from app.kernel.scope import directory_scope, tenant_scope
from app.surveys.design.service import SurveyFacts, add_survey, publish
from app.surveys.design.starters import starter
from app.tenants import queries
from app.tenants.events import TenantLetterWanted
from app.tenants.examples import service
from app.tenants.examples.models import Example
from app.tenants.examples.queries import find_example_of, keeps_back
from app.tenants.examples.rules import CLOSED_BLUEPRINTS, CLOSED_PAGES, KEPT_UNOPENED, mail_domain
from app.tenants.key_service import create_api_key
from app.tenants.models import AuditEvent, Tenant, User
from app.tenants.service import add_member, change_role, create_tenant, end_membership
from app.tenants.sessions import SignedIn
from app.web.letters import Letter
from tests import smtp
from tests.cast import PASSWORD, ApiClient, Cast, PageClient
from tests.examples import forget_stories
from tests.queries import count_queries


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_left(application: OpenAPI) -> Iterator[None]:
    yield
    with application.app_context():
        forget_stories()


def _enter(cast: Cast, name: str = "alice") -> str:
    """Into the example by the page; returns its short name."""
    answer = cast.client(name).post("example/")
    assert answer.status_code == 303, answer.text
    return str(answer.location).split("/")[2]


def _example(cast: Cast) -> Cast:
    """The example of this tenant as a cast, its story not begun."""
    _enter(cast)
    with directory_scope():
        found = find_example_of(cast.tenant_id)
        assert found is not None
    forget_stories()
    return Cast(cast.app, found.id, found.slug, "", cast.users)


def _tenant(tenant_id: Any) -> Tenant:
    with directory_scope():
        found = queries.find_tenant(tenant_id)
        assert found is not None
        return found


def _colleague(cast: Cast, name: str = "ada") -> None:
    with cast.scope():
        cast.users[name] = add_member(cast.email(name), "admin", PASSWORD, name=name.title())


def test_one_press_makes_it_beside_the_tenant(cast: Cast) -> None:
    slug = _enter(cast)
    with directory_scope():
        made = find_example_of(cast.tenant_id)
    own = _tenant(cast.tenant_id)
    assert made is not None and slug == made.slug == f"{cast.slug}-example"
    assert (made.is_sample, own.is_sample, own.sample_of) == (True, False, None)
    assert made.name == f"{own.name} · example"
    assert (made.timezone, made.default_locale) == (own.timezone, own.default_locale)
    with tenant_scope(made.id):
        assert [(user.id, row.role) for row, user in queries.list_members()] == [(cast.users["alice"], "admin")]
    home = PageClient(cast.app, slug, None)
    assert home.get("").status_code == 303, "nobody looks into it without signing in"


@pytest.mark.parametrize("name", ["bob", "dana", "pat"])
def test_only_an_admin_asks_for_it(cast: Cast, name: str) -> None:
    assert cast.client(name).post("example/").status_code == 403
    with directory_scope():
        assert find_example_of(cast.tenant_id) is None


def test_asked_for_again_it_is_the_same(cast: Cast) -> None:
    assert _enter(cast) == _enter(cast)
    with directory_scope():
        assert len(list(db.session.scalars(select(Tenant.id).where(Tenant.slug.startswith(cast.slug))))) == 2


def test_asked_for_by_many_at_the_same_moment_there_is_one(cast: Cast) -> None:
    _colleague(cast)
    barrier, slugs = threading.Barrier(6), list[object]()

    def ask(name: str) -> None:
        with cast.app.app_context(), cast.scope():
            barrier.wait()
            try:
                slugs.append(service.enter_example(cast.email(name)))
            except Exception as error:
                slugs.append(error)

    threads = [threading.Thread(target=ask, args=(name,)) for name in ("alice", "ada") * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert slugs == [f"{cast.slug}-example"] * 6
    with directory_scope():
        found = find_example_of(cast.tenant_id)
        assert found is not None
    with tenant_scope(found.id):
        assert {user.id for _row, user in queries.list_members()} == {cast.users["alice"], cast.users["ada"]}


def test_another_admin_is_let_in_by_asking_and_nobody_else_is_there(cast: Cast) -> None:
    example = _example(cast)
    _colleague(cast)
    assert example.client("ada").get("").status_code == 404
    assert _enter(cast, "ada") == example.slug
    assert example.client("ada").get("").status_code == 200
    assert example.client("bob").get("").status_code == 404


def test_a_short_name_that_is_taken_is_somebody_elses(cast: Cast) -> None:
    taken = create_tenant(f"{cast.slug}-example", "Theirs", "them@theirs.example", PASSWORD)
    assert _enter(cast) == f"{cast.slug}-example-2"
    assert _tenant(taken.tenant_id).name == "Theirs"


def test_a_long_name_and_short_name_are_cut_to_fit(app: Any) -> None:
    slug = ("x" * 58) + str(new_id().int)[-4:]
    made = create_tenant(slug, "名" * 200, f"me@{slug}.example", PASSWORD, locale="zh-Hans", timezone="Asia/Shanghai")
    with tenant_scope(made.tenant_id):
        example = service.enter_example(f"me@{slug}.example")
    assert example.endswith("-example") and len(example) <= 63
    with directory_scope():
        found = find_example_of(made.tenant_id)
    assert found is not None
    assert len(found.name) <= 200 and found.name.endswith("示例")
    assert (found.default_locale, found.timezone) == ("zh-Hans", "Asia/Shanghai")


def test_an_example_has_none_of_its_own(cast: Cast) -> None:
    example = _example(cast)
    assert example.client("alice").post("example/").status_code == 403
    with example.scope(), pytest.raises(Conflict):
        service.enter_example(cast.email("alice"))


def test_its_pages_say_what_it_is_and_the_tenants_own_do_not(cast: Cast) -> None:
    example = _example(cast)
    alice = example.client("alice")
    for path in ("", "cases/", "figures/", "surveys/", "settings/", "settings/team", "start", "example/removal"):
        page = alice.get(path)
        assert page.status_code == 200, path
        assert "Example organisation: invented customers." in page.text, path
        assert f"/t/{example.slug}/example/removal" in page.text, path
    assert "Look around in a filled example" not in alice.get("start").text
    own = cast.client("alice")
    assert "Look around in a filled example" in own.get("start").text
    assert "Look around in a filled example" in own.get("").text
    for path in ("", "start", "settings/"):
        assert "invented customers." not in own.get(path).text
    for path in ("example/removal", "example/progress"):
        assert own.get(path).status_code == 404


def test_the_switcher_tells_which_is_the_example_and_one_begins_in_the_real_one(cast: Cast) -> None:
    example = _example(cast)
    alice = cast.client("alice")
    page = alice.get("/organisations").text
    assert f"/t/{cast.slug}/" in page and f"/t/{example.slug}/" in page
    assert page.count("Invented customers, to look around") == 1
    assert alice.get("/").location == f"/t/{cast.slug}/"


def test_what_reaches_outside_is_closed(cast: Cast) -> None:
    """Every page of these rooms, whatever it is called: the table of routes is asked."""
    example = _example(cast)
    alice, here = example.client("alice"), 0
    rules = [rule for rule in cast.app.url_map.iter_rules() if "<tenant>" in rule.rule]
    for rule in rules:
        room = rule.endpoint.partition(".")[0]
        if room not in CLOSED_BLUEPRINTS and rule.endpoint not in CLOSED_PAGES:
            continue
        values = {
            name: "x" if "uuid" not in repr(converter) else new_id() for name, converter in rule._converters.items()
        }
        values = {name: new_id() if "UUID" in type(rule._converters[name]).__name__ else "x" for name in rule.arguments}
        _subdomain, path = rule.build({**values, "tenant": example.slug}) or ("", "")
        sent = alice.post(path) if "POST" in (rule.methods or ()) else alice.get(path)
        assert sent.status_code == 403, rule
        here += 1
    assert here >= 30
    known = {rule.endpoint for rule in cast.app.url_map.iter_rules()}
    assert known >= CLOSED_PAGES
    assert {name.partition(".")[0] for name in known} >= CLOSED_BLUEPRINTS - {"billing"}, "a room has another name"


def test_nothing_leads_to_what_is_closed(cast: Cast) -> None:
    example = _example(cast)
    alice = example.client("alice")
    closed = ("settings/keys", "settings/webhooks", "settings/sign-in", "settings/team/invites")
    for path in ("", "settings/", "settings/team", "start", "search?q=a", "search?q=we", "search?q=si"):
        text = alice.get(path).text
        assert not [part for part in closed if f"/t/{example.slug}/{part}" in text], path


def test_a_key_of_an_example_opens_nothing(cast: Cast) -> None:
    example = _example(cast)
    with example.scope():
        key = create_api_key("made at the command line", ("admin",))
    assert ApiClient(cast.app, key).get("surveys").status_code == 401


def test_an_open_link_of_an_example_leads_nowhere(cast: Cast) -> None:
    example = _example(cast)
    for tenant in (cast, example):
        with tenant.scope():
            add_survey(SurveyFacts("Delivery", has_open_link=True), starter("nps", "Acme", "en"), "delivery")
            publish("delivery")
    stranger = PageClient(cast.app, "", None)
    assert stranger.get(f"/s/{cast.slug}/delivery").status_code == 200
    assert stranger.get(f"/s/{example.slug}/delivery").status_code == 404


def _mail(address: str) -> Message:
    return queue_message("invitation", new_id(), address, "Acme", "How was it?", "…", "<p>…</p>")


def test_mail_goes_to_its_own_people_alone(cast: Cast) -> None:
    example = _example(cast)
    with example.scope():
        invented = add_member(f"jun@{mail_domain(example.tenant_id)}", "agent", PASSWORD, name="Jun")
        addresses = [cast.email("alice"), cast.email("bob"), "ana.1@post.test", f"jun@{mail_domain(example.tenant_id)}"]
        with atomic():
            sent = [_mail(address).id for address in addresses]
    with smtp.serve(cast.app) as server:
        example.run_jobs()
    assert server.recipients == [cast.email("alice")]
    with example.scope():
        rows = list(db.session.scalars(select(Message).where(Message.id.in_(sent))))
    assert {row.state for row in rows} == {"sent"}, "its story goes on as if they had been"
    with cast.scope(), atomic():
        _mail("ana.1@post.test")
        assert keeps_back(f"jun@{mail_domain(example.tenant_id)}"), "nobody has this address, wherever it turns up"
    with smtp.serve(cast.app) as server:
        cast.run_jobs()
    assert server.recipients == ["ana.1@post.test"], "a tenant's own mails are not touched"
    assert invented


def test_a_letter_about_an_example_goes_to_its_own_people_alone(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    example, to = _example(cast), list[str]()

    def write(_subject: Any) -> Letter:
        return Letter(to_address=to[-1], language="en", subject="Look", paragraphs=("Hello.",))

    monkeypatch.setattr(letters, "_writers", {"unpaid": write})
    with smtp.serve(cast.app) as server:
        for address in (cast.email("bob"), cast.email("alice")):
            to.append(address)
            with example.scope(), atomic():
                publish_event(TenantLetterWanted("unpaid", new_id()))
            example.run_jobs()
    assert server.recipients == [cast.email("alice")]


def test_removed_it_is_gone_at_once_for_everybody(cast: Cast) -> None:
    example = _example(cast)
    _colleague(cast)
    _enter(cast, "ada")
    with example.scope():
        jun = add_member(f"jun@{mail_domain(example.tenant_id)}", "agent", PASSWORD, name="Jun")
    alice = example.client("alice")
    assert f"Remove {_tenant(example.tenant_id).name}?" in alice.get("example/removal").text
    gone = alice.post("example/removal")
    assert (gone.status_code, gone.location) == (303, "/")
    for name in ("alice", "ada"):
        assert example.client(name).get("").status_code == 404
        assert cast.client(name).get("").status_code == 200
    row = _tenant(example.tenant_id)
    assert row.slug != example.slug and row.sample_of is None and row.closed_at is not None
    with directory_scope():
        assert queries.find_tenant_by_slug(example.slug) is None
        user = queries.find_user(jun)
        assert user is not None and not user.is_active
    assert "example" not in cast.client("alice").get("/organisations").text.lower().replace(cast.slug, "")
    with example.scope():
        assert queries.list_members() == []
        service.remove_example(example.tenant_id)  # twice changes nothing
        actions = list(db.session.scalars(select(AuditEvent.action).where(AuditEvent.action == "example.removed")))
    assert len(actions) == 1
    assert _enter(cast) == example.slug, "the next one has the name again"


def test_removing_it_lets_nobody_in_who_was_switched_off(cast: Cast) -> None:
    example = _example(cast)
    _colleague(cast)
    _enter(cast, "ada")
    with directory_scope(), atomic() as session:
        session.execute(update(User).where(User.id == cast.users["ada"]).values(is_active=False))
    with example.scope():
        service.remove_example(example.tenant_id)
    with directory_scope():
        active = {name: db.session.get_one(User, cast.users[name]).is_active for name in ("ada", "alice")}
    assert active == {"ada": False, "alice": True}


def test_a_link_into_a_removed_example_leads_nowhere(cast: Cast) -> None:
    example = _example(cast)
    token = tokens.issue("respond", example.tenant_id, new_id())
    with example.scope():
        service.remove_example(example.tenant_id)
    assert PageClient(cast.app, "", None).get(f"/r/{token}").status_code == 410  # as of a tenant that has gone


def test_a_real_tenant_is_never_removed_this_way(cast: Cast) -> None:
    assert cast.client("alice").post("example/removal").status_code == 404
    with cast.scope(), pytest.raises(Conflict):
        service.remove_example(cast.tenant_id)
    assert _tenant(cast.tenant_id).closed_at is None


def test_somebody_of_another_tenant_finds_nothing(cast: Cast, others: Cast) -> None:
    example = _example(cast)
    charlie = PageClient(cast.app, example.slug, None)
    for client in (charlie, others.client("charlie")):
        for path in ("", "example/progress", "example/removal"):
            assert client.get(f"/t/{example.slug}/{path}").status_code in (303, 404)
        assert client.post(f"/t/{example.slug}/example/removal").status_code in (303, 404)
    assert _tenant(example.tenant_id).closed_at is None


def _later(days: int, act: Callable[[], Any]) -> Any:
    try:
        clock.shift(days * 24 * 3600)
        return act()
    finally:
        clock.shift(0)


def test_one_that_nobody_opens_for_a_month_goes_by_itself(cast: Cast) -> None:
    example = _example(cast)
    _later(KEPT_UNOPENED.days - 1, example.run_jobs)
    assert _tenant(example.tenant_id).closed_at is None
    _later(KEPT_UNOPENED.days, example.run_jobs)
    assert _tenant(example.tenant_id).closed_at is not None
    assert _later(KEPT_UNOPENED.days * 3, example.run_jobs) == 0, "nothing waits for it any more"


def test_one_that_is_opened_stays_for_another_month(cast: Cast) -> None:
    example = _example(cast)
    _later(20, lambda: example.client("alice").get("cases/"))
    _later(KEPT_UNOPENED.days + 1, example.run_jobs)
    assert _tenant(example.tenant_id).closed_at is None
    _later(20 + KEPT_UNOPENED.days, example.run_jobs)
    assert _tenant(example.tenant_id).closed_at is not None


def test_an_opening_is_written_down_once_a_day(cast: Cast) -> None:
    example = _example(cast)
    alice = example.client("alice")

    def opened() -> Any:
        with example.scope():
            return db.session.scalar(select(Example.opened_at))

    began = opened()
    alice.get("")
    assert opened() == began
    _later(2, lambda: example.client("alice").get("cases/"))
    noted = opened()
    assert noted > began + timedelta(days=1)


def test_who_leaves_the_tenant_leaves_its_example_which_goes_with_the_last(cast: Cast) -> None:
    example = _example(cast)
    _colleague(cast)
    _colleague(cast, "eve")
    _enter(cast, "ada")
    with cast.scope():
        end_membership(cast.users["alice"])
    cast.run_jobs()
    assert example.client("alice").get("").status_code == 404
    assert example.client("ada").get("").status_code == 200
    with cast.scope():
        change_role(cast.users["ada"], "viewer", "admin")
    cast.run_jobs()
    assert example.client("ada").get("").status_code == 404
    assert _tenant(example.tenant_id).closed_at is not None


@pytest.mark.parametrize("role", ["lead", "agent"])
def test_who_sets_up_the_tenant_no_more_leaves_its_example(cast: Cast, role: str) -> None:
    example = _example(cast)
    _colleague(cast)
    _enter(cast, "ada")
    with cast.scope():
        change_role(cast.users["ada"], role, "admin")
    cast.run_jobs()
    assert example.client("ada").get("").status_code == 404
    assert example.client("alice").get("").status_code == 200


def test_who_is_an_admin_again_before_it_is_heard_stays_in_the_example(cast: Cast) -> None:
    example = _example(cast)
    _colleague(cast)
    _enter(cast, "ada")
    with cast.scope():
        change_role(cast.users["ada"], "viewer", "admin")
        change_role(cast.users["ada"], "admin", "admin")
    cast.run_jobs()
    assert example.client("ada").get("").status_code == 200


def test_who_leaves_without_having_looked_changes_nothing(cast: Cast) -> None:
    example = _example(cast)
    with cast.scope():
        end_membership(cast.users["bob"])
    cast.run_jobs()
    assert _tenant(example.tenant_id).closed_at is None


def test_both_sides_are_audited(cast: Cast) -> None:
    example = _example(cast)
    example.client("alice").post("example/removal")
    for tenant, action in ((cast, "example.entered"), (example, "example.removed")):
        with tenant.scope():
            rows = list(db.session.scalars(select(AuditEvent).where(AuditEvent.action == action)))
        assert [(row.actor_id, row.subject_id) for row in rows] == [(cast.users["alice"], str(tenant.tenant_id))]


def test_a_session_of_the_tenants_own_provider_opens_its_example_and_no_other(cast: Cast, others: Cast) -> None:
    """Where everybody comes in through a provider, nobody is asked for a password in order to look around."""
    own, example = _tenant(cast.tenant_id), _tenant(_example(cast).tenant_id)
    theirs, their_example = _tenant(others.tenant_id), _tenant(_example_of_charlie(others).tenant_id)
    told = {"id": cast.users["alice"], "email": "", "name": "", "locale": None, "fs_uniquifier": "", "session_id": ""}
    vouched = SignedIn(**told, way="provider", fresh_until=clock.now(), vouched_tenant_id=own.id)
    assert [vouched.may_open(one) for one in (own, example, theirs, their_example)] == [True, True, False, False]
    proved = SignedIn(**told, way="password", fresh_until=clock.now(), vouched_tenant_id=None)
    assert not any(proved.is_vouched_in(one) for one in (own, example, theirs, their_example))
    assert all(proved.may_open(one) for one in (own, example, theirs))


def _example_of_charlie(others: Cast) -> Cast:
    assert others.client("charlie").post("example/").status_code == 303
    with directory_scope():
        found = find_example_of(others.tenant_id)
        assert found is not None
    return Cast(others.app, found.id, found.slug, "", others.users)


def test_the_bar_costs_a_page_two_statements(cast: Cast) -> None:
    example = _example(cast)
    own, there = cast.client("alice"), example.client("alice")
    for client in (own, there):
        client.get("settings/")
    with count_queries() as plain:
        own.get("settings/")
    with count_queries() as barred:
        there.get("settings/")
    assert len(barred) - len(plain) <= 2, "its row, for the opening and for the bar"
