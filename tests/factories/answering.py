"""Customers who answer: over the link of an invitation, over an open link, and without any page."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.kernel import tokens
from app.kernel.db import atomic, db
from app.surveys.answering.models import Response
from app.surveys.answering.queries import get_response
from app.surveys.answering.service import BySender, Outcome, Submission, submit_response
from app.surveys.outreach.models import Invitation
from app.surveys.outreach.service import invite
from tests.cast import Cast
from tests.factories.journeys import make_touchpoint
from tests.factories.outreach import make_interaction, make_invitation
from tests.factories.surveys import follow_up_definition, make_version

_count = itertools.count(1)


@dataclass
class Customer:
    """Somebody with a link of their own; a browser without script, or the page's script."""

    app: Flask
    path: str
    invitation_id: UUID | None = None

    def get(self, query: str = "", **options: Any) -> TestResponse:
        """Open the link, or a page below it."""
        return self._open("GET", query, **options)

    def head(self, query: str = "") -> TestResponse:
        """What a scanner of links does."""
        return self._open("HEAD", query)

    def save(self, answers: Any, *, complete: bool = False, revision: int | None = None, **more: Any) -> TestResponse:
        """POST JSON, as the script of the page does."""
        body = {"answers": answers, "complete": complete, **more}
        if revision is not None:
            body["revision"] = revision
        return self.ask("", body)

    def ask(self, query: str, body: Any) -> TestResponse:
        """POST JSON as it stands."""
        return self._open("POST", query, json=body)

    def send(self, query: str = "", **fields: Any) -> TestResponse:
        """POST the form; `heed_revision` stands for the field heed.revision."""
        data = {name.replace("heed_", "heed."): value for name, value in fields.items()}
        return self._open("POST", query, data=data)

    def post(self, body: bytes, content_type: str) -> TestResponse:
        """POST any bytes."""
        return self._open("POST", "", data=body, content_type=content_type)

    def _open(self, method: str, query: str, **options: Any) -> TestResponse:
        client: FlaskClient = self.app.test_client()
        with self.app.app_context():  # a request must not find what an earlier one left in `g`
            return client.open(self.path + query, method=method, **options)


def make_customer(cast: Cast, *, definition: dict[str, Any] | None = None, **facts: Any) -> Customer:
    """A customer who was asked about a delivery; `facts` as make_invitation takes them."""
    survey_facts = {name: facts.pop(name) for name in ("is_anonymous",) if name in facts}
    key = f"asked-{next(_count)}"
    with cast.scope():
        make_version(key, definition, **survey_facts)
        return _with_link(cast, make_invitation(survey=key, **facts))


def make_followed_up(cast: Cast) -> Customer:
    """A customer who is asked whether their case is solved."""
    with cast.scope():
        version = make_version(f"after-{next(_count)}", follow_up_definition(), kind="follow_up")
        interaction = make_interaction()
        return _with_link(
            cast,
            invite(customer_id=interaction.customer_id, version_id=version.id, interaction_id=interaction.id),
        )


def _with_link(cast: Cast, invitation: Invitation) -> Customer:
    return Customer(cast.app, f"/r/{tokens.issue('respond', cast.tenant_id, invitation.id)}", invitation.id)


def make_passer_by(cast: Cast, definition: dict[str, Any] | None = None, **facts: Any) -> Customer:
    """Somebody at an open link."""
    key = f"open-{next(_count)}"
    with cast.scope():
        make_version(key, definition, **{"has_open_link": True, **facts})
    return Customer(cast.app, f"/s/{cast.slug}/{key}")


def make_response(answers: dict[str, Any] | None = None, **way: Any) -> Outcome:
    """A response that another system sent, at a touchpoint that is made when none is named. Call inside a scope."""
    if "survey" not in way:
        way["survey"] = f"sent-{next(_count)}"
        make_version(way["survey"])
    if "touchpoint" not in way and "interaction" not in way:
        way["touchpoint"] = make_touchpoint().key
    return submit_response(Submission(BySender(**way), answers or {"nps": 3, "why": "Late again"}))


def stored(cast: Cast, customer: Customer | None = None) -> Response | None:
    """The response of this customer, or the newest of the tenant, read anew and whole."""
    with cast.scope():
        query = db.select(Response.id).order_by(Response.id.desc()).limit(1)
        if customer is not None and customer.invitation_id is not None:
            query = query.where(Response.invitation_id == customer.invitation_id)
        found = db.session.scalar(query)
        return get_response(found) if found else None


def change_invitation(cast: Cast, customer: Customer, **columns: Any) -> None:
    """Put an invitation into another state."""
    with cast.scope(), atomic() as session:
        invitation = session.scalars(db.select(Invitation).where(Invitation.id == customer.invitation_id)).one()
        for name, value in columns.items():
            setattr(invitation, name, value)
