"""The counts after the storm: what must be zero, by the names of the durability design (I1, I2, …)."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any
from uuid import UUID

import psycopg

from tests.kill.load import Ledger
from tests.kill.sink import Sink
from tests.receiver import Receiver


class Database:
    """The tenant's tables, read as their owner."""

    def __init__(self, url: str, tenant_id: str) -> None:
        self.url, self.tenant = url, str(UUID(tenant_id))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Run one query on the tenant's rows."""
        with psycopg.connect(self.url) as connection:
            connection.execute(f"SET LOCAL app.tenant_id = '{self.tenant}'".encode())
            return connection.execute(query.encode()).fetchall()

    def one(self, query: str) -> Any:
        """The single value of a query."""
        return self.rows(query)[0][0]


def count(ledger: Ledger, sink: Sink, told: Receiver, database: Database) -> dict[str, int]:
    """Everything that must be zero."""
    mails, webhooks = _mails(ledger, sink, database), _webhooks(told, database)
    return {**_answers(ledger, database), **_cases(database), **mails, **webhooks, **_work(database)}


def _answers(ledger: Ledger, database: Database) -> dict[str, int]:
    stored = dict(database.rows("SELECT external_id, nps FROM responses WHERE external_id IS NOT NULL"))
    links = {str(row[0]) for row in database.rows("SELECT id FROM responses WHERE invitation_id IS NOT NULL")}
    return {
        "I1 acknowledged answers missing": sum(
            1 for name, (score, _id) in ledger.responses.items() if stored.get(name) != score
        ),
        "I1 one key with two ids": len(ledger.two_ids),
        "I1 answers nobody sent": sum(1 for name in stored if name not in ledger.sent),
        "I1 acknowledged clicks missing": sum(1 for found in ledger.by_link.values() if found not in links),
    }


def _cases(database: Database) -> dict[str, int]:
    bad = "r.status = 'completed' AND r.nps <= 6 AND r.survey_kind <> 'follow_up' AND r.parked_at IS NULL"
    numbers = [row[0] for row in database.rows("SELECT number FROM cases ORDER BY number")]
    return {
        "I2 cases missing": database.one(
            f"SELECT count(*) FROM responses r WHERE {bad}"
            " AND NOT EXISTS (SELECT FROM cases c WHERE c.response_id = r.id)"
        ),
        "I2 cases doubled": database.one(
            "SELECT count(*) FROM (SELECT FROM cases GROUP BY response_id HAVING count(*) > 1) AS twice"
        ),
        "I2 cases nobody called for": database.one(
            f"SELECT count(*) FROM cases c JOIN responses r ON r.id = c.response_id WHERE NOT ({bad})"
        ),
        "I2 numbers left out": 0 if numbers == list(range(1, len(numbers) + 1)) else 1,
        "I8 breaches missing": database.one(
            "SELECT count(*) FROM cases c WHERE first_contact_at IS NULL AND closed_at IS NULL AND NOT EXISTS"
            " (SELECT FROM case_alarms a WHERE a.case_id = c.id AND a.kind = 'first_contact_breached')"
        ),
        "I8 breaches doubled": database.one(
            "SELECT count(*) FROM (SELECT FROM case_alarms GROUP BY case_id, kind HAVING count(*) > 1) AS twice"
        ),
    }


def _mails(ledger: Ledger, sink: Sink, database: Database) -> dict[str, int]:
    states = Counter(dict(database.rows("SELECT to_address, state FROM messages")))
    return {
        "I5 mails sent twice": sum(1 for many in sink.mails.values() if many > 1),
        "I5 mails silently lost": sum(
            1 for address in ledger.interactions if not sink.mails[address] and states.get(address) != "uncertain"
        ),
        "I5 interactions missing": len(ledger.interactions)
        - database.one(
            "SELECT count(*) FROM customer_identifiers i WHERE EXISTS"
            " (SELECT FROM interactions t WHERE t.customer_id = i.customer_id)"
            f" AND value_key IN ({_listed(ledger.interactions)})"
        ),
    }


def _webhooks(told: Receiver, database: Database) -> dict[str, int]:
    """What happened was told at least once, and under one id however often it was sent."""
    ids: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for request in told.requests:
        body = json.loads(request.body)
        what = str(body["data"]["number" if body["type"] == "case.opened" else "id"])
        ids[body["type"], what].add(request.headers["webhook-id"])
    answers = {
        ("response.completed", str(row[0]))
        for row in database.rows("SELECT coalesce(external_id, id::text) FROM responses")
    }
    cases = {("case.opened", str(row[0])) for row in database.rows("SELECT number FROM cases")}
    return {
        "I4 webhooks missing": len((answers | cases) - set(ids)),
        "I4 webhooks nobody caused": len(set(ids) - answers - cases),
        "I4 webhooks under two ids": sum(1 for found in ids.values() if len(found) > 1),
    }


def count_missing_work(database: Database) -> dict[str, int]:
    """Completed responses whose work was not written down with them; only true while done work is kept."""
    return {
        "I3 work missing": database.one(
            "SELECT count(*) FROM responses r WHERE r.status = 'completed' AND NOT EXISTS (SELECT FROM outbox o"
            " WHERE o.event = 'ResponseSubmitted' AND o.payload ->> 'response_id' = r.id::text)"
        )
    }


def _work(database: Database) -> dict[str, int]:
    due = "done_at IS NULL AND dead_at IS NULL AND due_at <= now()"
    return {
        "I9 work pending": database.one(f"SELECT count(*) FROM outbox WHERE {due}"),
        "I9 work given up": database.one("SELECT count(*) FROM outbox WHERE dead_at IS NOT NULL"),
    }


def _listed(addresses: set[str]) -> str:
    return ", ".join(f"'{address}'" for address in sorted(addresses)) or "''"
