"""Limits without races: what is over the plan is kept, marked and counted nowhere, until the plan covers it."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask_openapi3 import OpenAPI

from app.billing import queries, rules
from app.billing.models import UsageCounter
from app.billing.service import counting
from app.delivery.service import withdraw_message
from app.delivery.webhooks.rules import KINDS
from app.delivery.webhooks.service import EndpointInput, put_endpoint
from app.kernel import clock, tokens
from app.kernel.db import atomic, db
from app.kernel.errors import Conflict
from app.loop.cases.models import Case
from app.surveys.answering.models import Response
from app.surveys.answering.service import release_over_plan
from app.surveys.outreach.models import Invitation, OutreachDecision
from app.surveys.outreach.service import invite_tester, send_invitation
from app.tenants import service as tenants
from app.tenants.joining.queries import list_invites
from app.tenants.joining.service import accept_invite
from tests.billing.conftest import make_free, set_subscription
from tests.cast import PASSWORD, Cast, make_cast
from tests.factories.answering import make_customer, make_followed_up, make_passer_by, make_response
from tests.factories.journeys import make_touchpoint
from tests.factories.surveys import make_version
from tests.factories.widgets import address_of, make_widget
from tests.queries import count_queries
from tests.smtp import Server
from tests.threads import at_once

FREE = 50


def fill(cast: Cast, kind: str = "responses", used: int = FREE) -> None:
    """Let the month have seen this many."""
    with cast.scope(), atomic() as session:
        month = clock.now().date().replace(day=1)
        session.add(UsageCounter(kind=kind, month=month, used=used, over=0, reported=used, report_at=clock.now()))


def use(cast: Cast, number: int) -> None:
    with cast.scope():
        for _one in range(number):
            make_response({"nps": 9})


def seen(cast: Cast, kind: str = "responses") -> tuple[int, int]:
    """(used, over) of this month."""
    with cast.scope():
        found = next(row for row in queries.usage() if row.kind == kind)
        return found.used, found.over


def marks(cast: Cast) -> list[bool]:
    """Whether each response is over the plan, oldest first."""
    with cast.scope():
        rows = db.session.scalars(db.select(Response).order_by(Response.id))
        return [row.over_plan_month is not None for row in rows]


def test_of_200_answers_at_once_exactly_50_count(payer: Cast) -> None:
    make_free(payer)
    passer_by = make_passer_by(payer)

    def answer(number: int) -> int:
        with payer.app.app_context():
            body = {"answers": {"nps": number % 11}, "complete": True, "key": f"browser-{number:04}-of-these"}
            own = {"REMOTE_ADDR": f"10.0.0.{number}"}  # else one address would be asked to be slower
            return passer_by._open("POST", "", json=body, environ_overrides=own).status_code

    with ThreadPoolExecutor(16) as pool:
        assert Counter(pool.map(answer, range(200))) == {201: 200}, "an answer is never refused for the plan"
    assert Counter(marks(payer)) == {False: 50, True: 150}
    assert seen(payer) == (50, 150)
    figure = payer.api().get("figures/nps?kind=relationship").get_json()["rows"][0]
    listed = payer.api().get("responses?limit=200").get_json()["data"]
    assert Counter(row["over_plan"] for row in listed) == {False: 50, True: 150}
    assert figure["n"] + payer.api().get("figures/nps").get_json()["rows"][0]["n"] == 50


def test_copies_of_one_answer_are_counted_once(payer: Cast) -> None:
    make_free(payer)
    passer_by = make_passer_by(payer)
    body = {"answers": {"nps": 3}, "complete": True, "key": "the-same-browser-again"}
    with ThreadPoolExecutor(16) as pool:
        statuses = Counter(pool.map(lambda _n: _in_app(payer, lambda: passer_by.ask("", body).status_code), range(32)))
    assert statuses == {201: 1, 200: 31}
    assert seen(payer) == (1, 0)


def _in_app(cast: Cast, work: Any) -> Any:
    with cast.app.app_context():
        return work()


def _by_invitation(cast: Cast) -> int:
    return make_customer(cast).save({"nps": 9}, complete=True, revision=1).status_code


def _by_form(cast: Cast) -> int:
    return make_customer(cast).send(nps="9").status_code


def _by_open_link(cast: Cast) -> int:
    body = {"answers": {"nps": 9}, "complete": True, "key": "some-browser-at-the-link"}
    return make_passer_by(cast).ask("", body).status_code


def _by_widget(cast: Cast) -> int:
    widget = make_widget(cast)
    client = cast.app.test_client()
    body = {"answers": {"nps": 9}, "complete": True, "key": "some-browser-in-a-widget"}
    headers = {"Origin": widget.sites[0]}
    return client.post(f"{address_of(cast, widget)}/responses", json=body, headers=headers).status_code


def _by_api(cast: Cast, path: str = "responses", **more: Any) -> int:
    with cast.scope():
        make_version("api-nps")
        place = make_touchpoint().key
    body: Any = {"survey": "api-nps", "touchpoint": place, "answers": {"nps": 9}, **more}
    return cast.api().post(path, {"responses": [body]} if "batch" in path else body).status_code


DOORS = {
    "invitation": _by_invitation,
    "form": _by_form,
    "open link": _by_open_link,
    "widget": _by_widget,
    "api": _by_api,
    "api, historic": partial(_by_api, historic=True, answered_at="2024-05-01T12:00:00Z"),
    "batch": partial(_by_api, path="responses/batch"),
}


@pytest.mark.parametrize("door", DOORS)
def test_every_door_counts(payer: Cast, door: str) -> None:
    make_free(payer)
    fill(payer, used=FREE - 1)
    assert DOORS[door](payer) < 400
    assert (marks(payer), seen(payer)) == ([False], (50, 0))


@pytest.mark.parametrize("door", DOORS)
def test_no_door_is_closed_by_the_plan(payer: Cast, door: str) -> None:
    make_free(payer)
    fill(payer)
    assert DOORS[door](payer) < 400
    assert (marks(payer), seen(payer)) == ([True], (50, 1))


def test_what_closes_the_loop_costs_nothing(payer: Cast) -> None:
    make_free(payer)
    fill(payer)
    assert make_followed_up(payer).save({"solved": "no"}, complete=True, revision=1).status_code == 200
    assert (marks(payer), seen(payer)) == ([False], (50, 0))


def test_a_test_is_nobody_s_answer(payer: Cast, letters: Server) -> None:
    make_free(payer)
    with payer.scope():
        make_version("mine")
        invitation = invite_tester("mine", "me@example.com", "Me", "en")
    payer.run_jobs()
    answer = {"answers": {"nps": 3}, "complete": True, "revision": 1}
    with payer.app.app_context():
        path = f"/r/{tokens.issue('respond', payer.tenant_id, invitation.id)}"
        assert payer.app.test_client().post(path, json=answer).status_code == 200
    assert letters.recipients == ["me@example.com"]
    assert (seen(payer), seen(payer, "messages")) == ((0, 0), (0, 0))


def test_an_unhappy_customer_over_the_plan_still_gets_a_case(payer: Cast) -> None:
    make_free(payer)
    fill(payer)
    with payer.scope():
        made = make_response({"nps": 0})
    payer.run_jobs()
    with payer.scope():
        assert db.session.scalar(db.select(Case.response_id)) == made.response_id
    assert payer.api().get("figures/nps").get_json()["rows"][0]["n"] == 0


def test_an_upgrade_lets_them_count_oldest_first(payer: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    make_free(payer)
    fill(payer, used=FREE - 1)
    with payer.scope():
        for _number in range(5):
            make_response({"nps": 9})
    assert marks(payer) == [False, True, True, True, True]

    monkeypatch.setitem(rules.PLANS, "team", rules.Plan("team", 10, FREE + 2, 100))
    set_subscription(payer, status="active")
    with payer.scope():
        release_over_plan()
        release_over_plan()
    assert (marks(payer), seen(payer)) == ([False, False, False, True, True], (52, 2))
    payer.run_jobs()
    assert payer.api().get("figures/nps").get_json()["rows"][0]["n"] == 3


def test_what_an_upgrade_lets_count_is_no_news_to_other_systems(payer: Cast) -> None:
    """They heard of it when it came in, or were not there yet; its case is open already."""
    make_free(payer)
    fill(payer)
    with payer.scope():
        make_response({"nps": 0})
        make_response({"nps": 9})
    payer.run_jobs()
    with payer.scope():
        put_endpoint("late", EndpointInput("https://8.8.8.8/", KINDS))
    set_subscription(payer, status="active")
    with payer.scope():
        release_over_plan()
    payer.run_jobs()
    assert payer.api().get("webhooks/late/deliveries").get_json()["data"] == []
    assert payer.api().get("figures/nps").get_json()["rows"][0]["n"] == 2
    assert len(payer.api().get("cases").get_json()["data"]) == 1


def test_two_releases_and_new_answers_at_once_count_exactly(payer: Cast, monkeypatch: pytest.MonkeyPatch) -> None:

    make_free(payer)
    fill(payer)
    with payer.scope():
        make_version("some")
        place = make_touchpoint().key
        for number in range(30):
            make_response({"nps": 9}, survey="some", id=f"early-{number}", touchpoint=place)
    monkeypatch.setitem(rules.PLANS, "team", rules.Plan("team", 10, FREE + 25, 100))
    set_subscription(payer, status="active")

    def answer(number: int) -> None:
        make_response({"nps": 9}, survey="some", id=f"late-{number}", touchpoint=place)

    works = [release_over_plan] * 4 + [partial(answer, number) for number in range(10)]
    assert [found for found in at_once(payer, *works) if isinstance(found, Exception)] == []
    with payer.scope():
        release_over_plan()
    assert Counter(marks(payer)) == {False: 25, True: 15}
    assert seen(payer) == (75, 15)


def test_an_answer_that_comes_while_the_plan_grows_is_not_left_behind(
    payer: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has read the old plan; before it counts, the plan grows and everything over it is released."""
    make_free(payer)
    fill(payer)
    count = counting._count

    def grow() -> None:
        set_subscription(payer, status="active")
        with payer.scope():
            release_over_plan()

    def grows_first(*given: Any) -> bool:
        monkeypatch.setattr(counting, "_count", count)
        with ThreadPoolExecutor(1) as other:
            other.submit(_in_app, payer, grow).result()
        return count(*given)

    monkeypatch.setattr(counting, "_count", grows_first)
    with payer.scope():
        make_response({"nps": 9})
    assert (marks(payer), seen(payer)) == ([False], (51, 0))


