"""What a rule would have done with the interactions of the last days: the real rules on real ones, read only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.customers import queries as customers
from app.kernel import clock
from app.surveys.outreach import queries, rules
from app.surveys.outreach.models import Interaction
from app.surveys.outreach.rules import PersonFacts, RuleFacts
from app.surveys.outreach.service.decisions import LEDGER
from app.surveys.outreach.service.facts import (
    interaction_facts,
    known_person,
    rule_facts,
    tenant_key,
    tenant_timezone,
)
from app.surveys.outreach.setup_rules import RuleInput
from app.tenants import queries as tenants
from app.tenants.models import TenantSettings

DAYS = 30
MOST = 5_000


@dataclass(frozen=True)
class Simulation:
    """What a rule would have decided; `is_cut` when there were more interactions than are looked at."""

    tally: queries.Tally
    is_cut: bool


def simulate(key: str, given: RuleInput) -> Simulation:
    """Decide again on the latest interactions as if the rule had been `given`; `key` is the stored rule's, or new.

    What other rules asked stands as it was; what this rule asked is replaced by what it would have asked. Addresses,
    opt-outs and settings are those of today.
    """
    now = clock.now()
    settings, timezone = tenants.settings(), tenant_timezone()
    places = [touchpoint.id for touchpoint in queries.touchpoints_by_key(given.touchpoints).values()]
    found = queries.latest_interactions(places, now - timedelta(days=DAYS), MOST + 1)
    rule = queries.find_rule_by_key(key)
    facts = rule_facts(str(rule.id) if rule else key, given, settings)
    people = _people(found, settings, timezone)
    ledgers = queries.ledgers_without_rule(people, rule.id if rule else None, now - LEDGER - timedelta(days=DAYS))
    counts: Counter[str] = Counter()
    for interaction in sorted(found[:MOST], key=lambda row: row.received_at):
        ledger = ledgers.setdefault(interaction.customer_id, [])
        counts[_decide(interaction, facts, people[interaction.customer_id], ledger)] += 1
    asked = counts.pop("asked", 0)
    return Simulation(queries.Tally(asked, dict(counts.most_common())), is_cut=len(found) > MOST)


def _people(interactions: Sequence[Interaction], settings: TenantSettings, timezone: str) -> dict[UUID, PersonFacts]:
    by_id = {interaction.customer_id: interaction.customer for interaction in interactions}
    reachable, suppressed = customers.reachable_by_email(list(by_id)), customers.suppressed_among(list(by_id))
    return {
        customer_id: known_person(customer, settings, timezone, customer_id in reachable, customer_id in suppressed)
        for customer_id, customer in by_id.items()
    }


def _decide(interaction: Interaction, rule: RuleFacts, person: PersonFacts, ledger: list[datetime]) -> str:
    decision = rules.decide(interaction.received_at, tenant_key(), interaction_facts(interaction), rule, person, ledger)
    if decision.due_at is None:
        return decision.reason or "asked"
    ledger.append(decision.due_at)
    return "asked"
