"""Flask-Security as this house uses it: it hashes, makes and checks one-time codes, finds the person of a session.

Its pages, mails, JSON answers, tokens in addresses and roles are off: the pages are ours (views/), and what a person
may do is decided by the membership.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

from flask import Flask, Request
from flask_security import Security, UserDatastore
from flask_security.totp import Totp
from passlib.totp import TOTP, TotpMatch

from app.kernel import clock
from app.tenants.accounts.models import Authenticator

ISSUER = "Heed"
CONFIG: dict[str, Any] = {
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    "SECURITY_PASSWORD_SINGLE_HASH": {"argon2"},
    "SECURITY_PASSWORD_NORMALIZE_FORM": None,
    "SECURITY_USE_REGISTER_V2": True,
    "SECURITY_JOIN_USER_ROLES": False,
    "SECURITY_TRACKABLE": False,
    "SECURITY_REGISTERABLE": False,
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
    "SECURITY_TOTP_ISSUER": ISSUER,
    "SECURITY_CLI_USERS_NAME": None,
    "SECURITY_CLI_ROLES_NAME": None,
    "SECURITY_FLASH_MESSAGES": False,
}


class OneTimeCodes(Totp):
    """Codes of an authenticator app, each taken once: the counter of the last one stands in the row.

    Where the library says `user` it is handed the person's Authenticator.
    """

    def __init__(self, secrets: dict[str, str], issuer: str) -> None:
        super().__init__(secrets, issuer)
        self._totp = TOTP.using(issuer=issuer, secrets=secrets, now=lambda: clock.now().timestamp())

    def get_last_counter(self, user: Any) -> int | None:
        """The half minute of the last code that was taken."""
        row: Authenticator = user
        return row.last_counter

    def set_last_counter(self, user: Any, tmatch: TotpMatch) -> None:
        """Remember the half minute of the code that is being taken."""
        row: Authenticator = user
        row.last_counter = tmatch.counter


class People(UserDatastore):
    """Where Flask-Security finds the person of a session; it neither writes nor knows any model of ours."""

    def __init__(self, person_of: Callable[[str], Any]) -> None:
        # The mixins of the library bring columns of their own; it works as well with none of them.
        self._person_of = person_of

    def find_user(self, case_insensitive: bool = False, **query: Any) -> Any:
        """The person whose session cookie says this, or None."""
        return self._person_of(query["fs_uniquifier"])


security = Security(register_blueprint=False, totp_cls=OneTimeCodes)


def init_app(app: Flask, secret_key: str, person_of: Callable[[str], Any]) -> None:
    """Let Flask-Security authenticate in `app`; `person_of` reads what a session cookie says."""
    app.config.update(CONFIG, SECURITY_TOTP_SECRETS={"1": _derived(secret_key)})
    security.init_app(app, People(person_of))
    login_manager = security.login_manager
    # Else a token in the address or the body of any request would be a second way in, and be looked for in each.
    login_manager.request_loader(_nobody)
    # Else it would ask who is signed in before the guard does, on pages where nobody can be.
    security.principal.identity_loaders.clear()


def _nobody(_request: Request) -> None:
    return None


def _derived(secret_key: str) -> str:
    digest = hashlib.sha256(b"heed authenticator apps\0" + secret_key.encode()).digest()
    return base64.b64encode(digest).decode()