def test_a_new_month_is_empty(payer: Cast, later: Any) -> None:
    make_free(payer)
    fill(payer)
    later(days=32)
    with payer.scope():
        make_response({"nps": 9})
    assert (marks(payer), seen(payer)) == ([False], (1, 0))


def _statements_of_an_answer(cast: Cast) -> list[str]:
    with cast.scope():
        place = make_touchpoint().key
        make_version("some")
        make_response({"nps": 9}, survey="some", touchpoint=place)
        with count_queries() as statements:
            make_response({"nps": 9}, survey="some", touchpoint=place)
    return [one for one in statements if "usage_counters" in one or "subscriptions" in one]


def test_an_unlimited_tenant_pays_no_statement(cast: Cast) -> None:
    assert _statements_of_an_answer(cast) == []


def test_a_plan_costs_two_statements(payer: Cast) -> None:
    assert len(_statements_of_an_answer(payer)) == 2


def test_mails_over_the_plan_are_not_sent_and_say_so(payer: Cast) -> None:
    make_free(payer)
    fill(payer, "messages", 99)
    touchpoint = _ask_by_mail(payer)
    ids = [_interact(payer, touchpoint, number) for number in range(3)]
    payer.run_jobs()
    said = [payer.api().get(f"interactions/{one}").get_json()["outreach"][0] for one in ids]
    assert sorted((one["decision"], one["reason"]) for one in said) == [
        ("sent", None),
        ("skipped", "over_plan"),
        ("skipped", "over_plan"),
    ]
    assert seen(payer, "messages") == (100, 2)
    with payer.scope():
        cancelled = db.session.scalars(db.select(Invitation).where(Invitation.status == "cancelled")).all()
        assert [row.status_reason for row in cancelled] == ["over_plan", "over_plan"]
        assert db.session.query(OutreachDecision).filter_by(reason="over_plan").count() == 2


