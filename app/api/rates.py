"""How often a key may call, and the headers that say so (draft-ietf-httpapi-ratelimit-headers-10).

Every answer to a key carries the policies and what is left of each; a 429 says with Retry-After when to come again.
Without Redis each process counts for itself (extensions.limiter), so that nobody is let in without limit or kept out.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from flask import Response, request
from flask_limiter import RequestLimit
from flask_limiter.util import get_remote_address
from flask_openapi3 import APIBlueprint
from limits.errors import StorageError
from redis.exceptions import RedisError

from app.extensions import limiter
from app.tenants.api_keys import read_key


@dataclass(frozen=True)
class Policy:
    """So many requests in a window of so many seconds."""

    name: str
    most: int
    seconds: int


POLICIES = (Policy("burst", 100, 1), Policy("sustained", 3000, 60))
LIMITS = "; ".join(f"{policy.most} per {policy.seconds} second" for policy in POLICIES)
POLICY_HEADER = ", ".join(f'"{policy.name}";q={policy.most};w={policy.seconds}' for policy in POLICIES)
COUNTED = "api"
REFUSED = "api refused"
"""The names under which requests, and those refused for their key, are counted together, whatever their path."""
REFUSALS = LIMITS.rpartition("; ")[2]
"""How many made-up or ended keys may come from an address: each has a count of its own, and costs a look-up."""
_NAMES = {policy.seconds: policy.name for policy in POLICIES}

WORDS = (
    "Each key may send "
    + " and ".join(f"{policy.most} requests in {policy.seconds} s" for policy in POLICIES)
    + ". Every answer carries `RateLimit-Policy` and `RateLimit`, which say what is left (`r`) and when it is full "
    "again (`t`, seconds); above the limit the answer is 429 with `Retry-After`. Requests without a key, or with a "
    "wrong one, are counted by the address that they come from."
)
HEADERS = {
    "RateLimit-Policy": {"description": f"Always `{POLICY_HEADER}`.", "schema": {"type": "string"}},
    "RateLimit": {"description": "What is left of each policy.", "schema": {"type": "string"}},
}
RETRY_HEADER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}}


def caller() -> str:
    """Whose requests are counted together: a key's, however it is written, or those of an address that shows none."""
    key = read_key(request.headers.get("Authorization", ""))
    return key.hash if key else get_remote_address()


def limit(group: APIBlueprint) -> None:
    """Count the requests to this group of endpoints together with those to all others."""
    limiter.shared_limit(LIMITS, scope=COUNTED, key_func=caller)(group)
    refused = limiter.shared_limit(REFUSALS, scope=REFUSED, key_func=get_remote_address, deduct_when=_is_refused)
    refused(group)


def _is_refused(response: Response) -> bool:
    return response.status_code == 401


def tell(response: Response) -> Response:
    """Add the headers to an answer whose request was counted; without them when the counts cannot be read."""
    try:
        return _told(response)
    except (RedisError, StorageError, OSError):
        return response


def _told(response: Response) -> Response:
    found = [limit for limit in limiter.current_limits if COUNTED in limit.request_args]
    if not found:
        return response
    response.headers["RateLimit-Policy"] = POLICY_HEADER
    response.headers["RateLimit"] = ", ".join(_left(limit) for limit in found)
    if response.status_code == 429 and "Retry-After" not in response.headers:
        waits = [_seconds(limit) for limit in found if limit.breached or limit.remaining <= 0]
        response.headers["Retry-After"] = str(max(waits, default=1))
    return response


def _left(limit: RequestLimit) -> str:
    return f'"{_NAMES[limit.limit.get_expiry()]}";r={max(0, limit.remaining)};t={_seconds(limit)}'


def _seconds(limit: RequestLimit) -> int:
    return max(1, math.ceil(limit.reset_at - time.time()))
