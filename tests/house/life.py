"""What happens in the world of world.py, in twelve days: asked, answered, opened, worked, closed, reopened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import update

from app.custody.exporting import service as exporting
from app.custody.keeping import service as keeping
from app.custody.keeping.rules import Terms
from app.customers import service as customers
from app.customers.intake_rules import NewCustomer
from app.delivery.webhooks import queries as webhooks
from app.delivery.webhooks.models import WebhookDelivery
from app.insights.scorecards import service as scorecards
from app.kernel import clock, tokens
from app.kernel.db import atomic, db
from app.loop.absences.queries import today
from app.loop.absences.rules import Days
from app.loop.absences.service import set_absence
from app.loop.cases import service as cases
from app.loop.cases.models import Case
from app.loop.causes.rules import RootCause
from app.surveys.answering.models import Response
from app.surveys.answering.service import ByInvitation, ByOpenLink, BySender, ByWidget, Submission, submit_response
from app.surveys.outreach import service as outreach
from app.surveys.outreach.intake_rules import NewInteraction
from app.surveys.outreach.models import Interaction, Invitation
from app.tenants.examples.models import Example
from tests import smtp
from tests.house.world import Texts, World, canary, furnish, invite_people, trust_providers


def make_world(app: Flask, write: Callable[[str, int], str] | None = None, mark: str = "a") -> World:
    """The whole world, its mails sent; `write` makes its texts, its marks unless given.

    Called outside any scope; the clock is put back while it is made.
    """
    try:
        with smtp.serve(app):
            clock.shift(-12 * 24 * 3600)
            world = furnish(app, write or (lambda family, number: canary(family, number, mark)), mark)
            _import_history(world)
            _close_months(world)
            _work_and_reopen(world)
            _put_cases_into_every_state(world)
            _answer_in_every_way(world)
            world.wait(to_now=True)
            _leave_something_to_do(world)
            _talk_with_partners(world)
            _carry_webhooks(world)
            _take_everything_out(world)
            _have_an_example(world)
    finally:
        clock.shift(0)
    return world


# --- what is told ---


def _customer(texts: Texts, name: str = "name of a customer") -> NewCustomer:
    identifiers = [("email", texts.email("an address")), ("external", texts.staff("an id of a customer"))]
    attributes = {texts.word("staff", "name of a customer's attribute"): texts.staff("value of a customer's attribute")}
    return NewCustomer(identifiers, texts.staff(name), "en", "America/Sao_Paulo", attributes)


def _interaction(world: World, touchpoint: str, family: str) -> NewInteraction:
    texts, private = world.texts, "rival" if family == "rival" else "staff"
    return NewInteraction(
        id=texts(private, "id of an interaction"),
        touchpoint=world.key(touchpoint),
        occurred_at=clock.now() - timedelta(minutes=1),
        customer=_customer(texts),
        employee_id=texts(private, "id of an employee"),
        employee_name=texts(private, "name of an employee"),
        measures={texts.word(family, "name of a measure"): 3},
        attributes={texts.word(private, "name of an attribute"): texts(private, "value of an attribute")},
    )


def _comment(world: World, family: str) -> str:
    """What a customer wrote, with an address in it that a partner must not read."""
    return f"{world.texts(family, 'a comment')} write to {world.texts.email('an address in a comment')}"


def _bad_answers(world: World, family: str) -> dict[str, Any]:
    private = "rival" if family == "rival" else "staff"
    wish = world.texts(private, "a second answer")
    return {"nps": 1, "late": "late", "why": _comment(world, family), "wish": wish}


def _ask(world: World, touchpoint: str, family: str) -> UUID:
    """An interaction of a new customer, and the invitation that went out for it."""
    with world.cast.scope():
        interaction = outreach.record_interaction(_interaction(world, touchpoint, family))[0]
    world.cast.run_jobs()
    with world.cast.scope():
        return db.session.query(Invitation).filter_by(interaction_id=interaction.id).one().id


def _case(world: World, touchpoint: str, family: str) -> Case:
    """Somebody was asked about a touchpoint, and answered badly."""
    invitation = _ask(world, touchpoint, family)
    is_call = touchpoint == "call"
    answers = {"csat": 1, "why": _comment(world, family)} if is_call else _bad_answers(world, family)
    with world.cast.scope():
        response_id = submit_response(Submission(ByInvitation(invitation), answers)).response_id
    world.cast.run_jobs()
    with world.cast.scope():
        return db.session.query(Case).filter_by(response_id=response_id).one()


def _sent_case(world: World, **way: Any) -> Case:
    """A case of an answer that another system sent."""
    texts, key = world.texts, world.key
    sender = BySender(key("delivery-nps"), touchpoint=key("delivery"), customer=_customer(texts), **way)
    response_id = submit_response(Submission(sender, _bad_answers(world, "partner"))).response_id
    case = cases.open_case_for_response(response_id)
    assert case is not None
    return case


# --- what happens ---


def _import_history(world: World) -> None:
    """Before it all: an imported answer with its case, and somebody who wants to be left alone."""
    texts, then = world.texts, clock.now() - timedelta(days=300)
    with world.acting("alice"):
        case = _sent_case(world, id=texts.staff("id of a response"), answered_at=then, is_historic=True)
        person, _new = customers.register_customer(_customer(texts, "name before it was corrected"))
        customers.correct_customer(person.id, name=texts.staff("corrected name"), locale="en", timezone="Asia/Tokyo")
        customers.suppress(person.id, "agent")
    world.names |= {"historic_case": case.number, "suppressed_customer": str(person.id)}


def _close_months(world: World) -> None:
    """The month of what was imported is long over: its scorecards are kept, the rival's too."""
    texts, then = world.texts, clock.now() - timedelta(days=300)
    sender = BySender(
        world.key("delivery-nps"),
        touchpoint=world.key("rival-pick-up"),
        customer=_customer(texts),
        id=texts("rival", "id of a response"),
        answered_at=then,
        is_historic=True,
    )
    with world.acting("alice"):
        submit_response(Submission(sender, _bad_answers(world, "rival")))
        scorecards.plan_months()
    world.cast.run_jobs()
    world.names["closed_month"] = f"{then - timedelta(hours=3):%Y-%m}"


