"""What happened to customers, straight in the tables: interactions, decisions, invitations, answers, cases."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.customers import service as customers
from app.customers.models import Customer
from app.journeys.models import Touchpoint
from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.ids import new_id
from app.loop.cases.models import Case
from app.loop.sla.models import BusinessCalendar, CalendarVersion
from app.loop.sla.rules import calendar_to_json, default_calendar
from app.surveys.answering.models import Answer, Response
from app.surveys.design.models import SurveyVersion
from app.surveys.outreach.models import Interaction, Invitation, OutreachDecision, OutreachRule
from tests.factories.journeys import make_touchpoint
from tests.factories.surveys import make_version

NOON = datetime(2026, 3, 10, 15, tzinfo=UTC)


@dataclass
class Ground:
    """What histories stand on in one tenant. Made and used inside the tenant's scope."""

    version: SurveyVersion
    rule: OutreachRule
    calendar: CalendarVersion
    touchpoints: dict[str, Touchpoint] = field(default_factory=dict)
    numbers: int = 0

    def customer(self, name: str | None = "Ana Souza", *identifiers: tuple[str, str], **facts: Any) -> Customer:
        """A customer, under an id of their own when no identifier is given."""
        known = identifiers or (("external", f"customer-{new_id()}"),)
        return customers.find_or_create_customer(known, name=name, **facts)[0]

    def interaction(self, customer: Customer, touchpoint: str = "delivery", **values: Any) -> Interaction:
        """Something that happened to the customer."""
        at = values.pop("at", NOON)
        row = Interaction(
            content_hash="x",
            touchpoint_id=self.touchpoints[touchpoint].id,
            customer_id=customer.id,
            occurred_at=at,
            received_at=at,
            **{"external_id": f"order-{new_id()}", "measures": {"late_days": 3}, **values},
        )
        return _added(row)

    def decide(self, interaction: Interaction, reason: str | None = None, status: str = "sent") -> Invitation | None:
        """What the rule decided: skipped for `reason`, or asked with an invitation of this status."""
        invitation = None
        if reason is None:
            invitation = self.invite(
                interaction.customer_id, status, interaction_id=interaction.id, rule_id=self.rule.id
            )
        _added(
            OutreachDecision(
                interaction_id=interaction.id,
                rule_id=self.rule.id,
                decision="skipped" if reason else "scheduled",
                reason=reason,
                sample_percent=100,
                decided_at=interaction.received_at,
                invitation_id=invitation.id if invitation else None,
            )
        )
        return invitation

    def invite(self, customer_id: UUID, status: str = "sent", **values: Any) -> Invitation:
        """One ask."""
        return _added(
            Invitation(
                purpose="ask" if values.get("rule_id") else "follow_up",
                survey_version_id=self.version.id,
                customer_id=customer_id,
                channel="email",
                locale="en",
                status=status,
                created_at=NOON,
                due_at=NOON,
                expires_after_days=14,
                **{"sent_at": None if status == "scheduled" else NOON, **values},
            )
        )

    def answer(self, interaction: Interaction | None = None, words: str = "", **values: Any) -> Response:
        """A complete response with NPS 3 unless `values` say otherwise; `words` is what was written."""
        at = values.pop("at", NOON + timedelta(days=1))
        touchpoint = values.pop("touchpoint", None)
        scores = {"nps": 3} if not {"nps", "csat"} & set(values) else {}
        row = Response(
            content_hash="x",
            survey_id=self.version.survey_id,
            survey_version_id=self.version.id,
            source="api",
            answered_at=at,
            received_at=at,
            comment_redacted=words or None,
            interaction_id=interaction.id if interaction else None,
            customer_id=interaction.customer_id if interaction else None,
            touchpoint_id=interaction.touchpoint_id if interaction else self.touchpoints[touchpoint or "delivery"].id,
            **{
                "status": "completed",
                "completed_at": at,
                "locale": "en",
                "survey_kind": "transactional",
                "partner_id": interaction.partner_id if interaction else None,
                **scores,
                **values,
            },
        )
        _added(row)
        if row.nps is not None:
            _added(Answer(response_id=row.id, question_key="nps", type="nps", number=row.nps, answered_at=at))
        if words:
            _added(Answer(response_id=row.id, question_key="why", type="text", text=words, answered_at=at))
        return row

    def case(self, response: Response, **values: Any) -> Case:
        """The case of a response; open, and due in a week unless `values` say otherwise."""
        self.numbers += 1
        now = values.pop("at", clock.now())
        return _added(
            Case(
                number=self.numbers,
                response_id=response.id,
                customer_id=response.customer_id,
                touchpoint_id=response.touchpoint_id,
                partner_id=response.partner_id,
                severity=3,
                answered_at=response.answered_at,
                opened_at=now,
                calendar_version_id=self.calendar.id,
                first_contact_due_at=now + timedelta(days=1),
                **{"resolution_due_at": now + timedelta(days=7), **values},
            )
        )


def make_histories(**touchpoints: UUID | None) -> Ground:
    """The ground of the running scope's tenant; `touchpoints` name the partner who answers for each, or None."""
    touchpoints = touchpoints or {"delivery": None}
    with atomic():
        version = make_version("delivery-nps", name="Delivery NPS")
        now = clock.now()
        rule = _added(
            OutreachRule(key="ask", survey_id=version.survey_id, channel="email", created_at=now, updated_at=now)
        )
        calendar = _added(BusinessCalendar(key="default", name="Default", created_at=now))
        content = calendar_to_json(default_calendar("America/Sao_Paulo"))
        first = _added(CalendarVersion(calendar_id=calendar.id, number=1, content=content, created_at=now))
        ground = Ground(version, rule, first)
        for key, partner_id in touchpoints.items():
            ground.touchpoints[key] = make_touchpoint(key.replace("_", "-"), name=key.replace("_", " ").title())
            ground.touchpoints[key].partner_id = partner_id
    return ground


def make_story(ground: Ground, customer: Customer, times: int = 1, **values: Any) -> None:
    """So many times over: an interaction that was asked about and answered, one that was not, and a case."""
    with atomic():
        for turn in range(times):
            at = NOON + timedelta(hours=turn)
            asked = ground.interaction(customer, at=at, **values)
            ground.decide(asked, status="completed")
            ground.case(ground.answer(asked, f"Late again, for the {turn + 1}. time", at=at + timedelta(days=1)))
            ground.decide(ground.interaction(customer, at=at, **values), reason="min_gap")
            ground.invite(customer.id)


def _added(row: Any) -> Any:
    with atomic():
        db.session.add(row)
        db.session.flush()
    return row
