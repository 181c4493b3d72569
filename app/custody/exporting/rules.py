"""What an export holds and what it leaves out, how a value is written, and how long the file is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

FORMAT, VERSION = "heed-export", 1
STATES = ("waiting", "building", "ready", "cancelled", "failed", "expired")
UNDER_WAY = ("waiting", "building")
PERMISSION = "data.export"

PART_BYTES = 1_000_000
KEPT = timedelta(days=7)
CLAIM = timedelta(minutes=2)
"""How long nobody hears of a builder until it counts as dead; every part that it writes begins this anew."""
MOST_ATTEMPTS = 5

LEFT_OUT = {
    "outbox": "work that is still to be done; what it has done stands in the other files",
    "idempotency_records": "sealed copies of answers to machines, kept for a day",
    "audit_words": "a search index, made from audit_events",
    "rollups": "made from responses",
    "rollup_facts": "made from responses",
    "rollup_cells": "made from responses",
    "exports": "about these files themselves; who asked for one stands in audit_events",
    "export_parts": "these files themselves",
    "departures": "that the tenant is about to be deleted stands in audit_events",
    "stripe_customers": "the same id stands in subscriptions",
}
"""Tables that no export holds, and why."""

SECRETS = {
    "api_keys.hash": "proves a key",
    "api_keys.old_hash": "proves a key",
    "identity_providers.sealed_secret": "a secret of the identity provider",
    "webhook_endpoints.sealed_secret": "signs what is sent",
    "webhook_endpoints.sealed_old_secret": "signs what is sent",
    "responses.client_key": "opens an answer that is being given",
    "messages.text": "holds the personal links of a customer; what it asked stands in survey_versions",
    "messages.html": "holds the personal links of a customer; what it asked stands in survey_versions",
    "messages.headers": "hold the personal links of a customer",
}
"""Columns that never leave the house, and why."""

FILES = {"tenant_logos.content": "files/logo.png"}
"""Columns that are files of their own, at most one for a tenant."""


def shown(table: str, column: str, value: Any) -> Any:
    """A value as it goes out: of a webhook's address, which may be a secret of its receiver, the host alone."""
    if (table, column) == ("webhook_endpoints", "url"):
        return urlsplit(value).hostname
    return value


def plain(value: Any) -> Any:
    """A value as JSON has it: moments in UTC to the microsecond, ids and exact numbers as text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [plain(each) for each in value]
    if value is None or isinstance(value, str | int | float | bool | dict):
        return value
    return str(value)


README = """This is everything that Heed kept for {name} at {moment} (UTC), as one moment saw it.

data/*.jsonl   one file for each kind of thing, one JSON object a line, in the order in which the things were made.
               Ids are the same in all files: "customer_id" of a response is the "id" of a line of customers.jsonl.
               Moments are in UTC.
files/         files that were uploaded.
manifest.json  for each file its lines, bytes and SHA-256, and what is left out, and why: secrets, and what is made
               from the other files.

The audit proves itself: the text of a line of audit_events.jsonl without what is null at its outermost level (what is
null inside of "before" and "after" stays), with the names of all levels sorted and no spaces, has the SHA-256 that the
line of audit_seals.jsonl with its "event_id" calls "row_hash".
"""
