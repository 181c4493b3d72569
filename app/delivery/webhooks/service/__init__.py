"""What can be done with webhooks: `endpoints` sets up whom to tell, `deliveries` queues, tests and replays, `carrying`
is what the courier does with one delivery after the other."""

from app.delivery.webhooks.service.carrying import Claimed, carry, claim_due
from app.delivery.webhooks.service.deliveries import (
    discard_dead,
    forget_old,
    queue_event,
    replay,
    replay_dead,
    send_test,
)
from app.delivery.webhooks.service.endpoints import (
    EndpointInput,
    add_endpoint,
    put_endpoint,
    remove_endpoint,
    rotate_secret,
)

__all__ = [
    "Claimed",
    "EndpointInput",
    "add_endpoint",
    "carry",
    "claim_due",
    "discard_dead",
    "forget_old",
    "put_endpoint",
    "queue_event",
    "remove_endpoint",
    "replay",
    "replay_dead",
    "rotate_secret",
    "send_test",
]
