"""What a search finds, in small groups: people, cases, surveys, touchpoints, partners and pages.

Surveys, touchpoints and partners are few in a tenant, so that their names are simply read through. People and cases
are many: see customers.py for how people are found; a case is found by its number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.customers.models import Customer
from app.desk.queries.customers import few_customers
from app.desk.rules import Search
from app.journeys.models import Touchpoint
from app.kernel.db import db
from app.loop.cases.models import Case
from app.partners.models import Partner
from app.surveys.design.models import Survey

MOST = 6
"""Hits to a group."""


@dataclass(frozen=True)
class Hits:
    """What a search has found, newest or by name; a group that the reader may not see is empty."""

    people: list[Customer]
    cases: list[Case]
    surveys: list[Survey]
    touchpoints: list[Touchpoint]
    partners: list[Partner]

    @property
    def has_more_people(self) -> bool:
        """Whether more people were found than are shown."""
        return len(self.people) > MOST


def find(wanted: Search, may: Callable[[str], bool]) -> Hits:
    """What `wanted` may mean, of what the reader may see; nothing for an empty search."""
    if not wanted.text:
        return Hits([], [], [], [], [])
    return Hits(
        people=few_customers(wanted, MOST + 1) if may("customers.read") else [],
        cases=_cases(wanted.case_number) if may("cases.read") and wanted.case_number else [],
        surveys=_named(Survey, wanted.text) if may("surveys.read") else [],
        touchpoints=_named(Touchpoint, wanted.text) if may("journeys.read") else [],
        partners=_named(Partner, wanted.text) if may("journeys.read") else [],
    )


def _cases(number: int) -> list[Case]:
    query = select(Case).where(Case.number == number)
    return list(db.session.scalars(query.options(joinedload(Case.customer), joinedload(Case.touchpoint))))


def _named(model: Any, text: str) -> list[Any]:
    names = or_(model.name.icontains(text, autoescape=True), model.key.icontains(text, autoescape=True))
    return list(db.session.scalars(select(model).where(names).order_by(model.name, model.key).limit(MOST)))
