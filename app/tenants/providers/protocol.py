"""The authorisation code flow of OpenID Connect Core 1.0 with PKCE, as Authlib and joserfc carry it out.

Every request goes through the guarded way out, in a talk (talks.py). Nothing is kept between sign-ins, neither metadata
nor keys, so that a provider may change both at any moment.
"""

from __future__ import annotations

import json
import secrets
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.kernel.outbound import client
from app.kernel.outbound.addresses import AddressRefused, Networks, check_url
from app.tenants.providers import talks
from app.tenants.providers.rules import LEEWAY_SECONDS, Claims, claims_of, usable_algorithms

_MOST_BYTES = 256 * 1024
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


class ProviderFault(Exception):
    """The provider did not answer, or what it said does not hold; the text says what, for whoever set it up."""


@dataclass(frozen=True)
class Registration:
    """What a provider and we know of each other, as plain values. `private` are networks that the operator
    has named."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    redirect_uri: str
    private: Networks = ()


@dataclass(frozen=True)
class Metadata:
    """What discovery says (OpenID Connect Discovery 1.0, 3; RFC 8414; RFC 9207)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    algorithms: tuple[str, ...]
    names_itself: bool
    """Whether every answer says by `iss` from whom it comes."""
    takes_basic: bool


@dataclass(frozen=True)
class Flow:
    """One sign-in under way. It is kept in the browser that began it, signed."""

    state: str
    nonce: str
    verifier: str


def new_flow() -> Flow:
    """A sign-in that begins: three secrets of 256 bits."""
    return Flow(*(secrets.token_urlsafe(32) for _each in range(3)))


def discover(issuer: str, private: Networks = ()) -> Metadata:
    """What a provider says of itself. Raises ProviderFault, also where it says that it is another."""
    said = _read(_fetch("GET", issuer.removesuffix("/") + "/.well-known/openid-configuration", private=private))
    if said.get("issuer") != issuer:
        raise ProviderFault(f"Discovery names another issuer: {str(said.get('issuer'))[:200]}")
    algorithms = usable_algorithms(_list(said, "id_token_signing_alg_values_supported", ["RS256"]))
    if not algorithms:
        raise ProviderFault("The provider signs with no algorithm that is taken here.")
    if "code" not in _list(said, "response_types_supported", ["code"]):
        raise ProviderFault("The provider does not support the response type code.")
    if "S256" not in _list(said, "code_challenge_methods_supported", ["S256"]):
        raise ProviderFault("The provider does not support PKCE with S256.")
    methods = _list(said, "token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Metadata(
        authorization_endpoint=_address(said, "authorization_endpoint", private),
        token_endpoint=_address(said, "token_endpoint", private),
        jwks_uri=_address(said, "jwks_uri", private),
        userinfo_endpoint=_address(said, "userinfo_endpoint", private) if said.get("userinfo_endpoint") else None,
        algorithms=tuple(algorithms),
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
        takes_basic="client_secret_basic" in methods or "client_secret_post" not in methods,
    )


def authorization_url(who: Registration, metadata: Metadata, flow: Flow, *, again: bool) -> str:
    """Where the browser is sent; `again` asks the provider to have the person show anew who they are."""
    more = {"prompt": "login", "max_age": "0"} if again else {}
    address: str = prepare_grant_uri(
        metadata.authorization_endpoint,
        who.client_id,
        "code",
        redirect_uri=who.redirect_uri,
        scope="openid email profile",
        state=flow.state,
        nonce=flow.nonce,
        code_challenge=create_s256_code_challenge(flow.verifier),
        code_challenge_method="S256",
        **more,
    )
    return address


def check_answer(who: Registration, metadata: Metadata, flow: Flow, answer: Mapping[str, str]) -> str:
    """The code that the browser has brought back, when it comes from this provider and for this very flow.

    Raises ProviderFault for another state (RFC 6749, 10.12), another issuer (RFC 9207) and a refusal.
    """
    if not secrets.compare_digest(answer.get("state", "").encode(), flow.state.encode()):
        raise ProviderFault("The answer belongs to another sign-in.")
    named = answer.get("iss")
    if named != who.issuer and (named is not None or metadata.names_itself):
        raise ProviderFault("The answer comes from another provider.")
    if not answer.get("code"):
        raise ProviderFault(f"The provider refused: {answer.get('error', 'no code')[:100]}")
    return answer["code"]


