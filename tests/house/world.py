"""A tenant that holds something of everything, made through the rooms' own verbs, in which each free text is a mark.

`World.texts` knows every mark and what it stands for; `World.names` holds the keys, ids, numbers and tokens by which
routes call these things (see examples.py). Marks come in three families: `staff` (nobody but the tenant's staff may
see them), `partner` (its own partner's user may), `rival` (what another partner of the same tenant delivers). Keys are
marked too, so that no key of one world is one of another. What happens in the world stands in life.py.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Flask
from PIL import Image

from app.billing.models import StripeCustomer, StripeEvent, Subscription, UsageCounter, UsageReport
from app.delivery.webhooks import service as webhooks
from app.delivery.webhooks.rules import KINDS
from app.journeys import service as journeys
from app.journeys.queries import find_department_by_key
from app.journeys.rules import StageInput, TouchpointInput
from app.kernel import clock, sealing, tokens
from app.kernel.db import atomic, db
from app.kernel.ids import new_id
from app.kernel.scope import Actor, acting, tenant_scope
from app.loop.sla import service as sla
from app.loop.sla.rules import default_calendar
from app.partners import service as partners
from app.surveys.answering.service import add_widget
from app.surveys.answering.widget_rules import WidgetInput
from app.surveys.design import service as design
from app.surveys.design.models import Survey
from app.surveys.outreach import service as outreach
from app.surveys.outreach.setup_rules import RuleInput
from app.tenants import key_service, service
from app.tenants import queries as tenants
from app.tenants.detours import SIGN_IN_AT
from app.tenants.joining.service import Inviter, invite_person
from app.tenants.models import ApiKey
from app.tenants.narrowing import narrow_member
from app.tenants.providers.models import Identity, IdentityProvider
from app.tenants.providers.queries import BACK, SEALED_FOR
from app.tenants.rules import WHOLE, RowScope
from tests.cast import PASSWORD, Cast
from tests.factories.targets import a_target

ROLES = {"bob": "agent", "lee": "lead", "dana": "analyst", "vera": "viewer", "eve": "viewer"}
NARROWED = {"sam": "lead", "sue": "analyst", "sky": "viewer"}
"""They see what customers say of the care department alone."""
_count = itertools.count(1)


@dataclass
class Texts:
    """Makes the free texts of a world and remembers what each stands for, by its mark in small letters."""

    write: Callable[[str, int], str]
    mark: str
    meaning: dict[str, str] = field(default_factory=dict)

    def __call__(self, family: str, about: str) -> str:
        """A text of this family; `about` says where it stands."""
        text = self.write(family, len(self.meaning) + 1)
        self.meaning[text.lower()] = about
        return text

    def staff(self, about: str) -> str:
        """A text for staff only."""
        return self("staff", about)

    def word(self, family: str, about: str) -> str:
        """A word of this family, where only letters, digits and hyphens can stand."""
        word = canary(family, len(self.meaning) + 1, self.mark)
        self.meaning[word.lower()] = about
        return word

    def email(self, about: str) -> str:
        """An address for staff only."""
        return f"{self.word('staff', about).lower()}@example.com"

    def en(self, about: str) -> dict[str, str]:
        """A text of a survey."""
        return {"en": self.staff(f"words of {about}")}


def canary(family: str, number: int, mark: str = "a") -> str:
    """A mark. Those of the world that strangers look into, `a`, are the ones that are looked for (probes.MARK)."""
    rival = "RIVAL" if mark == "a" else f"{mark.upper()}-OTHER"
    if family == "rival":
        return f"{rival}-CANARY-{number}"
    return f"{mark.upper()}-CANARY-{family[0].upper()}{number}"


@dataclass
class World:
    """The tenant, its marks, and its things by name."""

    cast: Cast
    texts: Texts
    mark: str
    names: dict[str, Any] = field(default_factory=dict)
    rival_id: UUID | None = None

    def key(self, name: str) -> str:
        """The key of this world that is called `name`; the rival's have a mark of their own."""
        return f"{canary('rival' if name.startswith('rival') else 'key', 1, self.mark).lower()}-{name}"

    @contextmanager
    def acting(self, name: str) -> Iterator[None]:
        """Work as one of the staff."""
        with self.cast.scope(), acting(Actor("user", self.cast.users[name], name.title())):
            yield

    @contextmanager
    def acting_for(self, name: str, partner_id: UUID | None) -> Iterator[None]:
        """Work as one of a partner's people."""
        actor = Actor("user", self.cast.users[name], name.title())
        with tenant_scope(self.cast.tenant_id, partner_id), acting(actor):
            yield

    def go_back(self, days: int) -> None:
        """Put the clock back to where the world begins."""
        clock.shift(-days * 24 * 3600)

    def wait(self, days: int = 0, *, to_now: bool = False) -> None:
        """Let time pass, and the workers do what has become due meanwhile."""
        behind = clock.now() - datetime.now(UTC)
        clock.shift(0 if to_now else round((behind + timedelta(days=days)).total_seconds()))
        self.cast.run_jobs()


