"""The load: clients that never give up, and a ledger of what was acknowledged to them."""

from __future__ import annotations

import json
import random
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.kill.sink import Sink

TOUCHPOINT, SURVEY = "delivery", "delivery-nps"
DEFINITION = {
    "title": {"en": "Your delivery"},
    "default_locale": "en",
    "questions": [
        {"key": "nps", "type": "nps", "text": {"en": "Would you recommend us?"}, "required": True},
        {"key": "why", "type": "text", "text": {"en": "Why?"}},
    ],
}


@dataclass
class Ledger:
    """What was sent, and what came back: the truth that the database is measured against."""

    interactions: set[str] = field(default_factory=set)
    responses: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Sender's id -> (score, our id), once acknowledged."""
    sent: dict[str, int] = field(default_factory=dict)
    two_ids: list[str] = field(default_factory=list)
    by_link: dict[str, str] = field(default_factory=dict)
    """Receiver -> our id of the response that was acknowledged to them."""
    statuses: Counter[int] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Load:
    """Clients in threads until `stop`."""

    def __init__(self, url: str, key: str, sink: Sink, told_at: str | None = None) -> None:
        self.url, self.key, self.sink, self.told_at = url, key, sink, told_at
        self.ledger = Ledger()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._asking, args=(1,), daemon=True),
            threading.Thread(target=self._answering, args=(2,), daemon=True),
            threading.Thread(target=self._answering, args=(3,), daemon=True),
            threading.Thread(target=self._clicking, args=(4,), daemon=True),
        ]

    def prepare(self) -> None:
        """What everything refers to."""
        place = {"name": "Delivery", "journey": "order", "stage": "receiving", "channel": "delivery"}
        survey = {"name": "Delivery", "open_link": True, "definition": DEFINITION}
        rule = {"touchpoints": [TOUCHPOINT], "survey": SURVEY, "channel": "email", "quiet_hours": False}
        self._must("PUT", f"touchpoints/{TOUCHPOINT}", place)
        self._must("PUT", f"surveys/{SURVEY}", survey)
        self._must("POST", f"surveys/{SURVEY}/publications", {})
        self._must("PUT", "outreach-rules/after-delivery", rule)
        if self.told_at:
            self._must("PUT", "webhooks/told", {"url": self.told_at, "events": ["response.completed", "case.opened"]})

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _asking(self, seed: int) -> None:
        chance = random.Random(seed)
        while not self._stop.is_set():
            name = uuid.uuid4().hex
            address = f"c{name}@example.com"
            body = {
                "id": name,
                "touchpoint": TOUCHPOINT,
                "occurred_at": "2026-01-01T00:00:00Z",
                "customer": {"identifiers": [{"type": "email", "value": address}]},
            }
            body["occurred_at"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            if self._until_taken("POST", "interactions", body, {202}):
                self.ledger.interactions.add(address)
            time.sleep(chance.uniform(0.1, 0.3))

    def _answering(self, seed: int) -> None:
        chance = random.Random(seed)
        while not self._stop.is_set():
            name, score = uuid.uuid4().hex, chance.randint(0, 10)
            body = {"id": name, "survey": SURVEY, "touchpoint": TOUCHPOINT, "answers": {"nps": score}}
            with self.ledger.lock:
                self.ledger.sent[name] = score
            twice = chance.random() < 0.1
            tries = [threading.Thread(target=self._answer, args=(name, score, body)) for _try in range(1 + twice)]
            for one in tries:
                one.start()
            for one in tries:
                one.join()
            time.sleep(chance.uniform(0.1, 0.3))

    def _answer(self, name: str, score: int, body: dict[str, Any]) -> None:
        answer = self._until_taken("POST", "responses", body, {200, 201})
        if answer is None:
            return
        with self.ledger.lock:
            known = self.ledger.responses.setdefault(name, (score, answer["id"]))
            if known[1] != answer["id"]:
                self.ledger.two_ids.append(name)

    def _clicking(self, seed: int) -> None:
        """Customers who follow the link in their mail."""
        chance, done = random.Random(seed), set()
        while not self._stop.is_set():
            for address, token in list(self.sink.tokens.items()):
                if address in done or self._stop.is_set():
                    continue
                body = {"answers": {"nps": chance.randint(0, 10)}, "complete": True, "revision": 1}
                answer = self._until_taken("POST", f"{self.url}/r/{token}", body, {200})
                if answer is not None:
                    self.ledger.by_link[address] = answer["response"]
                    done.add(address)
            time.sleep(0.1)

    def _until_taken(self, method: str, path: str, body: dict[str, Any], good: set[int]) -> dict[str, Any] | None:
        """Send the same until it is acknowledged; None when the test ended first."""
        while not self._stop.is_set():
            status, answer = self._send(method, path, body)
            with self.ledger.lock:
                self.ledger.statuses[status] += 1
            if status in good:
                return answer
            if status in (400, 401, 403, 404, 409, 422):
                raise AssertionError(f"{method} {path}: {status} {answer}")
            time.sleep(0.1)
        return None

    def _must(self, method: str, path: str, body: dict[str, Any]) -> None:
        status, answer = self._send(method, path, body)
        assert status in (200, 201), (path, status, answer)

    def _send(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        url = path if path.startswith("http") else f"{self.url}/api/v1/{path}"
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"}
        request = urllib.request.Request(url, json.dumps(body).encode(), headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, {"text": error.read().decode(errors="replace")[:500]}
        except (OSError, ValueError):
            return 0, {}