def test_a_mail_is_counted_once_however_often_it_is_tried(payer: Cast) -> None:
    make_free(payer)
    _interact(payer, _ask_by_mail(payer), 1)
    with payer.scope():
        invitation = db.session.scalars(db.select(Invitation)).one()
        for _try in range(3):
            send_invitation(invitation.id)
            assert withdraw_message("invitation", invitation.id), "as when a mail could not be handed over in its hours"
    assert seen(payer, "messages") == (1, 0)


def _ask_by_mail(cast: Cast) -> str:
    with cast.scope():
        make_version("mailed")
        tenants.change_settings({"quiet_ends_hour": 0, "quiet_starts_hour": 24, "min_gap_days": 0})
    api = cast.api()
    place = {
        "name": "Delivery",
        "journey": "purchase",
        "stage": "delivery",
        "channel": "delivery",
        "department": "care",
    }
    api.put("departments/care", {"name": "Care", "layer": "frontline"})
    assert api.put("touchpoints/delivery", place).status_code == 201
    rule = {"touchpoints": ["delivery"], "survey": "mailed", "channel": "email", "quiet_hours": False}
    assert api.put("outreach-rules/ask", rule).status_code == 201
    return "delivery"


def _interact(cast: Cast, touchpoint: str, number: int) -> str:
    who = {"identifiers": [{"type": "email", "value": f"ana{number}@example.com"}]}
    body = {"id": f"order-{number}", "touchpoint": touchpoint, "occurred_at": clock.now().isoformat(), "customer": who}
    assert cast.api().post("interactions", body).status_code == 202
    return f"order-{number}"


