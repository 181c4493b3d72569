"""How long a tenant that goes can be taken back, what is kept of it, and the proof."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

GRACE = timedelta(days=7)
LOG_INS_KEPT = timedelta(days=30)
"""How long the log-in of somebody who worked nowhere else stays after their tenant has gone."""
UNDER_WAY = timedelta(minutes=1)
"""How long whoever came in before the doors closed may still be at it."""
PAGES_LAST = timedelta(days=2)
"""For how long somebody may still pay on a page of Checkout that was opened as the doors closed: it lasts a day."""
PROOF_LINK = timedelta(days=3650)
PROOF = "proof"

KEPT = frozenset({"departures"})
"""Tables that name a tenant and keep it: the proof itself."""

STAYS = {
    "backups": "until the operator's backups are overwritten",
    "mails": "mails and webhook messages that were delivered are with their receivers",
    "invoices": "invoices at Stripe, as long as the law asks for them",
    "log-ins": "log-ins of people who work nowhere else, for 30 days",
    "short name": "for good, so that no link that was printed ever leads to somebody else",
    "this proof": "for good",
}
"""What a deletion does not reach, and until when."""


def settled_at(closed_at: datetime) -> datetime:
    """When a tenant whose doors closed then holds all that it will ever hold."""
    return closed_at + UNDER_WAY


def canonical(told: Mapping[str, Any]) -> bytes:
    """The one text that is signed: JSON in UTF-8 with sorted names and no spaces."""
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def statement(
    tenant_id: object,
    moments: Mapping[str, datetime],
    removed: Mapping[str, int],
    left: Mapping[str, int],
    audit_head: Mapping[str, Any] | None,
    *,
    frees_slug: bool,
) -> dict[str, Any]:
    """What is stated of a deletion: ids, moments and numbers, nothing about anybody."""
    stays = {what: until for what, until in STAYS.items() if not (frees_slug and what == "short name")}
    return {
        "format": "heed-deletion",
        "version": 1,
        "tenant_id": str(tenant_id),
        **{name: moment.astimezone(UTC).isoformat() for name, moment in moments.items()},
        "rows_removed": dict(removed),
        "rows_removed_in_all": sum(removed.values()),
        "rows_left": dict(left),
        "audit_head": dict(audit_head) if audit_head else None,
        "stays": stays,
    }
