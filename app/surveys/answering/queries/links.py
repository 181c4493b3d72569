"""What the link of an invitation opens: its survey, and what the customer has answered so far."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.kernel import clock, scope, tokens
from app.kernel.contributions import Contribution
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.surveys.answering import rules
from app.surveys.answering.models import Response, answers_of
from app.surveys.answering.queries.responses import Identity, find_by_identity
from app.surveys.design.definition import Answer
from app.surveys.design.definition import Survey as Definition
from app.surveys.design.models import Survey, SurveyVersion
from app.surveys.design.reading import read_version
from app.surveys.outreach.models import Invitation
from app.surveys.outreach.queries import get_invitation


@dataclass(frozen=True)
class Link:
    """One invitation and its response, as far as there is one."""

    invitation: Invitation
    survey: Survey
    definition: Definition
    response: Response | None

    @property
    def is_completed(self) -> bool:
        """Whether the customer has sent their answers."""
        return self.response is not None and self.response.status == "completed"

    @property
    def is_over(self) -> bool:
        """Whether no answers are taken any more."""
        invitation = self.invitation
        return rules.is_over(invitation.status, invitation.expires_at, self.survey.closed_at, clock.now())

    @property
    def answers(self) -> dict[str, Answer]:
        """What has been answered so far, by question key."""
        return answers_of(self.response) if self.response else {}

    @property
    def department(self) -> str | None:
        """The name of the department that answers for the touchpoint."""
        touchpoint = self.invitation.touchpoint
        return touchpoint.department.name if touchpoint and touchpoint.department else None


def get_link(invitation_id: UUID) -> Link:
    """What the link of this invitation opens. Raises NotFound."""
    invitation = get_invitation(invitation_id)
    survey = invitation.version.survey
    response = find_by_identity(identity_of_invitation(invitation, survey))
    return Link(invitation, survey, read_version(invitation.version), response)


@dataclass(frozen=True)
class Promise:
    """What whoever looks after bad answers promises: `path` is where the customer follows what is done, `contact_by`
    until when somebody is in touch (None: nothing is promised, or it has happened)."""

    path: str
    contact_by: datetime | None


find_promise: Contribution[[Response], Promise | None] = Contribution("what a customer is promised after an answer")
"""The promise for this response, or None where nobody will look after it."""


def lock_invitation(invitation_id: UUID) -> Invitation:
    """The invitation with its survey and what it asks about, held until the transaction ends. Raises NotFound."""
    query = (
        select(Invitation)
        .where(Invitation.id == invitation_id)
        .options(
            joinedload(Invitation.version).joinedload(SurveyVersion.survey),
            joinedload(Invitation.interaction),
            joinedload(Invitation.touchpoint),
        )
        .with_for_update(of=Invitation)
        .execution_options(populate_existing=True)
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound()
    return found


def identity_of_invitation(invitation: Invitation, survey: Survey) -> Identity:
    """What the response to this invitation is known by.

    An anonymous one does not name the invitation, which names the customer: it is known by a one-way mark that only
    whoever holds our secret can make.
    """
    if not survey.is_anonymous:
        return {"invitation_id": invitation.id}
    mark = hashlib.sha256(tokens.issue("anonymous", scope.tenant_id(), invitation.id).encode()).hexdigest()
    return {"survey_id": survey.id, "client_key": mark}