def furnish(app: Flask, write: Callable[[str, int], str], mark: str) -> World:
    """A tenant with its people, settings, keys, partners, journeys, surveys and rules. Called outside any scope."""
    texts = Texts(write, mark)
    world = World(_make_tenant(app, texts), texts, mark)
    with world.cast.scope():
        _add_people(world)
    with world.acting("alice"):
        _change_settings(world)
        _make_keys(world)
        _make_journeys(world)
        _narrow(world)
        _make_surveys(world)
        _make_rules(world)
        _make_widgets(world)
        _choose_a_logo(world)
        _bill(world)
        _make_webhooks(world)
    cast, names = world.cast, world.names
    names |= {"slug": cast.slug, "tenant_id": str(cast.tenant_id), "api_key": cast.api_key}
    names |= {"user": str(cast.users["eve"]), "owner": str(cast.users["bob"]), "email": cast.email("bob")}
    names |= {"lead": str(cast.users["lee"]), "tomorrow": lambda: str(clock.now().date() + timedelta(days=1))}
    names["draft_moment"] = lambda: _draft_moment(world)
    return world


def _make_tenant(app: Flask, texts: Texts) -> Cast:
    slug = f"a{os.getpid()}-{next(_count)}"
    name = texts("partner", "name of the tenant")
    made = service.create_tenant(slug, name, f"alice@{slug}.example", PASSWORD, timezone="America/Sao_Paulo")
    return Cast(app, made.tenant_id, slug, made.api_key)


def _add_people(world: World) -> None:
    cast, texts = world.cast, world.texts
    own, _new = partners.put_partner(world.key("parcel"), texts("partner", "name of the partner"))
    rival, _new = partners.put_partner(world.key("rival"), texts("rival", "name of the rival"))
    cast.partner_id, world.rival_id = own.id, rival.id
    for partner, family in ((own, "partner"), (rival, "rival")):
        said = {"method": texts(family, "method of a target"), "agreed_by": texts(family, "who agreed on a target")}
        agreed = partners.set_target(partner.key, a_target("nps", target=40.0, floor=0.0, **said))
        world.names.setdefault("target", str(agreed.id))
    world.names |= {"partner": own.key, "rival": rival.key}
    for name, role in {**ROLES, **NARROWED}.items():
        cast.users[name] = service.add_member(cast.email(name), role, PASSWORD, name=texts.staff(f"name of {name}"))
    for name, partner, family in (("pat", own, "partner"), ("pia", own, "partner"), ("rita", rival, "rival")):
        words = texts(family, f"name of {name}")
        cast.users[name] = service.add_member(cast.email(name), "partner", PASSWORD, name=words, partner_id=partner.id)
    world.names["partner_user"] = str(cast.users["pia"])
    found = tenants.find_member_by_email(cast.email("alice"))
    assert found is not None
    cast.users["alice"] = found[1].id


def invite_people(world: World) -> None:
    """Two invitations that wait for an answer."""
    by, email = Inviter(world.cast.users["alice"], "admin"), world.texts.email
    one, other = (invite_person(by, email(f"address of {who} invited"), "agent", "en") for who in ("one", "another"))
    world.names |= {"invite": str(one.id), "spare_invite": str(other.id)}
    world.names["join_token"] = tokens.issue("join", world.cast.tenant_id, one.id)