def _work_and_reopen(world: World) -> None:
    """Two cases are worked, closed and not solved; the third is forgotten until both its clocks have run out."""
    own, rival = _case(world, "delivery", "partner"), _case(world, "rival-pick-up", "rival")
    late = _case(world, "call", "staff")
    with world.acting("bob"):
        for case in (own, rival):
            _work(world, case)
            cases.close_case(case.number, "confirmed", world.texts.staff("note of a closure"))
    world.wait(days=3)
    with world.cast.scope():
        asked = db.session.query(Invitation).filter_by(purpose="follow_up").all()
        for invitation in asked:
            answers = {"solved": "no", "more": world.texts.staff("more about what is not solved")}
            submit_response(Submission(ByInvitation(invitation.id), answers))
    assert len(asked) == 2, "the customers of closed cases are asked whether it is solved"
    world.wait(days=3)
    world.names |= {"case": own.number, "rival_case": rival.number, "late_case": late.number}


def _work(world: World, case: Case) -> None:
    """Everything that can be done before a case is closed."""
    texts, number = world.texts, case.number
    cases.assign_case(number, world.cast.users["bob"])
    cases.record_first_contact(number, "phone", "attempted", texts.staff("note of an attempt"))
    cases.record_first_contact(number, "phone", "reached", texts.staff("note of a contact"))
    cases.add_note(number, texts.staff("a note"))
    cases.change_severity(number, 1, texts.staff("reason of a severity"))
    cases.set_waiting(number, "customer", texts.staff("reason of a wait"))
    cases.resume_work(number, texts.staff("note of a resumption"))
    causes = [RootCause("process.handover", 0.6, True), RootCause("staff_behaviour", 0.4, True)]
    cases.set_root_causes(number, causes, texts.staff("note of the causes"))
    cases.resolve_case(number, texts.staff("what was done"), texts.staff("message to a customer"))


def _put_cases_into_every_state(world: World) -> None:
    texts = world.texts
    with world.acting("lee"):
        waiting, partner_waits, resolved, rejected, merged, reopened = (_sent_case(world) for _turn in range(6))
        cases.set_waiting(waiting.number, "customer", texts.staff("reason of a wait"))
        cases.set_waiting(partner_waits.number, "partner", texts.staff("reason of a wait for the partner"))
        _work(world, resolved)
        cases.close_case(rejected.number, "rejected", texts.staff("note of a rejection"))
        cases.close_case(merged.number, "merged", texts.staff("note of a merger"), into=waiting.number)
        cases.close_case(reopened.number, "rejected", texts.staff("note of a hasty rejection"))
        cases.reopen_case(reopened.number, texts.staff("reason of a reopening"))
    world.wait(days=2)
    world.names |= {"waiting_case": waiting.number, "resolved_case": resolved.number}
    world.names |= {"closed_case": rejected.number, "other_case": partner_waits.number}


def _answer_in_every_way(world: World) -> None:
    """Parked, unfinished, by an open link, and by a machine."""
    trapped, partial = _ask(world, "delivery", "partner"), _ask(world, "delivery", "partner")
    form = {"nps": ["9"], "why": [_comment(world, "partner")]}
    with world.cast.scope():
        parked = submit_response(Submission(ByInvitation(trapped), form, is_form=True, is_trapped=True))
        begun = {"nps": 4, "why": _comment(world, "partner")}
        submit_response(Submission(ByInvitation(partial), begun, complete=False, revision=1))
        page = ByOpenLink(world.key("open-nps"), "page-of-a-passer-by")
        submit_response(Submission(page, _bad_answers(world, "staff")))
        embedded = ByWidget(UUID(world.names["widget"]), "page-of-a-visitor")
        submit_response(Submission(embedded, _bad_answers(world, "partner")))
    world.names |= {"parked_response": str(parked.response_id), "sent_response": _send(world)}


