"""Look-ups of what belongs to a person. All need a directory scope, or the tenant's when a member is looked after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, or_, select

from app.kernel import scope
from app.kernel.db import db
from app.tenants.accounts.models import Authenticator, Passkey, RecoveryCode, SignIn, UserSession
from app.tenants.accounts.rules import IDLE, LONGEST, SIGN_INS_KEPT
from app.tenants.models import Membership, User

_SHOWN_SIGN_INS = 20
"""Of each kind."""


@dataclass(frozen=True)
class SecondSteps:
    """With what a person can take the second step."""

    app_since: datetime | None
    passkeys: int
    codes_left: int

    def __bool__(self) -> bool:
        """Whether a password alone does not let this person in."""
        return self.app_since is not None or self.passkeys > 0


def find_session(digest: str) -> tuple[UserSession, User] | None:
    """The session with this digest and its person, running or not."""
    query = select(UserSession, User).join(User, User.id == UserSession.user_id).where(UserSession.id == digest)
    row = db.session.execute(query).first()
    return (row[0], row[1]) if row else None


def list_sessions(user_id: UUID, now: datetime) -> Sequence[UserSession]:
    """The running sessions of a person, the last seen first."""
    query = select(UserSession).where(
        UserSession.user_id == user_id,
        UserSession.ended_at.is_(None),
        UserSession.seen_at > now - IDLE,
        UserSession.begun_at > now - LONGEST,
    )
    return db.session.scalars(query.order_by(UserSession.seen_at.desc())).all()


def list_sign_ins(user_id: UUID, now: datetime) -> Sequence[SignIn]:
    """The last tries to sign in as this person, newest first: so many that came in and so many that were refused, so
    that however many are refused hide nobody who came in."""
    place = func.row_number().over(partition_by=SignIn.succeeded, order_by=(SignIn.at.desc(), SignIn.id.desc()))
    kept = (SignIn.user_id == user_id, SignIn.at > now - SIGN_INS_KEPT)
    placed = select(SignIn.id, place.label("place")).where(*kept).subquery()
    query = select(SignIn).join(placed, placed.c.id == SignIn.id).where(placed.c.place <= _SHOWN_SIGN_INS)
    return db.session.scalars(query.order_by(SignIn.at.desc(), SignIn.id.desc())).all()


def has_tries_since(user_id: UUID, at: datetime) -> bool:
    """Whether anybody has tried to sign in as this person since then."""
    return db.session.scalar(select(SignIn.id).where(SignIn.user_id == user_id, SignIn.at > at).limit(1)) is not None


def find_authenticator(user_id: UUID, *, lock: bool = False) -> Authenticator | None:
    """The app of a person; locked and read anew when its next code is about to be taken."""
    query = select(Authenticator).where(Authenticator.user_id == user_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


def list_passkeys(user_id: UUID) -> Sequence[Passkey]:
    """The passkeys of a person, oldest first."""
    return db.session.scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.made_at)).all()


def find_passkey(credential_id: bytes) -> Passkey | None:
    """The passkey that an authenticator calls so, locked after its person."""
    owner = db.session.scalar(select(Passkey.user_id).where(Passkey.credential_id == credential_id))
    if owner is None or find_user_locked(owner) is None:
        return None
    query = select(Passkey).where(Passkey.credential_id == credential_id).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def find_recovery_code(user_id: UUID, digest: str) -> RecoveryCode | None:
    """The unused code of a person with this digest, locked."""
    query = select(RecoveryCode).where(
        RecoveryCode.user_id == user_id, RecoveryCode.digest == digest, RecoveryCode.used_at.is_(None)
    )
    return db.session.scalar(query.with_for_update().execution_options(populate_existing=True))


def second_steps(user_id: UUID) -> SecondSteps:
    """With what a person can take the second step, in one statement."""
    passkeys = select(func.count()).select_from(Passkey).where(Passkey.user_id == user_id).scalar_subquery()
    codes = select(func.count()).select_from(RecoveryCode)
    codes = codes.where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    since = select(Authenticator.made_at).where(Authenticator.user_id == user_id).scalar_subquery()
    return SecondSteps(*db.session.execute(select(since, passkeys, codes.scalar_subquery())).one())


@dataclass(frozen=True)
class Readiness:
    """How many people of a tenant have what a rule may ask of them."""

    people: int
    two_steps: int
    passkey: int


def readiness() -> Readiness:
    """Of the people of the scope's tenant, in one statement."""
    has_passkey = exists().where(Passkey.user_id == User.id)
    has_app = exists().where(Authenticator.user_id == User.id)
    two_steps = func.count().filter(or_(has_app, has_passkey))
    query = select(func.count(), two_steps, func.count().filter(has_passkey))
    query = query.select_from(Membership).join(User, User.id == Membership.user_id)
    ours = (Membership.tenant_id == scope.tenant_id(), Membership.ended_at.is_(None), User.is_active)
    row = db.session.execute(query.where(*ours)).one()
    return Readiness(row[0], row[1], row[2])


def find_user_locked(user_id: UUID) -> User | None:
    """The person, locked and read anew."""
    query = select(User).where(User.id == user_id).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def has_signed_in_from(email: str, address: str) -> bool:
    """Whether the person with this e-mail address has signed in from this place lately."""
    query = select(SignIn.id).join(User, User.id == SignIn.user_id)
    query = query.where(User.email == email, SignIn.address == address, SignIn.succeeded)
    return db.session.scalar(query.limit(1)) is not None
