"""Taking interactions: one or many, each once, each with the decisions of the rules that listen to its touchpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from app.customers import service as customers
from app.customers.models import Customer
from app.journeys.models import Touchpoint
from app.kernel import clock
from app.kernel.db import atomic
from app.kernel.errors import Conflict, Fault, HeedError, Invalid
from app.kernel.inserts import insert_if_new
from app.partners.models import Partner
from app.surveys.outreach import queries
from app.surveys.outreach.intake_rules import NewInteraction, ReadInteraction, read_interaction
from app.surveys.outreach.models import Interaction
from app.surveys.outreach.service.decisions import decide_outreach
from app.surveys.outreach.service.facts import tenant_timezone
from app.tenants import queries as tenants
from app.tenants.models import TenantSettings

_CHUNK = 100
"""How many interactions of a batch are judged by one look at touchpoints, partners, rules and settings."""

Recorded = tuple[Interaction, bool]


@dataclass(frozen=True)
class Surroundings:
    """What arriving interactions are judged by, looked up for many at once."""

    settings: TenantSettings
    timezone: str
    touchpoints: dict[str, Touchpoint]
    partners: dict[str, Partner]
    listeners: dict[UUID, list[queries.Listener]]
    known: dict[str, Interaction] = field(default_factory=dict)


def record_interaction(new: NewInteraction, source: str = "interaction") -> Recorded:
    """Take one interaction and decide about every rule that listens to its touchpoint, in one transaction.

    Returns it and whether it is new: the same again changes nothing. `source` is where its identifiers come from.
    Raises Invalid with a pointer for each bad value, Conflict when the id is known with other content.
    """
    read = read_interaction(new, clock.now())
    with atomic():
        around = look_around([read])
        return _known_already(read, around) or _record(read, around, source)


def record_interactions(new: Sequence[NewInteraction], source: str = "interaction") -> list[Recorded | HeedError]:
    """Take many interactions in their order, each in a transaction of its own: a bad one keeps no other out.

    Returns for each what `record_interaction` returns or would have raised. Not for use inside `atomic()`.
    """
    found: list[Recorded | HeedError] = []
    for start in range(0, len(new), _CHUNK):
        reads = [_read_or_refuse(one) for one in new[start : start + _CHUNK]]
        with atomic():
            around = look_around([read for read in reads if isinstance(read, ReadInteraction)])
        for read in reads:
            found.append(read if isinstance(read, HeedError) else _record_alone(read, around, source))
    return found


def _read_or_refuse(new: NewInteraction) -> ReadInteraction | HeedError:
    try:
        return read_interaction(new, clock.now())
    except HeedError as refusal:
        return refusal


def _record_alone(read: ReadInteraction, around: Surroundings, source: str) -> Recorded | HeedError:
    """Record one of many; what needs no transaction to be refused is refused without one."""
    try:
        known = _known_already(read, around)
        check_places(read, around)
        if known:
            return known
        with atomic():
            return _record(read, around, source)
    except HeedError as refusal:
        return refusal


def look_around(reads: Sequence[ReadInteraction]) -> Surroundings:
    """Look up at once what these interactions are judged by."""
    touchpoints = queries.touchpoints_by_key({read.touchpoint for read in reads})
    return Surroundings(
        settings=tenants.settings(),
        timezone=tenant_timezone(),
        touchpoints=touchpoints,
        partners=queries.partners_by_key({read.partner for read in reads if read.partner}),
        listeners=queries.listeners(touchpoint.id for touchpoint in touchpoints.values()),
        known=queries.known_interactions(read.id for read in reads),
    )


def _known_already(read: ReadInteraction, around: Surroundings) -> Recorded | None:
    known = around.known.get(read.id)
    return same_again(known, read) if known else None


def same_again(known: Interaction, read: ReadInteraction) -> Recorded:
    """The stored interaction, when what arrived means the same. Raises Conflict."""
    if known.content_hash != read.content_hash():
        raise Conflict(
            "This id is known with other content; nothing was changed.",
            [Fault("/id", "An interaction with this id and other content has arrived before.")],
        )
    return known, False


def _record(read: ReadInteraction, around: Surroundings, source: str) -> Recorded:
    touchpoint, partner_id = check_places(read, around)
    customer = _find_customer(read, source)
    interaction = _insert(read, touchpoint.id, customer.id, partner_id)
    if interaction is None:
        # Somebody else has taken it since we looked.
        return same_again(queries.get_interaction(read.id), read)
    decide_outreach(interaction, customer, around.listeners.get(touchpoint.id, ()), around.settings, around.timezone)
    return interaction, True


def check_places(read: ReadInteraction, around: Surroundings) -> tuple[Touchpoint, UUID | None]:
    """The touchpoint, and who delivered: the sender's word, else the touchpoint's partner. Raises Invalid."""
    touchpoint, partner = around.touchpoints.get(read.touchpoint), around.partners.get(read.partner or "")
    faults = []
    if touchpoint is None:
        faults.append(Fault("/touchpoint", "There is no touchpoint with this key."))
    if read.partner is not None and partner is None:
        faults.append(Fault("/partner", "There is no partner with this key."))
    if faults or touchpoint is None:
        raise Invalid("The interaction names something that is not there.", faults)
    return touchpoint, partner.id if partner else touchpoint.partner_id


def _find_customer(read: ReadInteraction, source: str) -> Customer:
    try:
        return customers.find_or_create(read.customer, source)[0]
    except Invalid as error:
        raise Invalid(
            str(error), [Fault(f"/customer{fault.pointer}", fault.detail) for fault in error.faults]
        ) from None


def _insert(
    read: ReadInteraction, touchpoint_id: UUID, customer_id: UUID, partner_id: UUID | None
) -> Interaction | None:
    return insert_if_new(
        Interaction,
        external_id=read.id,
        content_hash=read.content_hash(),
        touchpoint_id=touchpoint_id,
        customer_id=customer_id,
        partner_id=partner_id,
        occurred_at=read.occurred_at,
        received_at=clock.now(),
        employee_key=read.employee_id,
        employee_name=read.employee_name,
        measures=read.measures,
        attributes=read.attributes,
        is_historic=read.is_historic,
    )
