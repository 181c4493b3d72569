"""Taking interactions: one or many, each once, each with the decisions of the rules that listen to its touchpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app.customers import service as customers
from app.customers.models import Customer
from app.journeys.models import Touchpoint
from app.kernel import clock, scope
from app.kernel.db import atomic, db
from app.kernel.errors import Conflict, Fault, HeedError, Invalid, Unavailable
from app.kernel.ids import new_id
from app.partners.models import Partner
from app.surveys.outreach import queries
from app.surveys.outreach.intake_rules import NewInteraction, ReadInteraction, read_interaction
from app.surveys.outreach.models import Interaction
from app.surveys.outreach.service.decisions import decide_outreach
from app.surveys.outreach.service.facts import tenant_timezone
from app.tenants import queries as tenants

_CHUNK = 100
"""How many interactions of a batch share one transaction: it locks all their customers, so it is kept short."""
_ATTEMPTS = 5

Recorded = tuple[Interaction, bool]
Result = Recorded | HeedError


def record_interaction(new: NewInteraction, source: str = "interaction") -> Recorded:
    """Take one interaction and decide about every rule that listens to its touchpoint, in one transaction.

    Returns it and whether it is new: the same again changes nothing. `source` is where its identifiers come from.
    Raises Invalid with a pointer for each bad value, Conflict when the id is known with other content.
    """
    [found] = record_interactions([new], source)
    if isinstance(found, HeedError):
        raise found
    return found


def record_interactions(new: Sequence[NewInteraction], source: str = "interaction") -> list[Result]:
    """Take many interactions in their order, a hundred in a transaction; a bad one keeps no other out.

    Returns for each what `record_interaction` returns or would have raised.
    """
    found: list[Result] = []
    for start in range(0, len(new), _CHUNK):
        found += _record_chunk([_read(one) for one in new[start : start + _CHUNK]], source)
    return found


def _read(new: NewInteraction) -> ReadInteraction | HeedError:
    try:
        return read_interaction(new, clock.now())
    except HeedError as refusal:
        return refusal


def _record_chunk(reads: Sequence[ReadInteraction | HeedError], source: str) -> list[Result]:
    good = [read for read in reads if isinstance(read, ReadInteraction)]
    with atomic() as session:
        for _attempt in range(_ATTEMPTS):
            savepoint = session.begin_nested()
            taken = _take(good, source)
            if taken is not None:
                savepoint.commit()
                results = iter(taken)
                return [next(results) if isinstance(read, ReadInteraction) else read for read in reads]
            # Somebody else has taken one of these ids since we looked: what we wrote about its customer may be wrong.
            savepoint.rollback()
    raise Unavailable("Too many requests are sending these interactions at once; try again.")


@dataclass(frozen=True)
class _Surroundings:
    """What arriving interactions are judged by, looked up for all of them at once."""

    touchpoints: dict[str, Touchpoint]
    partners: dict[str, Partner]
    known: dict[str, Interaction]


def _take(reads: Sequence[ReadInteraction], source: str) -> list[Result] | None:
    """Write what is new and decide about it; None when an id was taken by somebody else meanwhile."""
    around = _look_around(reads)
    results: dict[int, Result] = {}
    first: dict[str, int] = {}
    for place, read in enumerate(reads):
        refusal = _repeated(around.known.get(read.id), read) or _misplaced(read, around)
        if refusal is not None:
            results[place] = refusal
        else:
            first.setdefault(read.id, place)
    made = _make([reads[place] for place in first.values()], around, source)
    if made is None:
        return None
    results |= dict(zip(first.values(), made, strict=True))
    for place, read in enumerate(reads):
        if place not in results:
            earlier = results[first[read.id]]
            results[place] = earlier if isinstance(earlier, HeedError) else _repeated(earlier[0], read) or earlier
    return [results[place] for place in range(len(reads))]


def _look_around(reads: Sequence[ReadInteraction]) -> _Surroundings:
    return _Surroundings(
        touchpoints=queries.touchpoints_by_key({read.touchpoint for read in reads}),
        partners=queries.partners_by_key({read.partner for read in reads if read.partner}),
        known=queries.known_interactions(read.id for read in reads),
    )


def _repeated(known: Interaction | None, read: ReadInteraction) -> Result | None:
    """What is answered to an interaction whose id is known: the same answer, or a conflict; None when it is not."""
    if known is None:
        return None
    if known.content_hash == read.content_hash():
        return known, False
    fault = Fault("/id", "An interaction with this id and other content has arrived before.")
    return Conflict("This id is known with other content; nothing was changed.", [fault])


def _misplaced(read: ReadInteraction, around: _Surroundings) -> Invalid | None:
    faults = []
    if read.touchpoint not in around.touchpoints:
        faults.append(Fault("/touchpoint", "There is no touchpoint with this key."))
    if read.partner is not None and read.partner not in around.partners:
        faults.append(Fault("/partner", "There is no partner with this key."))
    return Invalid("The interaction names something that is not there.", faults) if faults else None


def _make(reads: Sequence[ReadInteraction], around: _Surroundings, source: str) -> list[Result] | None:
    """Make interactions that are new and in place, each with its customer and decisions, in their order."""
    if not reads:
        return []
    people = customers.find_or_create_many([read.customer for read in reads], source)
    heard = [(read, person) for read, person in zip(reads, people, strict=True) if not isinstance(person, Invalid)]
    rows = [_row(read, person.customer, around) for read, person in heard]
    made = _insert(rows)
    if len(made) < len(rows):
        return None
    happened = [(made[read.id], person.customer) for read, person in heard]
    listeners = queries.listeners({interaction.touchpoint_id for interaction, _customer in happened})
    decide_outreach(happened, listeners, tenants.settings(), tenant_timezone())
    return [
        _below_customer(person) if isinstance(person, Invalid) else (made[read.id], True)
        for read, person in zip(reads, people, strict=True)
    ]


def _below_customer(refusal: Invalid) -> Invalid:
    return Invalid(str(refusal), [Fault(f"/customer{fault.pointer}", fault.detail) for fault in refusal.faults])


def _insert(rows: Sequence[dict[str, Any]]) -> dict[str, Interaction]:
    """Insert those whose id is free, sorted, so that two transactions never wait for each other; by the sender's id."""
    if not rows:
        return {}
    # A NULL that is written out keeps all rows in one statement, whoever has an employee or a partner.
    statement = insert(Interaction).on_conflict_do_nothing().returning(Interaction).execution_options(render_nulls=True)
    made = db.session.scalars(statement, sorted(rows, key=lambda row: str(row["external_id"])))
    return {row.external_id: row for row in made}


def _row(read: ReadInteraction, customer: Customer, around: _Surroundings) -> dict[str, Any]:
    touchpoint = around.touchpoints[read.touchpoint]
    # The sender's word for who delivered, else the touchpoint's partner.
    partner_id = around.partners[read.partner].id if read.partner else touchpoint.partner_id
    return {
        "tenant_id": scope.tenant_id(),
        "id": new_id(),
        "external_id": read.id,
        "content_hash": read.content_hash(),
        "touchpoint_id": touchpoint.id,
        "customer_id": customer.id,
        "partner_id": partner_id,
        "occurred_at": read.occurred_at,
        "received_at": clock.now(),
        "employee_key": read.employee_id,
        "employee_name": read.employee_name,
        "measures": read.measures,
        "attributes": read.attributes,
        "is_historic": read.is_historic,
    }
