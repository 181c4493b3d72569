"""Every model of the house in one place, so that the metadata is complete for migrations and house tests."""

from __future__ import annotations

from app.billing import models as billing
from app.custody.departing import models as departing
from app.custody.exporting import models as exporting
from app.custody.keeping import models as keeping
from app.customers import models as customers
from app.delivery import models as delivery
from app.delivery.webhooks import models as webhooks
from app.insights.figures import models as figures
from app.insights.scorecards import models as scorecards
from app.journeys import models as journeys
from app.kernel import outbox_model
from app.loop.absences import models as absences
from app.loop.cases import models as cases
from app.loop.sla import models as sla
from app.partners import models as partners
from app.surveys.answering import models as answering
from app.surveys.design import models as design
from app.surveys.outreach import models as outreach
from app.tenants import models as tenants
from app.tenants.accounts import models as accounts
from app.tenants.examples import models as examples
from app.tenants.joining import models as joining
from app.tenants.providers import models as providers
from app.tenants.trail import models as trail

ALL = (
    outbox_model,
    tenants,
    accounts,
    joining,
    trail,
    providers,
    examples,
    billing,
    customers,
    delivery,
    webhooks,
    partners,
    journeys,
    design,
    outreach,
    answering,
    sla,
    absences,
    cases,
    scorecards,
    figures,
    exporting,
    departing,
    keeping,
)
