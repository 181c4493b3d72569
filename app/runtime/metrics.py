"""`/metrics` for Prometheus: requests by endpoint, their latency, the lag of outbox and webhooks, dead jobs, wake-ups.

Read with the METRICS_TOKEN as bearer; without one configured, only from this machine. Everybody else gets a 404.
"""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Iterator

from flask import Blueprint, Flask, Response, abort, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from app.kernel import outbox, queue
from app.kernel.contributions import Contribution
from app.runtime.logs import get_logger
from app.runtime.peer import is_local

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

bp = Blueprint("metrics", __name__)
log = get_logger("metrics")
webhooks_lag: Contribution[[], float] = Contribution("metrics.webhooks_lag")
"""How many seconds the oldest due webhook has waited."""
registry = CollectorRegistry()
requests_total = Counter(
    "heed_requests_total", "Requests answered.", ["method", "endpoint", "status"], registry=registry
)
request_seconds = Histogram(
    "heed_request_seconds", "Time to answer a request.", ["endpoint"], buckets=BUCKETS, registry=registry
)


class Waiting(Collector):
    """What waits right now, asked of the database and Redis at each scrape; left out while they are away."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges."""
        depth = queue.depth()
        if depth is not None:
            yield GaugeMetricFamily("heed_queue_depth", "Wake-ups waiting in Redis.", value=depth)
        try:
            work, webhooks, dead = outbox.lag_seconds(), webhooks_lag(), sum(outbox.given_up().values())
        except Exception as error:  # A scrape must still tell the rest when the database is away.
            log.warning("no lag for metrics", error=str(error))
            return
        yield GaugeMetricFamily("heed_outbox_lag_seconds", "Age of the oldest due, unclaimed work.", value=work)
        yield GaugeMetricFamily(
            "heed_webhooks_lag_seconds", "Age of the oldest due, unclaimed webhook.", value=webhooks
        )
        yield GaugeMetricFamily("heed_outbox_given_up", "Jobs that were given up and stand as dead.", value=dead)


def init_app(app: Flask) -> None:
    """Count every request of this application."""
    app.before_request(_start)
    app.after_request(_count)


def _start() -> None:
    g.metrics_began = time.perf_counter()


def _count(response: Response) -> Response:
    endpoint = request.endpoint or "none"
    method = (
        request.method if request.method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"
    )
    requests_total.labels(method, endpoint, str(response.status_code)).inc()
    began = g.get("metrics_began")
    if began is not None:
        request_seconds.labels(endpoint).observe(time.perf_counter() - began)
    return response


@bp.get("/metrics")
def metrics() -> Response:
    """All figures in Prometheus' text format."""
    if not _allowed():
        abort(404)
    text = generate_latest(_counted()) + generate_latest(_waiting())
    return Response(text, content_type=CONTENT_TYPE_LATEST)


def _allowed() -> bool:
    token = current_app.extensions["heed_settings"].metrics_token
    if token is None:
        return is_local(request)
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(given.encode(), token.encode())


def _counted() -> CollectorRegistry:
    """The counts of all worker processes together: several share theirs through files (app/runtime/server.py)."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return registry
    from prometheus_client.multiprocess import MultiProcessCollector

    together = CollectorRegistry()
    MultiProcessCollector(together)
    return together


def _waiting() -> CollectorRegistry:
    now = CollectorRegistry(auto_describe=False)
    now.register(Waiting())
    return now
