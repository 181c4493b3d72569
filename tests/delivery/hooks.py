"""What the tests of webhooks share: an endpoint at a real receiver, and carrying what is due."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from typing import Any

from flask import Flask

from app.delivery.webhooks import service
from app.delivery.webhooks.rules import KINDS
from app.delivery.webhooks.service import EndpointInput
from app.kernel import clock
from app.kernel.scope import SYSTEM, acting
from tests.cast import Cast
from tests.receiver import Receiver


@contextmanager
def loopback_allowed(app: Flask) -> Iterator[None]:
    """As if the operator had named loopback among the networks that webhooks may reach."""
    settings = app.extensions["heed_settings"]
    networks = {"private_receivers": (ip_network("127.0.0.0/8"),)}
    app.extensions["heed_settings"] = settings.model_copy(update=networks)
    try:
        yield
    finally:
        app.extensions["heed_settings"] = settings


def listen(cast: Cast, receiver: Receiver, *kinds: str, key: str = "hook") -> str:
    """An endpoint at this receiver that hears of these kinds, or of all; returns its secret."""
    with cast.scope():
        _endpoint, secret = service.put_endpoint(key, EndpointInput(receiver.url, kinds or KINDS))
    assert secret is not None
    return secret


def carry_due(cast: Cast) -> int:
    """Carry what is due in this tenant, one after the other; returns how many tries that were."""
    tries = 0
    while True:
        with cast.scope():
            claimed = service.claim_due(100)
        if not claimed:
            return tries
        for one in claimed:
            with cast.scope(), acting(SYSTEM):
                service.carry(one)
        tries += len(claimed)


def told(cast: Cast, kind: str = "case.opened", reference: str = "1", **data: Any) -> int:
    """Something to tell of."""
    with cast.scope():
        return service.queue_event(kind, reference, clock.now(), lambda: data)
