"""Signing in through a provider: whom it stands for here, and who is linked to what it says."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from app.kernel import clock, scope
from app.kernel.db import atomic, db, get_row
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.kernel.events import publish
from app.kernel.ids import new_id
from app.kernel.inserts import insert_if_new
from app.tenants import audit
from app.tenants import queries as tenants
from app.tenants import service as team
from app.tenants.accounts import service as accounts
from app.tenants.accounts.addresses import checked_address
from app.tenants.accounts.client import Client
from app.tenants.accounts.passwords import hashed
from app.tenants.accounts.rules import FRESH, PROVIDER, suffices
from app.tenants.accounts.service import Begun, Vouched
from app.tenants.accounts.state import new_state_key
from app.tenants.events import LetterWanted
from app.tenants.joining import queries as joining
from app.tenants.joining.service import accept_invite
from app.tenants.models import User
from app.tenants.providers import protocol, queries, talks
from app.tenants.providers.models import Identity, IdentityProvider
from app.tenants.providers.protocol import Flow, ProviderFault
from app.tenants.providers.rules import Claims, fresh_until, vouches_for
from app.tenants.providers.talks import Busy

Reason = Literal["fault", "unverified", "foreign", "uninvited", "known", "other", "taken", "left", "full", "busy"]


class Refused(Exception):
    """Somebody whom the provider has sent back does not come in; `detail` is for the log and never shown to them."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


@dataclass(frozen=True)
class Visitor:
    """Who is signed in to this browser; `is_proved` when they have shown us minutes ago, by a way of their own, that
    it is them."""

    user_id: UUID
    session_id: str
    is_proved: bool


@dataclass(frozen=True)
class Arrival:
    """Somebody whom the provider has sent back to a browser in which somebody else is signed in. Whoever sits there has
    to say that they want to change: a stranger's link may have brought them here."""

    identity_id: UUID
    email: str
    fresh_until: datetime


def begin_flow(provider_id: UUID, *, again: bool) -> tuple[str, Flow]:
    """Where the browser is sent to sign in, and what it has to bring back. Raises NotFound and Refused."""
    flow = protocol.new_flow()
    try:
        with atomic():
            who = queries.registration(get_row(IdentityProvider, provider_id))
        with talks.talk():
            metadata = protocol.discover(who.issuer, who.private)
    except Busy as busy:
        raise Refused("busy") from busy
    except ProviderFault as fault:
        raise Refused("fault", str(fault)) from fault
    return protocol.authorization_url(who, metadata, flow, again=again), flow


def finish_flow(
    provider_id: UUID, flow: Flow, answer: Mapping[str, str], visitor: Visitor | None, client: Client
) -> Begun | Arrival | Vouched:
    """Let in whom the provider has sent back: a session begins, or an arrival is told of where somebody else is signed
    in, or the running one is vouched for. Nothing is held in the database while the provider is asked.

    Raises NotFound for a provider that was removed meanwhile, and Refused.
    """
    try:
        with atomic():
            who = queries.registration(get_row(IdentityProvider, provider_id))
        with talks.talk():
            metadata = protocol.discover(who.issuer, who.private)
            code = protocol.check_answer(who, metadata, flow, answer)
            claims = protocol.redeem(who, metadata, flow, code, clock.now())
    except Busy as busy:
        raise Refused("busy") from busy
    except ProviderFault as fault:
        raise Refused("fault", str(fault)) from fault
    with atomic():
        provider = get_row(IdentityProvider, provider_id, lock=True)
        identity = queries.find_identity(provider.id, claims.subject) or _link(provider, claims, visitor)
        return _let_in(identity, claims, visitor, client)


def change_places(visitor: Visitor, identity_id: UUID, fresh_until: datetime, client: Client) -> Begun:
    """Begin the session of somebody who has arrived, in place of the one that runs in their browser.

    Raises NotFound when the provider knows them no more, and Refused.
    """
    with atomic():
        user = _user_of(get_row(Identity, identity_id))
        accounts.end_session(visitor.user_id, visitor.session_id)
        return accounts.sign_in_vouched(user, Vouched(scope.tenant_id(), fresh_until), client)


