"""Rows that figures are made of, written straight into the tables: hundreds of responses in one statement."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.customers.models import Customer
from app.journeys.models import Department, Journey, Stage, Touchpoint
from app.kernel import clock
from app.kernel.db import atomic
from app.kernel.ids import new_id
from app.surveys.answering.models import Response
from app.surveys.design.models import Survey, SurveyVersion
from app.surveys.outreach.models import Interaction
from tests.cast import Cast

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@dataclass
class Ground:
    """A journey with two touchpoints: `delivery` of the partner and `call` of the department `care`; and a survey."""

    cast: Cast
    touchpoints: dict[str, UUID] = field(default_factory=dict)
    department_id: UUID | None = None
    survey_id: UUID | None = None
    version_id: UUID | None = None
    survey_kind: str = "transactional"

    def answer(self, **values: object) -> UUID:
        """One complete response; `touchpoint` by key, anything of Response by name."""
        touchpoint = values.pop("touchpoint", "delivery")
        at = values.pop("at", NOON)
        assert isinstance(at, datetime)
        row_id = new_id()
        row = {
            "id": row_id,
            "content_hash": "x",
            "survey_id": self.survey_id,
            "survey_version_id": self.version_id,
            "survey_kind": self.survey_kind,
            "touchpoint_id": self.touchpoints[str(touchpoint)],
            "partner_id": self.cast.partner_id if touchpoint == "delivery" else None,
            "department_id": self.department_id if touchpoint == "call" else None,
            "source": "api",
            "status": "completed",
            "locale": "en",
            "answered_at": at,
            "received_at": at,
            "completed_at": at + timedelta(seconds=1),
            **values,
        }
        with self.cast.scope(), atomic() as session:
            session.add(Response(**row))
        return row_id


def make_ground(cast: Cast, *, is_anonymous: bool = False, kind: str = "transactional") -> Ground:
    """The ground of a tenant."""
    now = clock.now()
    ground = Ground(cast, department_id=new_id(), survey_id=new_id(), version_id=new_id(), survey_kind=kind)
    journey, stage = new_id(), new_id()
    with cast.scope(), atomic() as session:
        session.add(Department(id=ground.department_id, key="care", name="Care", layer="frontline", created_at=now))
        session.add(Journey(id=journey, key="purchase", name="Purchase", created_at=now))
        session.add(Survey(id=ground.survey_id, key="s", name="S", kind=kind, is_anonymous=is_anonymous, draft={},
                           last_version=1, created_at=now, updated_at=now))  # fmt: skip
        session.flush()
        session.add(Stage(id=stage, journey_id=journey, key="after", name="After"))
        session.add(SurveyVersion(id=ground.version_id, survey_id=ground.survey_id, number=1, definition="{}",
                                  etag="x", published_at=now))  # fmt: skip
        session.flush()
        owners = {"delivery": {"partner_id": cast.partner_id}, "call": {"department_id": ground.department_id}}
        for key, owner in owners.items():
            ground.touchpoints[key] = new_id()
            session.add(Touchpoint(id=ground.touchpoints[key], stage_id=stage, key=key, name=key, channel="phone",
                                   created_at=now, **owner))  # fmt: skip
    return ground


def add_interaction(ground: Ground, external_id: str) -> UUID:
    """Something that happened to a new customer at the touchpoint `delivery`."""
    customer, row = new_id(), new_id()
    with ground.cast.scope(), atomic() as session:
        session.add(Customer(id=customer, created_at=NOON, attributes={}))
        session.flush()
        session.add(
            Interaction(
                id=row,
                external_id=external_id,
                content_hash="x",
                touchpoint_id=ground.touchpoints["delivery"],
                customer_id=customer,
                occurred_at=NOON,
                received_at=NOON,
            )
        )
    return row
