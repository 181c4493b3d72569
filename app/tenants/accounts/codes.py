"""Codes that stand for the second step: those of an app, each once, and those on paper, each once."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from app.kernel import clock, tokens
from app.kernel.db import db
from app.kernel.events import publish
from app.kernel.ids import new_id
from app.tenants.accounts import queries
from app.tenants.accounts.models import Authenticator, RecoveryCode
from app.tenants.accounts.rules import RECOVERY_CODES, read_code
from app.tenants.accounts.security import security
from app.tenants.events import LetterWanted

_STEP_SECONDS = 30
"""A clock that goes wrong by one code, either way, is let pass."""
_OF_APP = re.compile(r"[0-9]{6}")
_ON_PAPER = re.compile(r"[0-9a-f]{12}")


def new_secret() -> str:
    """The secret of an app that is being set up, encrypted."""
    return str(security.totp_factory.generate_totp_secret())


def setup_words(email: str, secret: str) -> dict[str, str]:
    """What an app needs to be set up: the picture to scan (a data address) and the key to type."""
    factory = security.totp_factory
    return {"picture": factory.generate_qrcode(email, secret), "key": factory.get_totp_pretty_key(secret)}


def begins(user_id: UUID, secret: str, code: str) -> Authenticator | None:
    """The app whose first code this is, not stored yet, or None for a wrong code."""
    made = Authenticator(user_id=user_id, secret=secret, last_counter=0, made_at=clock.now())
    return made if _is_of_app(made, read_code(code)) else None


def take(user_id: UUID, code: str) -> bool:
    """Whether this is the present code of the person's app or one of their recovery codes; it is spent then, and word
    of it goes to the person when it was one on paper.

    Call inside `atomic()`.
    """
    typed = read_code(code)
    if _OF_APP.fullmatch(typed):
        app = queries.find_authenticator(user_id, lock=True)
        return app is not None and _is_of_app(app, typed)
    if not _ON_PAPER.fullmatch(typed):
        return False
    paper = queries.find_recovery_code(user_id, _digest(user_id, typed))
    if paper is None:
        return False
    paper.used_at = clock.now()
    publish(LetterWanted("recovery_code_used", user_id))
    return True


def renew_recovery_codes(user_id: UUID) -> list[str]:
    """Recovery codes in place of those there were (48 bits each); only digests of them are kept. Call in `atomic()`."""
    forget_recovery_codes(user_id)
    found = list(security.totp_factory.generate_recovery_codes(RECOVERY_CODES))
    digests = [_digest(user_id, read_code(text)) for text in found]
    db.session.add_all([RecoveryCode(id=new_id(), user_id=user_id, digest=digest, used_at=None) for digest in digests])
    return found


def forget_recovery_codes(user_id: UUID) -> None:
    """Let none of them be of use any more. Call in `atomic()`."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def _is_of_app(app: Authenticator, code: str) -> bool:
    if not _OF_APP.fullmatch(code):
        return False
    whose: Any = app  # as OneTimeCodes wants it
    return bool(security.totp_factory.verify_totp(code, app.secret, whose, window=_STEP_SECONDS))


def _digest(user_id: UUID, code: str) -> str:
    return tokens.fingerprint("recovery code", f"{user_id}:{code}")
