"""What the web process offers operators and developers: health, metrics, request ids, the development mailbox."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from app.config import Settings
from app.kernel import migrate, outbox, queue
from app.runtime import health, mailbox, metrics

HERE = {"REMOTE_ADDR": "127.0.0.1"}
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}


@pytest.fixture
def client(application: OpenAPI) -> FlaskClient:
    return application.test_client()


@pytest.fixture
def change(application: OpenAPI, settings: Settings) -> Iterator[Any]:
    """Change settings of the running application for one test."""

    def update(**values: object) -> None:
        application.extensions["heed_settings"] = settings.model_copy(update=values)

    yield update
    application.extensions["heed_settings"] = settings


def test_the_process_says_that_it_lives(client: FlaskClient) -> None:
    assert client.get("/health/live").json == {"status": "ok"}


def test_ready_when_everything_answers(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    # Tests leave work behind that nobody here drains; the lag itself is measured in the tests of the outbox.
    monkeypatch.setattr(outbox, "lag_seconds", lambda: 59.0)
    monkeypatch.setattr(outbox, "given_up", lambda _since: {})
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json == {
        "status": "ok",
        "checks": {"database": "ok", "migrations": "ok", "outbox": "ok", "redis": "ok"},
    }


def test_not_ready_without_the_database_and_the_reason_stays_in_the_log(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OSError("connection to postgresql://heed_app:password@db refused")

    monkeypatch.setattr(health, "ping", refuse)
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["status"] == "unavailable"
    assert answer.json["checks"]["database"] == "failed"
    assert b"password" not in answer.data


def test_not_ready_while_migrations_are_missing(
    client: FlaskClient, application: OpenAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(application.extensions, "heed_at_head", raising=False)
    monkeypatch.setattr(migrate, "head", lambda: "9999")
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json is not None
    assert "run `heed db upgrade`" in answer.json["checks"]["migrations"]


def test_degraded_but_serving_when_work_waits_or_redis_is_away(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "lag_seconds", lambda: 61.0)
    monkeypatch.setattr(queue, "depth", lambda: None)
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["status"] == "degraded"
    assert "61 s" in answer.json["checks"]["outbox"]
    assert "away" in answer.json["checks"]["redis"]


def test_degraded_but_serving_when_work_was_given_up(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "lag_seconds", lambda: 0.0)
    monkeypatch.setattr(outbox, "given_up", lambda _since: {None: 2, uuid4(): 3})
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    assert answer.json["checks"]["outbox"] == "jobs were given up within a day: 5; `heed work failed` names them"


def test_every_answer_has_a_request_id_and_a_sane_one_is_kept(client: FlaskClient) -> None:
    made = client.get("/health/live").headers["X-Request-ID"]
    assert len(made) == 36
    assert client.get("/health/live").headers["X-Request-ID"] != made
    kept = client.get("/health/live", headers={"X-Request-ID": "balancer-0042"})
    assert kept.headers["X-Request-ID"] == "balancer-0042"
    forged = client.get("/health/live", headers={"X-Request-ID": "a b<script>"})
    assert forged.headers["X-Request-ID"] != "a b<script>"


def test_metrics_count_requests_by_endpoint_and_show_what_waits(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count() -> float:
        labels = {"method": "GET", "endpoint": "health.live", "status": "200"}
        return metrics.registry.get_sample_value("heed_requests_total", labels) or 0.0

    monkeypatch.setattr(outbox, "lag_seconds", lambda: 12.5)
    monkeypatch.setattr(queue, "depth", lambda: 3)
    monkeypatch.setattr(metrics, "webhooks_lag", lambda: 7.5)
    monkeypatch.setattr(outbox, "given_up", lambda: {None: 2, uuid4(): 3})
    before = count()
    client.get("/health/live")
    client.get("/health/live")
    assert count() == before + 2
    text = client.get("/metrics", environ_base=HERE).text
    assert "heed_outbox_lag_seconds 12.5" in text
    assert "heed_webhooks_lag_seconds 7.5" in text
    assert "heed_queue_depth 3.0" in text
    assert "heed_outbox_given_up 5.0" in text
    assert 'heed_request_seconds_count{endpoint="health.live"}' in text
    client.get("/no/such/page/as/this")
    assert "/no/such/page" not in client.get("/metrics", environ_base=HERE).text


def test_metrics_answer_without_the_database(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> float:
        raise OSError("no database")

    monkeypatch.setattr(outbox, "lag_seconds", refuse)
    answer = client.get("/metrics", environ_base=HERE)
    assert answer.status_code == 200
    assert "heed_requests_total" in answer.text
    assert "heed_outbox_lag_seconds" not in answer.text


@pytest.mark.parametrize("address", ["/metrics", "/dev/mail"])
@pytest.mark.parametrize(
    ("where", "headers"),
    [
        (ELSEWHERE, {}),
        (ELSEWHERE, {"X-Forwarded-For": "127.0.0.1"}),
        (HERE, {"X-Forwarded-For": "127.0.0.1"}),
        (HERE, {"Forwarded": "for=127.0.0.1"}),
        (HERE, {"X-Real-IP": "127.0.0.1"}),
        (HERE, {"Host": "rebound.example.com"}),
        ({"REMOTE_ADDR": ""}, {}),
    ],
)
def test_only_this_machine_reads_metrics_and_mail(
    client: FlaskClient, address: str, where: dict[str, str], headers: dict[str, str]
) -> None:
    assert client.get(address, environ_base=where, headers=headers).status_code == 404
    assert client.get(address, environ_base=HERE).status_code == 200
    assert client.get(address, environ_base={"REMOTE_ADDR": "::1"}, headers={"Host": "[::1]:8000"}).status_code == 200


def test_a_metrics_token_opens_from_anywhere_and_is_then_needed_here_too(client: FlaskClient, change: Any) -> None:
    change(metrics_token="the right token")
    right, wrong = {"Authorization": "Bearer the right token"}, {"Authorization": "Bearer the wrong token"}
    assert client.get("/metrics", environ_base=ELSEWHERE, headers=right).status_code == 200
    assert client.get("/metrics", environ_base=ELSEWHERE, headers=wrong).status_code == 404
    assert client.get("/metrics", environ_base=HERE).status_code == 404


def test_mail_is_not_shown_outside_development(client: FlaskClient, change: Any) -> None:
    change(embedded=False)
    assert client.get("/dev/mail", environ_base=HERE).status_code == 404


def test_a_mail_is_listed_and_shown_with_its_links_and_its_html_kept_harmless(
    client: FlaskClient, change: Any, tmp_path: Path
) -> None:
    change(home=tmp_path)
    message = EmailMessage()
    message["To"] = "fang@example.com"
    message["Subject"] = "How was it? <b>&"
    message.set_content("Answer: http://heed.test/r/abc?score=9")
    message.add_alternative('<p>Hello</p><a href="http://heed.test/u/xyz">stop</a><script>alert(1)</script>', "html")
    (tmp_path / "mail").mkdir()
    name = mailbox.keep(tmp_path / "mail", message.as_bytes(), ["fang@example.com"])

    listed = client.get("/dev/mail", environ_base=HERE).text
    assert f'href="/dev/mail/{name}"' in listed
    assert "How was it? &lt;b&gt;&amp;" in listed

    shown = client.get(f"/dev/mail/{name}", environ_base=HERE).text
    assert 'href="http://heed.test/r/abc?score=9"' in shown
    assert 'href="http://heed.test/u/xyz"' in shown
    assert f'src="/dev/mail/{name}/html"' in shown
    assert "<script>alert(1)" not in shown

    html = client.get(f"/dev/mail/{name}/html", environ_base=HERE)
    policy = html.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';")
    assert "allow-scripts" not in policy
    assert '<base target="_blank">' in html.text
    assert client.get("/dev/mail/unknown.eml", environ_base=HERE).status_code == 404
    assert client.get(f"/dev/mail/{name}/html", environ_base=ELSEWHERE).status_code == 404
