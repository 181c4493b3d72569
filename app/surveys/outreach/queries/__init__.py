"""Look-ups of this room: interactions, outreach rules, and invitations with the ledger of asks."""

from __future__ import annotations

from app.surveys.outreach.queries.interactions import (
    InteractionFilter,
    find_interaction,
    get_interaction,
    known_interactions,
    latest_interactions,
    page_of_interactions,
    partners_by_key,
    touchpoints_by_key,
)
from app.surveys.outreach.queries.invitations import (
    find_ask,
    find_decision,
    find_invitation,
    get_invitation,
    ledgers,
    ledgers_without_rule,
    lock_scheduled,
)
from app.surveys.outreach.queries.rulebook import (
    Listener,
    Tally,
    all_touchpoints,
    askable_surveys,
    find_rule_by_key,
    get_rule_by_key,
    list_rules,
    listeners,
    page_of_rules,
    tallies,
)

__all__ = [
    "InteractionFilter",
    "Listener",
    "Tally",
    "all_touchpoints",
    "askable_surveys",
    "find_ask",
    "find_decision",
    "find_interaction",
    "find_invitation",
    "find_rule_by_key",
    "get_interaction",
    "get_invitation",
    "get_rule_by_key",
    "known_interactions",
    "latest_interactions",
    "ledgers",
    "ledgers_without_rule",
    "list_rules",
    "listeners",
    "lock_scheduled",
    "page_of_interactions",
    "page_of_rules",
    "partners_by_key",
    "tallies",
    "touchpoints_by_key",
]
