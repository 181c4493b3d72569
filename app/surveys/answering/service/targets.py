"""What a submission is about: its survey, the version, and what it is tied to, read from the database or refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from app.customers.intake_rules import GivenCustomer, NewCustomer, read_customer
from app.customers.queries import find_by_identifiers
from app.journeys.models import Touchpoint
from app.journeys.queries import find_touchpoint_by_key
from app.kernel import clock
from app.kernel.errors import Conflict, Fault, Invalid, NotFound
from app.partners.models import Partner
from app.partners.queries import find_partner_by_key
from app.surveys.answering import queries
from app.surveys.answering.queries import Identity
from app.surveys.answering.rules import is_over, is_too_far_ahead
from app.surveys.answering.service.submission import ByInvitation, ByOpenLink, BySender, ByWidget, Way
from app.surveys.design.models import Survey, SurveyVersion
from app.surveys.design.queries import find_survey_by_key, find_version, newest_version
from app.surveys.outreach.intake_rules import check_id
from app.surveys.outreach.models import Interaction
from app.surveys.outreach.queries import find_interaction

T = TypeVar("T")


@dataclass(frozen=True)
class Target:
    """What a submission is about.

    `columns` are copied into the response when it is made: who was responsible, and for what. `customer` is found or
    made only then. `locale` is the language of the ask. `is_over`: nothing new is taken. `is_test`: it never counts.
    """

    survey: Survey
    version: SurveyVersion
    source: str
    identity: Identity
    columns: dict[str, Any] = field(default_factory=dict)
    customer: GivenCustomer | None = None
    invitation_id: UUID | None = None
    locale: str | None = None
    is_over: bool = False
    is_test: bool = False


def find_target(way: Way) -> Target:
    """What this submission is about; an invitation's row is locked. Raises NotFound, Invalid or Conflict."""
    if isinstance(way, ByInvitation):
        return _invited(way)
    if isinstance(way, ByWidget):
        return _embedded(way)
    return _opened(way) if isinstance(way, ByOpenLink) else _sent(way)


def _invited(way: ByInvitation) -> Target:
    invitation = queries.lock_invitation(way.invitation_id)
    survey, interaction, touchpoint = invitation.version.survey, invitation.interaction, invitation.touchpoint
    partner_id = (interaction.partner_id if interaction else None) or invitation.partner_id
    return Target(
        survey,
        invitation.version,
        "invitation",
        queries.identity_of_invitation(invitation, survey),
        _columns(survey, touchpoint, interaction, partner_id, invitation.customer_id),
        invitation_id=invitation.id,
        locale=invitation.locale,
        is_over=is_over(invitation.status, invitation.expires_at, survey.closed_at, clock.now()),
        is_test=invitation.purpose == "test",
    )


def _opened(way: ByOpenLink) -> Target:
    survey, version = get_open_survey(way.survey_key)
    identity = {"survey_id": survey.id, "client_key": way.client_key}
    touchpoint = find_touchpoint_by_key(way.touchpoint) if way.touchpoint else None
    columns = _columns(survey, touchpoint, None, None, None)
    return Target(survey, version, "open_link", identity, columns, is_over=survey.closed_at is not None)


def _embedded(way: ByWidget) -> Target:
    widget = queries.get_widget(way.widget_id)
    version = newest_version(widget.survey)
    if version is None:
        raise NotFound()
    identity = {"survey_id": widget.survey_id, "client_key": way.client_key}
    columns = _columns(widget.survey, widget.touchpoint, None, None, None)
    is_over = widget.survey.closed_at is not None or not widget.is_active
    return Target(widget.survey, version, "widget", identity, columns, is_over=is_over)


def get_open_survey(key: str) -> tuple[Survey, SurveyVersion]:
    """The survey that anybody may answer, and its newest version; it may be closed by now.

    Raises NotFound when there is no such open link.
    """
    survey = find_survey_by_key(key)
    version = newest_version(survey) if survey else None
    if survey is None or version is None or not survey.has_open_link:
        raise NotFound()
    return survey, version