def trust_providers(world: World) -> None:
    """Two identity providers, one of which knows somebody. They are rows alone: neither of them answers."""
    now, texts, tenant_id = clock.now(), world.texts, world.cast.tenant_id
    with atomic() as session:
        for name in ("provider", "spare_provider"):
            row = IdentityProvider(
                id=new_id(),
                name=texts.staff(f"name of the {name}"),
                issuer=f"https://{texts.word('staff', f'issuer of the {name}')}.invalid",
                client_id=texts.staff(f"client id at the {name}"),
                sealed_secret=sealing.seal(SEALED_FOR, texts.staff(f"secret of the {name}")),
                domains="acme.example",
                created_at=now,
                changed_at=now,
            )
            session.add(row)
            world.names[name] = str(row.id)
        session.flush()
        subject = texts.staff("subject of an identity")
        of = {"provider_id": UUID(world.names["provider"]), "user_id": world.cast.users["eve"]}
        known = Identity(id=new_id(), subject=subject, linked_at=now, used_at=now, **of)
        session.add(known)
        world.names["identity"] = str(known.id)
    world.names["providers_token"] = tokens.issue(SIGN_IN_AT, tenant_id, tenant_id)
    world.names["back_token"] = tokens.issue(BACK, tenant_id, UUID(world.names["provider"]))


def _change_settings(world: World) -> None:
    # Mails go out at any hour, so that it does not matter when the tests run.
    at_any_hour = {"quiet_ends_hour": 0, "quiet_starts_hour": 24}
    asked_often = {"min_gap_days": 0, "annual_cap": 366, "settle_minutes": 10, "follow_up_days": 1}
    service.change_settings({"sender_name": world.texts.staff("sender of mails"), **at_any_hour, **asked_often})
    sla.change_calendar(default_calendar("America/Sao_Paulo"))


def _make_keys(world: World) -> None:
    world.names["read_key"] = key_service.create_api_key(world.texts.staff("name of a key"), ("read",))
    (row,) = db.session.query(ApiKey).filter_by(scopes="read")
    world.names["api_key_id"] = str(row.id)


def _make_webhooks(world: World) -> None:
    """One that hears of everything, so that what is told stands in its deliveries, and one to be taken away."""
    for name in ("webhook", "spare_webhook"):
        url = f"https://example.com/{world.texts.word('staff', 'address of a webhook')}"
        webhooks.put_endpoint(world.key(name.replace("_", "-")), webhooks.EndpointInput(url, KINDS))
        world.names[name] = world.key(name.replace("_", "-"))


def _make_journeys(world: World) -> None:
    texts, key = world.texts, world.key
    journeys.put_department(key("care"), texts.staff("name of a department"), "frontline")
    for name, owner, family in (
        ("delivery", {"partner": key("parcel")}, "partner"),
        ("rival-pick-up", {"partner": key("rival")}, "rival"),
        ("call", {"department": key("care")}, "staff"),
    ):
        said = texts(family, f"name of the touchpoint {name}")
        place = TouchpointInput(said, key("purchase"), key("after"), "phone", desired_emotion=18, **owner)
        journeys.put_touchpoint(key(name), place)
    stage = StageInput(texts("partner", "name of the stage"), key("after"))
    journeys.edit_journey(key("purchase"), texts("partner", "name of the journey"), [stage], [])
    journeys.add_journey(texts.staff("name of a journey"), [texts.staff("name of a stage")], key("returns"))
    world.names |= {"department": key("care"), "touchpoint": key("delivery"), "stage": key("after")}
    world.names |= {"journey": key("purchase"), "empty_journey": key("returns"), "call": key("call")}


def _narrow(world: World) -> None:
    care = find_department_by_key(world.key("care"))
    assert care is not None
    world.names["department_id"] = str(care.id)
    for name in NARROWED:
        narrow_member(world.cast.users[name], RowScope(frozenset({care.id})), "admin", WHOLE)


def _make_rules(world: World) -> None:
    for rule, survey, touchpoint in (
        ("ask-delivery", "delivery-nps", "delivery"),
        ("ask-rival", "delivery-nps", "rival-pick-up"),
        ("ask-call", "call-csat", "call"),
    ):
        given = RuleInput((world.key(touchpoint),), world.key(survey), quiet_hours=False)
        outreach.put_rule(world.key(rule), given)
    world.names["rule"] = world.key("ask-delivery")


# --- surveys ---