def redeem(who: Registration, metadata: Metadata, flow: Flow, code: str, now: datetime) -> Claims:
    """Whom a code stands for. Raises ProviderFault for whatever does not hold."""
    said = _read(_ask_for_token(who, metadata, flow, code))
    id_token, access_token = said.get("id_token"), said.get("access_token")
    if not isinstance(id_token, str):
        raise ProviderFault("The provider sent no ID token.")
    checked = check_token(who, metadata, flow.nonce, id_token, access_token, now)
    if "email" not in checked and metadata.userinfo_endpoint and isinstance(access_token, str):
        checked = {**_userinfo(who, metadata.userinfo_endpoint, access_token, checked["sub"]), **checked}
    claims = claims_of(checked)
    if claims is None:
        raise ProviderFault("The ID token names nobody.")
    return claims


def check_token(
    who: Registration, metadata: Metadata, nonce: str, id_token: str, access_token: Any, now: datetime
) -> dict[str, Any]:
    """The claims of an ID token whose signature and terms hold (OpenID Connect Core 1.0, 3.1.3.7). Raises
    ProviderFault."""
    keys = _read(_fetch("GET", metadata.jwks_uri, private=who.private))
    try:
        pairs = [key for key in _list(keys, "keys", []) if key.get("kty") in ("RSA", "EC") and key.get("use") != "enc"]
        token = jwt.decode(id_token, KeySet.import_key_set({"keys": pairs}), algorithms=list(metadata.algorithms))
        claims = CodeIDToken(
            token.claims,
            token.header,
            options={
                "iss": {"essential": True, "value": who.issuer},
                "aud": {"essential": True, "value": who.client_id},
            },
            params={"nonce": nonce, "client_id": who.client_id, "access_token": access_token},
        )
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ProviderFault(f"The ID token does not hold: {type(error).__name__} {error}"[:300]) from error
    return dict(token.claims)


def _ask_for_token(who: Registration, metadata: Metadata, flow: Flow, code: str) -> bytes:
    body: str = prepare_token_request(
        "authorization_code", redirect_uri=who.redirect_uri, code=code, code_verifier=flow.verifier
    )
    headers = dict(_FORM)
    # RFC 6749, 2.3.1: both halves are form-encoded before they are joined.
    name, secret = quote(who.client_id, safe=""), quote(who.secret, safe="")
    if metadata.takes_basic:
        headers["Authorization"] = f"Basic {b64encode(f'{name}:{secret}'.encode()).decode()}"
    else:
        body += f"&client_id={name}&client_secret={secret}"
    return _fetch("POST", metadata.token_endpoint, headers, body.encode(), private=who.private)


def _userinfo(who: Registration, endpoint: str, access_token: str, subject: Any) -> dict[str, Any]:
    """What the provider adds about this subject (OpenID Connect Core 1.0, 5.3). Raises ProviderFault for another."""
    said = _read(_fetch("GET", endpoint, {"Authorization": f"Bearer {access_token}"}, private=who.private))
    if said.get("sub") != subject:
        raise ProviderFault("The provider speaks of somebody else.")
    return {name: said[name] for name in ("email", "email_verified", "name") if name in said}


def _fetch(
    method: str, url: str, headers: Mapping[str, str] | None = None, content: bytes = b"", *, private: Networks
) -> bytes:
    seconds = talks.seconds_left()
    if seconds <= 0:
        raise ProviderFault("The provider took too long.")
    try:
        answer = client.send(method, url, headers or {}, content, private=private, limit=_MOST_BYTES, seconds=seconds)
    except (AddressRefused, client.Unreachable, ValueError) as error:
        raise ProviderFault(f"No answer: {error}") from error
    if answer.status != 200:
        raise ProviderFault(f"The provider answered with status {answer.status}.")
    return answer.body


def _read(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ProviderFault("The provider's answer is no JSON.") from error
    if not isinstance(said, dict):
        raise ProviderFault("The provider's answer is no JSON object.")
    return said


def _list(said: Mapping[str, Any], name: str, otherwise: list[Any]) -> list[Any]:
    found = said.get(name, otherwise)
    return found if isinstance(found, list) else otherwise


def _address(said: Mapping[str, Any], name: str, private: Networks) -> str:
    """An address that discovery names. One that points inside is refused here by its text, and by its number when it
    is gone to."""
    try:
        return check_url(str(said.get(name, "")), private).url
    except AddressRefused as error:
        raise ProviderFault(f"{name}: {error}") from error