def _sent(way: BySender) -> Target:
    faults: list[Fault] = []
    survey = _named(faults, "/survey", way.survey, find_survey_by_key)
    version = _version(faults, survey, way.version)
    interaction = _named(faults, "/interaction", way.interaction, find_interaction)
    touchpoint = _touchpoint(faults, way, interaction)
    partner = _named(faults, "/partner", way.partner, find_partner_by_key)
    customer = _customer(faults, way.customer)
    faults += _contradictions(way, interaction, touchpoint, customer)
    if faults or survey is None:
        raise Invalid("The response cannot be taken as it stands.", faults)
    if version is None:
        raise Conflict("The survey has no published version yet.", [Fault("/survey", "not published")])
    columns = _columns(survey, touchpoint, interaction, _partner_id(partner, interaction), None)
    identity = {"external_id": way.id} if way.id is not None else {}
    is_needed = interaction is None and not survey.is_anonymous
    is_over = survey.closed_at is not None and not way.is_historic
    return Target(survey, version, way.source, identity, columns, customer if is_needed else None, is_over=is_over)


def _named(faults: list[Fault], pointer: str, key: str | None, find: Callable[[str], T | None]) -> T | None:
    """What `key` names; a key that names nothing is a fault, no key at all is not."""
    found = find(key) if key is not None else None
    if key is not None and found is None:
        faults.append(Fault(pointer, "There is none with this key."))
    return found


def _version(faults: list[Fault], survey: Survey | None, number: int | None) -> SurveyVersion | None:
    if survey is None or not survey.last_version:
        return None
    if number is None:
        return newest_version(survey)
    return _named(faults, "/version", str(number), lambda _text: find_version(survey.id, number))


def _touchpoint(faults: list[Fault], way: BySender, interaction: Interaction | None) -> Touchpoint | None:
    if way.touchpoint is not None:
        return _named(faults, "/touchpoint", way.touchpoint, find_touchpoint_by_key)
    if interaction is None and way.interaction is None:
        faults.append(Fault("/touchpoint", "Name the touchpoint, or the interaction that happened there."))
    return interaction.touchpoint if interaction else None


def _customer(faults: list[Fault], new: NewCustomer | None) -> GivenCustomer | None:
    try:
        return read_customer(new) if new is not None else None
    except Invalid as refused:
        faults += [Fault(f"/customer{fault.pointer}", fault.detail) for fault in refused.faults]
        return None


def _partner_id(partner: Partner | None, interaction: Interaction | None) -> UUID | None:
    """The sender's own word on this answer comes first, then the interaction's."""
    if partner is not None:
        return partner.id
    return interaction.partner_id if interaction else None


def _contradictions(
    way: BySender, interaction: Interaction | None, touchpoint: Touchpoint | None, customer: GivenCustomer | None
) -> list[Fault]:
    faults = []
    if interaction and touchpoint and interaction.touchpoint_id != touchpoint.id:
        faults.append(Fault("/touchpoint", "The interaction happened at another touchpoint."))
    if interaction and customer:
        known = find_by_identifiers([identifier.key for identifier in customer.identifiers])
        if any(row.customer_id != interaction.customer_id for row in known):
            faults.append(Fault("/customer", "The interaction is another customer's."))
    if way.answered_at is not None and is_too_far_ahead(way.answered_at, clock.now()):
        faults.append(Fault("/answered_at", "This time is more than five minutes in the future."))
    if way.id is not None:
        try:
            check_id(way.id)
        except ValueError as error:
            faults.append(Fault("/id", str(error)))
    return faults


def _columns(
    survey: Survey,
    touchpoint: Touchpoint | None,
    interaction: Interaction | None,
    partner_id: UUID | None,
    customer_id: UUID | None,
) -> dict[str, Any]:
    """What the response keeps of its circumstances; an anonymous one nothing that leads to a person."""
    if survey.is_anonymous:
        return _responsible(touchpoint, partner_id)
    return columns_of(touchpoint, interaction, partner_id, customer_id)


def columns_of(
    touchpoint: Touchpoint | None, interaction: Interaction | None, partner_id: UUID | None, customer_id: UUID | None
) -> dict[str, Any]:
    """What the response of a known customer keeps of its circumstances."""
    columns = _responsible(touchpoint, partner_id)
    columns["customer_id"] = interaction.customer_id if interaction else customer_id
    columns["interaction_id"] = interaction.id if interaction else None
    columns["occurred_at"] = interaction.occurred_at if interaction else None
    return columns


def _responsible(touchpoint: Touchpoint | None, partner_id: UUID | None) -> dict[str, Any]:
    return {
        "touchpoint_id": touchpoint.id if touchpoint else None,
        "partner_id": partner_id or (touchpoint.partner_id if touchpoint else None),
        "department_id": touchpoint.department_id if touchpoint else None,
    }
