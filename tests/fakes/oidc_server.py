"""A real OpenID provider over HTTP: Authlib's own authorisation server, with one client, one person and a page of keys.

It speaks the protocol as it should (code, PKCE, one use of a code, exact redirect address, client authentication),
until a test makes it lie: `lie` changes the claims of the next ID token, `sign` signs it in another way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from flask import Flask, jsonify, request
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.browser import serving

CLIENT, SECRET = "heed", "a secret & with: signs+"


@dataclass
class Person:
    """Who is signed in at the provider."""

    sub: str = "u-1"
    email: str = "nia@acme.example"
    email_verified: Any = True
    name: str = "Nia"
    authenticated_at: int | None = None

    def get_user_id(self) -> str:
        """What Authlib knows them by."""
        return self.sub


@dataclass
class Code:
    """One code that was handed out."""

    code: str
    redirect_uri: str
    nonce: str | None
    code_challenge: str | None
    code_challenge_method: str | None
    person: Person
    scope: str = "openid"

    def get_redirect_uri(self) -> str:
        """Where it was sent to."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """What it is for."""
        return self.scope


class _Client(ClientMixin):  # type: ignore[misc]  # Authlib has no types
    def __init__(self, provider: Provider) -> None:
        self.provider = provider

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return self.provider.redirect_uri

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.provider.redirect_uri

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == self.provider.method

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Provider:
    """A running provider."""

    issuer: str = ""
    redirect_uri: str = ""
    method: str = "client_secret_basic"
    person: Person = field(default_factory=Person)
    codes: dict[str, Code] = field(default_factory=dict)
    lie: dict[str, Any] = field(default_factory=dict)
    """Claims of the next ID tokens; None takes one away."""
    metadata: dict[str, Any] = field(default_factory=dict)
    """What discovery says besides or instead."""
    sign: Callable[[dict[str, Any]], str] | None = None
    names_itself: bool = True
    answers_as: str | None = None
    """Whom it names in its answers in place of itself."""
    userinfo: dict[str, Any] | None = None
    calls: list[tuple[str, str]] = field(default_factory=list)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"}))

    def rotate(self) -> None:
        """From now on another key signs, and the old one is no longer published."""
        self.key = RSAKey.generate_key(2048, {"kid": "next"})

    def id_token(self, claims: dict[str, Any]) -> str:
        """An ID token with these claims."""
        if self.sign:
            return self.sign(claims)
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def claims(self, code: Code) -> dict[str, Any]:
        """What the ID token of a code says."""
        now = int(time.time())
        who = code.person
        claims = {
            "iss": self.issuer,
            "sub": who.sub,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": code.nonce,
            "email": who.email,
            "email_verified": who.email_verified,
            "name": who.name,
            "auth_time": who.authenticated_at,
        } | self.lie
        return {name: value for name, value in claims.items() if value is not None}


@contextmanager
def provider() -> Iterator[Provider]:
    """A running provider on loopback."""
    running, app = Provider(), Flask("provider")
    _pages(app, running, _server(app, running))
    with serving(app.wsgi_app) as port:
        running.issuer = f"http://127.0.0.1:{port}"
        yield running


def _server(app: Flask, running: Provider) -> AuthorizationServer:
    def save(token: dict[str, Any], asked: Any) -> None:
        """Nothing is done with access tokens."""

    class Grant(AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib has no types
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

        def save_authorization_code(self, code: str, asked: Any) -> None:
            said = asked.payload.data
            running.codes[code] = Code(
                code,
                asked.payload.redirect_uri,
                said.get("nonce"),
                said.get("code_challenge"),
                said.get("code_challenge_method"),
                asked.user,
            )

        def query_authorization_code(self, code: str, _client: Any) -> Code | None:
            return running.codes.get(code)

        def delete_authorization_code(self, code: Code) -> None:
            del running.codes[code.code]

        def authenticate_user(self, code: Code) -> Person:
            return code.person

        def create_token_response(self) -> Any:
            code = self.request.authorization_code
            status, token, headers = super().create_token_response()
            return status, {**token, "id_token": running.id_token(running.claims(code))}, headers

    def client_of(name: str) -> _Client | None:
        return _Client(running) if name == CLIENT else None

    server = AuthorizationServer(app, query_client=client_of, save_token=save)
    server.register_grant(Grant, [CodeChallenge(required=True)])
    return server


def _pages(app: Flask, running: Provider, server: AuthorizationServer) -> None:
    @app.before_request
    def note() -> None:
        running.calls.append((request.method, request.path))

    @app.get("/.well-known/openid-configuration")
    def discovery() -> Any:
        here = running.issuer
        said = {
            "issuer": here,
            "authorization_endpoint": f"{here}/authorize",
            "token_endpoint": f"{here}/token",
            "jwks_uri": f"{here}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": [running.method],
            "authorization_response_iss_parameter_supported": running.names_itself,
        } | ({"userinfo_endpoint": f"{here}/userinfo"} if running.userinfo else {})
        return jsonify(said | running.metadata)

    @app.get("/authorize")
    def authorize() -> Any:
        grant = server.get_consent_grant(end_user=running.person)
        answer = server.create_authorization_response(grant_user=running.person, grant=grant)
        if running.names_itself or running.answers_as:
            answer.headers["Location"] += f"&iss={running.answers_as or running.issuer}"
        return answer

    @app.post("/token")
    def token() -> Any:
        return server.create_token_response()

    @app.get("/keys")
    def keys() -> Any:
        return jsonify({"keys": [running.key.as_dict(private=False)]})

    @app.get("/userinfo")
    def userinfo() -> Any:
        return jsonify(running.userinfo)
