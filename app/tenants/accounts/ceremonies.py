"""The two ceremonies of WebAuthn (Level 2, 7.1 and 7.2), as py_webauthn carries them out: making a passkey, using one.

Every passkey is asked to check its person and to be found without a name, so that each of them signs in alone.
"""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import webauthn
from webauthn.helpers import options_to_json_dict, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.tenants.accounts.rules import CHALLENGE_WITHIN

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_CREDENTIAL = 20_000
_TRANSPORTS = {transport.value for transport in AuthenticatorTransport}


Known = tuple[bytes, str]
"""A passkey that there is: its id, and how a browser reaches it."""


class BadCredential(Exception):
    """What the browser sent is no answer to our challenge by a passkey of this site."""


@dataclass(frozen=True)
class Site:
    """For which site passkeys are made: its host, and the origin that browsers report."""

    host: str
    origin: str


def site(base_url: str, asked_url: str) -> Site:
    """The site of this installation; on the machine itself it is also known as localhost, which browsers let have
    passkeys where they refuse them to a bare address."""
    here = urlsplit(asked_url if urlsplit(asked_url).hostname == "localhost" else base_url)
    return Site(here.hostname or "", f"{here.scheme}://{here.netloc}")


def new_challenge(now: datetime) -> str:
    """A challenge of 256 bits, the first of which say when it was issued (in microseconds)."""
    issued = (now - _EPOCH) // timedelta(microseconds=1)
    return urlsafe_b64encode(issued.to_bytes(8, "big") + secrets.token_bytes(24)).decode().rstrip("=")


def issued_at(challenge: str, now: datetime) -> datetime:
    """When a challenge was issued. Raises BadCredential for none and for one that is too old."""
    try:
        at = _EPOCH + timedelta(microseconds=int.from_bytes(_bytes(challenge)[:8], "big"))
    except (ValueError, OverflowError) as error:
        raise BadCredential("no challenge") from error
    if not at <= now < at + CHALLENGE_WITHIN:
        raise BadCredential("the challenge is too old")
    return at


def making_options(
    where: Site, challenge: str, user_id: UUID, email: str, name: str, known: Iterable[Known]
) -> dict[str, Any]:
    """What `navigator.credentials.create` is asked for; none of those that are `known`."""
    options = webauthn.generate_registration_options(
        rp_id=where.host,
        rp_name="Heed",
        user_id=user_id.bytes,
        user_name=email,
        user_display_name=name,
        challenge=_bytes(challenge),
        exclude_credentials=[_described(*one) for one in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return options_to_json_dict(options)


def _described(credential_id: bytes, transports: str) -> PublicKeyCredentialDescriptor:
    named = [AuthenticatorTransport(word) for word in transports.split()]
    return PublicKeyCredentialDescriptor(id=credential_id, transports=named or None)


def using_options(where: Site, challenge: str) -> dict[str, Any]:
    """What `navigator.credentials.get` is asked for: any passkey of this site. It tells nobody which there are."""
    options = webauthn.generate_authentication_options(
        rp_id=where.host, challenge=_bytes(challenge), user_verification=UserVerificationRequirement.REQUIRED
    )
    return options_to_json_dict(options)


@dataclass(frozen=True)
class MadeKey:
    """A passkey that was just made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: str


def check_made(where: Site, challenge: str, credential: str) -> MadeKey:
    """The passkey that the browser has made in answer to the challenge. Raises BadCredential."""
    sent = _read(credential)
    try:
        made = webauthn.verify_registration_response(
            credential=sent,
            expected_challenge=_bytes(challenge),
            expected_rp_id=where.host,
            expected_origin=where.origin,
            require_user_verification=True,
        )
        transports = sent["response"].get("transports") or []
        named = " ".join(word for word in transports if word in _TRANSPORTS)
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadCredential(str(error)) from error
    return MadeKey(made.credential_id, made.credential_public_key, made.sign_count, named)


def key_of(credential: str) -> tuple[bytes, bytes | None]:
    """(which passkey answers, whose it says it is). Proves nothing yet. Raises BadCredential."""
    try:
        sent = parse_authentication_credential_json(_read(credential))
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadCredential(str(error)) from error
    return sent.raw_id, sent.response.user_handle


def check_used(where: Site, challenge: str, credential: str, public_key: bytes, sign_count: int) -> int:
    """The new count of signatures, when the passkey with this public key has answered. Raises BadCredential."""
    try:
        used = webauthn.verify_authentication_response(
            credential=_read(credential),
            expected_challenge=_bytes(challenge),
            expected_rp_id=where.host,
            expected_origin=where.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadCredential(str(error)) from error
    return used.new_sign_count


def _read(credential: str) -> dict[str, Any]:
    if len(credential) > _LONGEST_CREDENTIAL:
        raise BadCredential("too long")
    try:
        found = json.loads(credential)
    except (ValueError, RecursionError) as error:
        raise BadCredential("no JSON") from error
    if not isinstance(found, dict):
        raise BadCredential("no object")
    return found


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
