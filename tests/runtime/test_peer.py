"""Behind proxies: the visitor whom the outermost trusted one has seen, and nobody whom a header merely claims."""

from __future__ import annotations

import pytest
from flask import Flask, request
from flask_openapi3 import OpenAPI

from app import create_app
from app.config import ConfigError, Settings, load_settings
from app.runtime import peer
from tests.cast import PASSWORD, Cast, PageClient, make_cast
from tests.limits import forget_tries

PROXY = "10.0.0.1"
VISITOR = "203.0.113.9"


def _seen(trusted: int, **headers: str) -> tuple[str | None, str, str]:
    """(address, scheme, host) as the application sees them."""
    app = Flask(__name__)
    peer.init_app(app, trusted)
    seen = []

    @app.get("/")
    def look() -> str:
        seen.append((request.remote_addr, request.scheme, request.host))
        return ""

    named = {name.replace("_", "-"): value for name, value in headers.items()}
    app.test_client().get("/", environ_base={"REMOTE_ADDR": PROXY}, headers=named)
    (found,) = seen
    return found


def test_without_a_trusted_proxy_no_header_is_believed() -> None:
    forged = {
        "X_Forwarded_For": VISITOR,
        "X_Forwarded_Proto": "https",
        "X_Real_IP": VISITOR,
        "Forwarded": "for=1.2.3.4",
    }
    assert _seen(0, **forged) == (PROXY, "http", "localhost")


@pytest.mark.parametrize(
    ("trusted", "told", "address"),
    [
        (1, VISITOR, VISITOR),
        (1, f"127.0.0.1, 198.51.100.1,{VISITOR}", VISITOR),
        (2, f"198.51.100.1, {VISITOR}, 10.0.0.2", VISITOR),
        (1, f'"198.51.100.1, {VISITOR}', VISITOR),
        (1, "2001:db8::7", "2001:db8::7"),
        # Fewer than there should be, or no address: the proxy's own stays.
        (2, VISITOR, PROXY),
        (1, "", PROXY),
        (1, "unknown", PROXY),
        (1, f"{VISITOR}, x' OR 1=1", PROXY),
    ],
)
def test_the_address_is_counted_from_the_right(trusted: int, told: str, address: str) -> None:
    assert _seen(trusted, X_Forwarded_For=told)[0] == address


def test_the_scheme_is_believed_and_nothing_else() -> None:
    more = {"X_Forwarded_Host": "evil.example", "X_Forwarded_Port": "81", "X_Forwarded_Prefix": "/x"}
    assert _seen(1, X_Forwarded_For=VISITOR, X_Forwarded_Proto="https", **more) == (VISITOR, "https", "localhost")
    assert _seen(1, X_Forwarded_Proto="gopher")[1] == "http"


@pytest.mark.parametrize("value", ["-1", "11", "one", "1.5"])
def test_a_number_that_is_none_stops_the_start(settings: Settings, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HEED_TRUSTED_PROXIES", value)
    with pytest.raises(ConfigError, match="HEED_TRUSTED_PROXIES"):
        load_settings(database_url=settings.database_url, redis_url=settings.redis_url, secret_key="x" * 40)


@pytest.fixture(scope="module")
def behind(application: OpenAPI, settings: Settings) -> OpenAPI:
    """The application behind one proxy; made after the plain one, which makes hashing cheap."""
    return create_app(settings.model_copy(update={"trusted_proxies": 1}))


def _try(cast: Cast, name: str, forwarded: str, password: str = "wrong") -> int:
    data, headers = {"email": cast.email(name), "password": password}, {"X-Forwarded-For": forwarded}
    place = {"REMOTE_ADDR": PROXY}
    return PageClient(cast.app, cast.slug).post("/sign-in", data, headers=headers, environ_base=place).status_code


def test_one_stranger_stops_nobody_else_and_cannot_pretend_to_be_many(behind: OpenAPI) -> None:
    forget_tries()
    with behind.app_context():
        cast = make_cast(behind)
        forged = [_try(cast, "bob", f"198.51.100.{number}, {VISITOR}") for number in range(8)]
        assert forged[-1] == 429
        assert [_try(cast, "bob", f"192.0.2.{number}", PASSWORD) for number in range(8)] == [303] * 8
    forget_tries()


def test_what_only_this_machine_may_see_is_not_for_whoever_says_so(behind: OpenAPI) -> None:
    for told in ("127.0.0.1", "127.0.0.1, 127.0.0.1"):
        answer = behind.test_client().get(
            "/metrics", environ_base={"REMOTE_ADDR": VISITOR}, headers={"X-Forwarded-For": told}
        )
        assert answer.status_code == 404