def enter_by_own_way(user_id: UUID, session_id: str, way: str) -> None:
    """Let an admin in without the provider that the tenant asks everybody for: the way that is left when it is broken.

    Takes two steps or a passkey, and stands in the audit. Raises Forbidden for anybody else.
    """
    with atomic():
        tenant = tenants.get_tenant_locked(scope.tenant_id())
        if tenant.sign_in_rule != PROVIDER or tenants.find_role(user_id) != "admin" or not suffices(way, "two_steps"):
            raise Forbidden()
        accounts.vouch(session_id, Vouched(tenant.id, clock.now()))
        audit.record("provider.passed_by", "user", user_id)
        for _row, admin in tenants.list_members(roles=("admin",)):
            publish(LetterWanted("provider_passed_by", admin.id))


def _user_of(identity: Identity) -> User:
    identity.used_at = clock.now()
    user = tenants.find_user(identity.user_id)
    if user is None or not user.is_active or tenants.find_role(user.id) is None:
        raise Refused("left")
    return user


def _link(provider: IdentityProvider, claims: Claims, visitor: Visitor | None) -> Identity:
    """Whose log-in a subject is that was never here: only for an address that the provider has verified, may speak
    for, and that is somebody's here. An address that has a log-in already is linked by its own person alone."""
    if claims.email is None:
        raise Refused("unverified")
    try:
        email = checked_address(claims.email)
    except Invalid as error:
        raise Refused("unverified", str(error)) from error
    if not vouches_for(provider.domains, email):
        raise Refused("foreign", email)
    user = tenants.find_user_by_email(email)
    if user is not None and not (visitor and visitor.user_id == user.id and visitor.is_proved):
        raise Refused("other" if visitor and visitor.user_id != user.id else "known")
    if user is not None and queries.is_known_otherwise(provider.id, user.id):
        raise Refused("taken", email)
    user = _bring_in(provider, email, claims, user)
    now, who = clock.now(), {"provider_id": provider.id, "subject": claims.subject, "user_id": user.id}
    identity = insert_if_new(Identity, id=new_id(), linked_at=now, used_at=now, **who)
    if identity is None:
        raise Refused("taken", email)
    audit.record("provider.linked", "user", user.id, after={"email": email, "name": provider.name})
    publish(LetterWanted("provider_linked", user.id))
    return identity


def _bring_in(provider: IdentityProvider, email: str, claims: Claims, user: User | None) -> User:
    """The member with this address; an invited person becomes one, and whoever else the provider may bring along."""
    if user is not None and tenants.find_role(user.id) is not None:
        if not user.is_active:
            raise Refused("left")
        return user
    invite = joining.find_open_invite(email)
    is_invited = invite is not None and invite.is_open(clock.now()) and joining.may_still_grant(invite)
    if not is_invited and (provider.newcomer_role is None or (user and tenants.find_ended_membership(user.id))):
        raise Refused("left" if user and tenants.find_ended_membership(user.id) else "uninvited", email)
    user = user or _new_user(email, claims.name)
    try:
        if is_invited and invite is not None:
            accept_invite(invite.id, user.name, None)
        else:
            team.add_member(email, str(provider.newcomer_role))
    except Conflict as error:
        raise Refused("full", str(error)) from error
    return user


def _new_user(email: str, name: str) -> User:
    """A log-in without a password that anybody knows: who wants one of their own has it sent to this address."""
    user = User(
        id=new_id(),
        email=email,
        name=name or email.partition("@")[0],
        password_hash=hashed(secrets.token_urlsafe(32)),
        state_key=new_state_key(),
        new_email=None,
        created_at=clock.now(),
        confirmed_at=clock.now(),
    )
    db.session.add(user)
    db.session.flush()
    return user


def _let_in(identity: Identity, claims: Claims, visitor: Visitor | None, client: Client) -> Begun | Arrival | Vouched:
    user, vouched = _user_of(identity), Vouched(scope.tenant_id(), fresh_until(claims, clock.now(), FRESH))
    if visitor is None:
        return accounts.sign_in_vouched(user, vouched, client)
    if visitor.user_id != user.id:
        return Arrival(identity.id, user.email, vouched.fresh_until)
    accounts.vouch(visitor.session_id, vouched)
    return vouched