def _send(world: World) -> str:
    texts, id = world.texts, world.texts.staff("id of a sent response")
    sent = {
        "id": id,
        "survey": world.key("delivery-nps"),
        "touchpoint": world.key("delivery"),
        "customer": {"identifiers": [{"type": "email", "value": texts.email("address sent by a machine")}]},
        "answers": {"nps": 6, "why": texts("partner", "a comment sent by a machine")},
    }
    answer = world.cast.api().post("responses", sent)
    assert answer.status_code == 201, answer.text
    world.cast.run_jobs()
    return id


def _leave_something_to_do(world: World) -> None:
    """Asks that wait for their answers, a case that nobody has looked at but a machine, and people who were invited."""
    cast, names = world.cast, world.names
    with cast.scope():
        invite_people(world)
        trust_providers(world)
    with world.acting("bob"):
        away = Days(cast.users["bob"], cast.users["lee"], today(), None)
        names["absence"] = str(set_absence(away, "agent").id)
    waiting, spare = _ask(world, "delivery", "partner"), _ask(world, "delivery", "partner")
    rivals, new = _ask(world, "rival-pick-up", "rival"), _case(world, "delivery", "partner")
    with cast.scope():
        response = db.session.query(Response).filter_by(id=new.response_id).one()
        interaction = db.session.query(Interaction).filter_by(id=response.interaction_id).one()
        theirs = db.session.query(Response).filter_by(partner_id=world.rival_id).first()
        assert theirs is not None
        names |= {"new_case": new.number, "customer": str(new.customer_id), "response": str(response.id)}
        names |= {"interaction": interaction.external_id, "invitation": str(waiting), "rival_response": str(theirs.id)}
    noted = {"note": world.texts.staff("a note of a machine")}
    answer = cast.api().post(f"cases/{new.number}/notes", noted, headers={"Idempotency-Key": "the-first-time"})
    assert answer.status_code == 201, answer.text
    for name, invitation in (("token", waiting), ("spare_token", spare), ("rival_token", rivals)):
        names[name] = tokens.issue("respond", cast.tenant_id, invitation)
    names["widget_token"] = tokens.issue("widget", cast.tenant_id, UUID(names["widget"]))
    names["case_token"] = tokens.issue("case", cast.tenant_id, new.response_id)
    names["unsubscribe_token"] = tokens.issue("unsubscribe", cast.tenant_id, waiting)


def _carry_webhooks(world: World) -> None:
    """What was told is given up, as if nobody had ever taken it."""
    with world.cast.scope(), atomic() as session:
        session.execute(
            update(WebhookDelivery).values(state="dead", ended_at=clock.now(), answer=world.texts.staff("an answer"))
        )
        endpoint = webhooks.get_endpoint(world.names["webhook"])
        rows = webhooks.page_of_deliveries(endpoint, "dead", None).rows
    world.names |= {"webhook_delivery": str(rows[0].id), "other_webhook_delivery": str(rows[1].id)}


def _take_everything_out(world: World) -> None:
    """An export that is ready, and a choice of how long what is kept."""
    with world.acting("alice"):
        keeping.choose(Terms(13, 24, 36, 72), is_held=True)
        world.names["export"] = str(exporting.ask_for_export(world.cast.users["alice"]))
    world.cast.run_jobs()


def _have_an_example(world: World) -> None:
    """A row of a table that is else filled in examples alone, so that its wall is tried as well."""
    now = clock.now()
    with world.cast.scope(), atomic() as session:
        session.add(Example(begun_at=now, opened_at=now, told=0))


def _talk_with_partners(world: World) -> None:
    """Both partners are asked and answer, the own one adds a fact; two questions still wait, with their mails."""
    texts, names, partners = world.texts, world.names, {"pat": world.cast.partner_id, "rita": world.rival_id}
    for name, case, family in (("pat", "case", "partner"), ("rita", "rival_case", "rival")):
        with world.acting("bob"):
            question = cases.ask_partner(names[case], texts(family, "a question to a partner"))
        with world.acting_for(name, partners[name]):
            cases.answer_question(names[case], question.id, texts(family, "an answer of a partner"))
            cases.add_fact(names[case], texts(family, "a fact of a partner"))
    with world.acting("bob"):
        for name, case in (("open_question", "new_case"), ("second_question", "waiting_case")):
            names[name] = str(cases.ask_partner(names[case], texts("partner", "an open question")).id)
    world.cast.run_jobs()
