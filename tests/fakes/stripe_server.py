"""A stand-in for Stripe over real HTTP: customers, prices, Checkout, portal, subscriptions, invoices, meters, webhooks.

It keeps what it is told, honours idempotency keys and meter identifiers as Stripe does, takes the API key it was made
with, and fails as it is told: `fail` names what happens to the next calls whose path begins like its key.
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import stripe
from werkzeug.wrappers import Request, Response

from tests.browser import serving

API_KEY = "sk_test_a_stand_in"
SECRET = "whsec_a_stand_in"
OLD_SECRET = "whsec_the_one_before"
_count = itertools.count(1)  # one for all servers: a customer is of one tenant in the whole database
_FAR = 30 * 24 * 3600


@dataclass
class StripeServer:
    """What the account holds. Ids count up; everything is a plain dict of the shape that the library knows."""

    url: str = ""
    customers: dict[str, dict[str, Any]] = field(default_factory=dict)
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    invoices: list[dict[str, Any]] = field(default_factory=list)
    meter_events: dict[str, dict[str, Any]] = field(default_factory=dict)
    prices: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    fail: dict[str, str] = field(default_factory=dict)
    """Path prefix -> `500`, `400`, `after` (done, then 500), `card` (402), `slow` (after what `hold` lets go)."""
    refused: set[str] = field(default_factory=set)
    """The identifiers of the meter events that are not taken."""
    before_answer: Callable[[str], None] | None = None
    """Called with the path once the answer is made and before it is sent."""

    def __post_init__(self) -> None:
        self._replays: dict[str, tuple[str, tuple[int, Any]]] = {}
        self._lock = threading.RLock()
        for plan, amount in (("team", 4900), ("business", 19900)):
            product = {"id": f"prod_{plan}", "object": "product", "name": f"Heed {plan.title()}"}
            self.prices.append(self._price(f"heed_{plan}", amount, product))

    def add_metered_prices(self) -> None:
        """The prices by which usage is billed on top."""
        for kind in ("responses", "messages"):
            self.prices.append(self._price(f"heed_{kind}", 1, {"id": f"prod_{kind}", "name": kind}))

    def _price(self, key: str, amount: int, product: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": f"price_{key}", "object": "price", "active": True, "lookup_key": key, "unit_amount": amount,
            "currency": "eur", "recurring": {"interval": "month", "usage_type": "licensed"}, "product": product,
        }  # fmt: skip

    # --- what a test does as a payer, or as Stripe itself ---

    def subscribe(self, customer: str, plan: str = "team", status: str = "active", **more: Any) -> str:
        """A subscription, as a finished Checkout leaves it."""
        with self._lock:
            number = next(_count)
            price = next(one for one in self.prices if one["lookup_key"] == f"heed_{plan}")
            item = {"id": f"si_{number}", "object": "subscription_item", "price": price, "quantity": 1,
                    "current_period_end": int(time.time()) + _FAR}  # fmt: skip
            self.subscriptions[f"sub_{number}"] = {
                "id": f"sub_{number}", "object": "subscription", "customer": customer, "status": status,
                "created": int(time.time()) + number, "cancel_at_period_end": False, "cancel_at": None,
                "items": {"object": "list", "data": [item], "has_more": False}, **more,
            }  # fmt: skip
            return f"sub_{number}"

    def finish_checkout(self, session: str) -> str:
        """Pay what a page of Checkout asks for."""
        made = self.sessions[session]
        assert made["status"] == "open"
        made["status"] = "complete"
        plan = next(p for p in self.prices if p["id"] == made["lines"][0]["price"])["lookup_key"].removeprefix("heed_")
        status = "trialing" if made["trial_end"] else "active"
        return self.subscribe(made["customer"], plan, status)

    def bill(self, customer: str, number: str, **more: Any) -> None:
        """An invoice."""
        made = {
            "id": f"in_{next(_count)}", "object": "invoice", "customer": customer, "number": number, "total": 4900,
            "currency": "eur", "status": "paid", "created": int(time.time()),
            "hosted_invoice_url": f"{self.url}/invoice/{number}", **more,
        }  # fmt: skip
        self.invoices.insert(0, made)

    def event(self, kind: str, about: dict[str, Any], **more: Any) -> dict[str, Any]:
        """An event as Stripe sends it."""
        return {
            "id": f"evt_{next(_count)}", "object": "event", "type": kind, "created": int(time.time()),
            "livemode": False, "data": {"object": about}, **more,
        }  # fmt: skip

    # --- HTTP ---

    @Request.application
    def answer(self, request: Request) -> Response:
        """The WSGI application."""
        path = request.path.removeprefix("/v1/")
        self.calls.append((request.method, path))
        if request.headers.get("Authorization") != f"Bearer {API_KEY}":
            return _json(401, {"error": {"type": "invalid_request_error", "message": "No such key"}})
        fault = next((kind for prefix, kind in self.fail.items() if path.startswith(prefix)), None)
        if fault == "500":
            return _json(500, {"error": {"type": "api_error", "message": "Down"}})
        if fault == "400":
            return _json(400, {"error": {"type": "invalid_request_error", "code": "resource_missing", "message": "No"}})
        if fault == "card" and request.method == "POST":
            error = {"type": "card_error", "code": "expired_card", "message": "Your card has expired."}
            return _json(402, {"error": error})
        with self._lock:
            made = _json(*self._once(request, path))
        if self.before_answer is not None:
            self.before_answer(path)
        if fault == "after":
            return _json(500, {"error": {"type": "api_error", "message": "Timed out"}})
        return made

    def _once(self, request: Request, path: str) -> tuple[int, Any]:
        """The answer, the same for the same idempotency key; other parameters under it are an error."""
        values = _nested(request.form.to_dict() or request.args.to_dict())
        key, meaning = request.headers.get("Idempotency-Key"), json.dumps([path, values], sort_keys=True)
        if request.method != "POST" or not key:
            return self._act(request.method, path, values)
        if key in self._replays:
            if self._replays[key][0] != meaning:
                return 400, {"error": {"type": "idempotency_error", "message": "Other parameters"}}
            return self._replays[key][1]
        self._replays[key] = (meaning, self._act(request.method, path, values))
        return self._replays[key][1]

    def _act(self, method: str, path: str, values: dict[str, Any]) -> tuple[int, Any]:
        parts = path.split("/")
        if path == "prices":
            return 200, _list([one for one in self.prices if one["lookup_key"] in values["lookup_keys"].values()])
        if path == "customers":
            made = {"id": f"cus_{next(_count)}", "object": "customer", **values}
            self.customers[made["id"]] = made
            return 200, made
        if path == "checkout/sessions" and method == "GET":
            mine = [one for one in self.sessions.values() if one["customer"] == values["customer"]]
            return 200, _list([one for one in mine if one["status"] == values["status"]])
        if path.endswith("/expire"):
            return self._expire(self.sessions[parts[2]])
        if path in ("checkout/sessions", "billing_portal/sessions"):
            return self._session(path, values)
        if path == "subscriptions":
            mine = [one for one in self.subscriptions.values() if one["customer"] == values["customer"]]
            if values.get("status") != "all":
                mine = [one for one in mine if one["status"] != "canceled"]
            return 200, _list(sorted(mine, key=lambda one: -one["created"]))
        if parts[0] == "subscriptions" and parts[1] in self.subscriptions:
            if method == "DELETE":
                self.subscriptions[parts[1]]["status"] = "canceled"
            return self._change(self.subscriptions[parts[1]], values)
        if path == "invoices":
            return self._page_of_invoices(values)
        if path == "billing/meter_events" and values["identifier"] in self.refused:
            return 400, {"error": {"type": "invalid_request_error", "code": "timestamp_too_far_in_past"}}
        if path == "billing/meter_events":
            self.meter_events.setdefault(values["identifier"], values)
            return 200, {"object": "billing.meter_event", **values}
        return 404, {"error": {"type": "invalid_request_error", "message": f"No such thing: {method} {path}"}}

    def _session(self, path: str, values: dict[str, Any]) -> tuple[int, Any]:
        number = next(_count)
        page = "pay" if path.startswith("checkout") else "portal"
        made = {"id": f"cs_{number}", "object": path.replace("/sessions", ".session"), "customer": values["customer"],
                "url": f"{self.url}/{page}/cs_{number}"}  # fmt: skip
        self.sessions[made["id"]] = made | {"given": values}
        if page == "pay":
            self.sessions[made["id"]] |= {
                "status": "open",
                "lines": list(values["line_items"].values()),
                "trial_end": (values.get("subscription_data") or {}).get("trial_end"),
            }
        return 200, made

    def _expire(self, session: dict[str, Any]) -> tuple[int, Any]:
        if session["status"] != "open":
            return 400, {"error": {"type": "invalid_request_error", "message": "It is not open"}}
        session["status"] = "expired"
        return 200, session

    def _change(self, row: dict[str, Any], values: dict[str, Any]) -> tuple[int, Any]:
        if "cancel_at_period_end" in values:
            row["cancel_at_period_end"] = values["cancel_at_period_end"] in ("true", "True")
        for change in (values.get("items") or {}).values():
            item = next(one for one in row["items"]["data"] if one["id"] == change["id"])
            item["price"] = next(one for one in self.prices if one["id"] == change["price"])
            row["asked"] = values
        return 200, row

    def _page_of_invoices(self, values: dict[str, Any]) -> tuple[int, Any]:
        mine = [one for one in self.invoices if one["customer"] == values["customer"]]
        after = values.get("starting_after")
        start = next((place + 1 for place, one in enumerate(mine) if one["id"] == after), 0)
        limit = int(values["limit"])
        return 200, _list(mine[start : start + limit], has_more=len(mine) > start + limit)


def _list(rows: list[Any], has_more: bool = False) -> dict[str, Any]:
    return {"object": "list", "data": rows, "has_more": has_more, "url": "/v1/some"}


def _json(status: int, body: Any) -> Response:
    return Response(json.dumps(body), status, mimetype="application/json", headers={"Request-Id": "req_1"})


def _nested(flat: dict[str, str]) -> dict[str, Any]:
    """`{"items[0][price]": "p"}` as `{"items": {"0": {"price": "p"}}}`: how lists arrive."""
    found: dict[str, Any] = {}
    for name, value in flat.items():
        keys = name.replace("]", "").split("[")
        place = found
        for key in keys[:-1]:
            place = place.setdefault(key, {})
        place[keys[-1]] = value
    return found


def signed(event: dict[str, Any], secret: str = SECRET, at: float | None = None) -> tuple[bytes, dict[str, str]]:
    """(the body of a webhook, its headers)."""
    body = json.dumps(event)
    moment = int(time.time() if at is None else at)
    header = stripe.WebhookSignature.generate_signature_header(body, secret, moment)
    return body.encode(), {"Stripe-Signature": header, "Content-Type": "application/json"}


@contextmanager
def open_stripe() -> Iterator[StripeServer]:
    """A running stand-in with an empty account."""
    server = StripeServer()
    with serving(server.answer) as port:
        server.url = f"http://127.0.0.1:{port}"
        yield server