def _make_surveys(world: World) -> None:
    """Published, with an open link, follow-up, internal, and drafts."""
    texts, key = world.texts, world.key
    for name, kind, questions, is_open in (
        ("delivery-nps", "transactional", _nps_questions(texts), False),
        ("call-csat", "transactional", _csat_questions(texts), False),
        ("open-nps", "relationship", _nps_questions(texts), True),
        ("after", "follow_up", _follow_up_questions(texts), False),
    ):
        definition = _definition(texts, questions)
        design.save_draft(key(name), texts.staff(f"name of the survey {name}"), kind, False, definition, is_open)
        design.publish(key(name), texts.staff(f"reason to publish {name}"))
    more = {"key": "new", "type": "text", "text": texts.en("a draft")}
    changed = _definition(texts, [*_nps_questions(texts), more])
    design.save_draft(key("delivery-nps"), texts.staff("new name of a survey"), None, None, changed)
    for name in ("plan", "spare"):
        draft = _definition(texts, _nps_questions(texts))
        design.save_draft(key(name), texts.staff(f"name of the draft {name}"), None, None, draft)
    for name in ("closing", "closing_too", "closed", "closed_too"):
        world.names[name] = key(name)
        design.save_draft(key(name), f"A survey that is {name}", None, None, _definition(texts, _csat_questions(texts)))
        design.publish(key(name))
        if name.startswith("closed"):
            design.close_survey(key(name))
    world.names |= {"survey": key("delivery-nps"), "open_survey": key("open-nps"), "draft": key("plan")}
    world.names |= {"spare_draft": key("spare"), "version": 1, "question": "why"}


def _make_widgets(world: World) -> None:
    """One in the pages of a shop, for answers about the partner's touchpoint."""
    sites, paths = ("https://shop.example",), (f"/{world.texts.word('staff', 'a page of a widget')}/*", "/*")
    given = WidgetInput(world.texts.staff("name of a widget"), "popover", sites, paths, world.key("delivery"))
    world.names["widget"] = str(add_widget(world.key("open-nps"), given).id)


class _File(BytesIO):
    """A file that can be sent again."""

    def close(self) -> None:
        self.seek(0)


def logo_file() -> BytesIO:
    """A picture, which holds no mark."""
    content = _File()
    Image.new("RGB", (90, 30), "teal").save(content, "PNG")
    content.seek(0)
    return content


def _choose_a_logo(world: World) -> None:
    service.set_logo(logo_file().read())
    logo = tenants.brand("").logo
    assert logo is not None
    token, file = logo.path.split("/")[2:]
    world.names |= {"logo_token": token, "logo_digest": file.removesuffix(".png")}


def _bill(world: World) -> None:
    """What there would be of a tenant that pays; whoever runs these tests sells nothing."""
    now, customer = clock.now(), f"cus_{world.cast.tenant_id.hex}"
    counted = {"kind": "responses", "month": now.date().replace(day=1)}
    with atomic() as session:
        session.add(Subscription(trial_ends_at=now, stripe_customer_id=customer))
        session.add(UsageCounter(**counted, used=1, over=0, reported=1, report_at=now))
        session.add(UsageReport(**counted, value=1, stripe_customer_id=customer, made_at=now))
        session.add(StripeEvent(event_id="evt_1", type="invoice.paid", received_at=now))
        session.add(StripeCustomer(id=customer, tenant_id=world.cast.tenant_id))


def _definition(texts: Texts, questions: list[dict[str, Any]]) -> dict[str, Any]:
    words = {part: texts.en(f"the {part} of a survey") for part in ("title", "intro", "thanks")}
    return {**words, "default_locale": "en", "questions": questions}


def _nps_questions(texts: Texts) -> list[dict[str, Any]]:
    late = [{"key": key, "text": texts.en(f"the option {key}")} for key in ("late", "damaged")]
    return [
        {"key": "nps", "type": "nps", "text": texts.en("nps"), "help": texts.en("a help"), "required": True},
        {"key": "why", "type": "text", "text": texts.en("a text question")},
        {"key": "late", "type": "choice", "text": texts.en("a choice"), "options": late,
         "show_if": {"<=": [{"var": "nps"}, 6]}},
        {"key": "wish", "type": "text", "text": texts.en("a second text question")},
    ]  # fmt: skip


def _csat_questions(texts: Texts) -> list[dict[str, Any]]:
    return [
        {"key": "csat", "type": "csat", "text": texts.en("csat"), "required": True},
        {"key": "why", "type": "text", "text": texts.en("a text question of csat")},
    ]


def _follow_up_questions(texts: Texts) -> list[dict[str, Any]]:
    options = [{"key": key, "text": texts.en(f"the option {key}")} for key in ("yes", "partly", "no")]
    return [
        {"key": "solved", "type": "choice", "text": texts.en("solved"), "options": options, "required": True},
        {"key": "more", "type": "text", "text": texts.en("more on solved")},
    ]


def _draft_moment(world: World) -> str:
    """What a form of the builder carries: when the draft was changed last."""
    with world.cast.scope():
        survey = db.session.query(Survey).filter_by(key=world.names["draft"]).one()
        return survey.updated_at.isoformat()