def test_no_more_people_than_seats(payer: Cast) -> None:
    """alice, bob and dana have the three of the free plan; pat is a partner's and takes none."""
    make_free(payer)
    with payer.scope():
        with pytest.raises(Conflict, match="3 people"):
            tenants.add_member("new@example.com", "viewer", PASSWORD)
        tenants.add_member("van@example.com", "partner", PASSWORD, partner_id=payer.partner_id)
    page = payer.client("alice").post("settings/team/invites", {"email": "x@example.com", "role": "viewer"})
    assert page.status_code == 422
    assert "A larger plan has more." in page.text


def test_who_is_invited_has_a_place(payer: Cast) -> None:
    make_free(payer)
    with payer.scope():
        tenants.end_membership(payer.users["dana"])
    alice = payer.client("alice")
    invited = [{"email": f"{name}@{payer.slug}.example", "role": "viewer"} for name in ("one", "two", "one")]
    assert [alice.post("settings/team/invites", form).status_code for form in invited] == [303, 422, 303]
    with payer.scope():
        (invite,) = list_invites()
        assert accept_invite(invite.id, "One", PASSWORD).email == f"one@{payer.slug}.example"
        with pytest.raises(Conflict):
            tenants.add_member("more@example.com", "viewer", PASSWORD)


def test_an_invite_that_was_over_takes_a_place_again(payer: Cast, later: Any) -> None:
    make_free(payer)
    with payer.scope():
        tenants.end_membership(payer.users["dana"])
    payer.client("alice").post("settings/team/invites", {"email": f"one@{payer.slug}.example", "role": "viewer"})
    later(days=8)
    with payer.scope():
        tenants.add_member(f"two@{payer.slug}.example", "viewer", PASSWORD)
        (invite,) = list_invites()
    alice = payer.client("alice")
    assert alice.post(f"settings/team/invites/{invite.id}/letter").status_code == 303
    assert "A larger plan has more." in alice.get("settings/team").text
    with payer.scope():
        (invite,) = list_invites()
        assert not invite.is_open(clock.now())


def test_two_people_at_once_do_not_share_a_seat(payer: Cast) -> None:
    make_free(payer)
    with payer.scope():
        tenants.end_membership(payer.users["dana"])
    adding = [partial(tenants.add_member, f"n{number}@{payer.slug}.example", "viewer", PASSWORD) for number in range(4)]
    found = at_once(payer, *adding)
    assert sum(isinstance(one, Conflict) for one in found) == 3, found


def test_without_a_key_there_is_no_plan(cast: Cast) -> None:
    with cast.scope():
        for number in range(5):
            tenants.add_member(f"n{number}@{cast.slug}.example", "viewer", PASSWORD)
        assert queries.standing().plan.responses is None


def test_the_trial_begins_with_the_first_use(billing_app: OpenAPI, later: Any) -> None:
    payer = make_cast(billing_app)
    with payer.scope():
        assert queries.standing().state == "trial"
        assert queries.standing().until - clock.now() <= timedelta(days=14)
    later(days=15)
    with payer.scope():
        assert (queries.standing().state, queries.standing().plan.name) == ("free", "free")
