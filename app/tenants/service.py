"""What can be done with tenants and people: create a tenant, add a member, change settings."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from email_validator import EmailNotValidError, validate_email
from sqlalchemy.exc import IntegrityError

from app.kernel import clock, scope
from app.kernel.db import atomic, broken_constraint, db, find_row
from app.kernel.errors import Conflict, Fault, Invalid, NotFound
from app.kernel.ids import new_id
from app.kernel.inserts import find_or_insert
from app.kernel.scope import tenant_scope
from app.tenants import audit, queries
from app.tenants.key_service import add_api_key
from app.tenants.logo_rules import draw_logo
from app.tenants.models import Membership, Tenant, TenantLogo, TenantSettings, User
from app.tenants.rules import LONGEST_PASSWORD, ROLES, password_fault, slug_fault


@dataclass(frozen=True)
class NewTenant:
    """What `create_tenant` made; `api_key` is shown this once."""

    tenant_id: UUID
    slug: str
    api_key: str


def create_tenant(
    slug: str,
    name: str,
    admin_email: str,
    password: str,
    *,
    timezone: str = "UTC",
    locale: str = "en",
    admin_name: str = "",
) -> NewTenant:
    """Make a tenant with its first admin (an existing user gets the membership and keeps the password) and an
    admin-scope key. Called outside any scope.

    Raises Conflict for a slug that is taken and Invalid for a bad slug, address or password.
    """
    _check_new_tenant(slug, name, password)
    tenant_id = new_id()
    # The global tables have no wall, so that one transaction in the new tenant's scope holds all of it.
    with tenant_scope(tenant_id), atomic() as session:
        if queries.find_tenant_by_slug(slug):
            raise Conflict(f"The tenant {slug} exists already.")
        now = clock.now()
        session.add(
            Tenant(id=tenant_id, slug=slug, name=name.strip(), timezone=timezone, default_locale=locale, created_at=now)
        )
        _flush_new_tenant(slug)
        user = _find_or_make_user(admin_email, password, admin_name)
        session.add_all([TenantSettings(), Membership(user_id=user.id, role="admin", created_at=now)])
        key = add_api_key("Made with the tenant", ("admin",))
        audit.record("tenant.created", "tenant", tenant_id, after={"slug": slug, "name": name})
    return NewTenant(tenant_id, slug, key)


def add_member(
    email: str, role: str, password: str | None = None, *, name: str = "", partner_id: UUID | None = None
) -> UUID:
    """Give a person a role in the tenant of the scope; returns the user's id. An existing user keeps the password.

    Raises Conflict for a member, Invalid for a bad address, role, password, or a partner role without partner.
    """
    if role not in ROLES or (role == "partner") != (partner_id is not None):
        raise Invalid("A partner's user names a partner, and nobody else does.", [Fault("/role", "not acceptable")])
    with atomic() as session:
        user = _find_or_make_user(email, password, name)
        if queries.find_member_by_email(user.email):
            raise Conflict(f"{user.email} is a member already.")
        # Somebody who was here before comes back on the row that they left, which is unique by person.
        membership = queries.find_ended_membership(user.id) or Membership(user_id=user.id, created_at=clock.now())
        membership.role, membership.partner_id, membership.ended_at = role, partner_id, None
        session.add(membership)
        audit.record("member.added", "user", user.id, after={"email": user.email, "role": role})
        return user.id


def end_membership(user_id: UUID) -> None:
    """End a person's membership in the tenant of the scope; the next request they make is refused.

    Raises NotFound for somebody who is no member here.
    """
    with atomic():
        found = next((row for row in queries.list_members() if row[1].id == user_id), None)
        if found is None:
            raise NotFound()
        found[0].ended_at = clock.now()
        audit.record("member.removed", "user", user_id, before={"role": found[0].role})


def change_settings(changes: dict[str, Any]) -> None:
    """Change some of the tenant's settings (names as on TenantSettings). Raises Invalid for a value out of range."""
    with atomic() as session:
        row = queries.settings()
        before = {name: getattr(row, name) for name in changes}
        for name, value in changes.items():
            setattr(row, name, value)
        try:
            session.flush()
        except IntegrityError as error:
            name = broken_constraint(error).removeprefix("ck_tenant_settings_")
            raise Invalid("A setting is out of its range.", [Fault(f"/{name}", "out of range")]) from error
        audit.record("settings.changed", "tenant", scope.tenant_id(), before=before, after=changes)


def set_logo(upload: bytes) -> None:
    """Make this picture the tenant's logo in place of the one there was. Raises NoLogo for what cannot be one."""
    drawn, row_id = draw_logo(upload), scope.tenant_id()
    values = {**asdict(drawn), "digest": drawn.digest, "changed_at": clock.now()}
    with atomic():
        row, is_new = find_or_insert(
            TenantLogo, lambda: find_row(TenantLogo, row_id, lock=True), lambda: {"id": row_id, **values}
        )
        for name, value in values.items() if not is_new else ():
            setattr(row, name, value)
        audit.record("logo.changed", "tenant", row_id, after={"width": drawn.width, "height": drawn.height})


def remove_logo() -> None:
    """Go by the name alone again; twice changes nothing."""
    with atomic() as session:
        row = queries.find_logo()
        if row is not None:
            session.delete(row)
            audit.record("logo.removed", "tenant", scope.tenant_id())


def set_locale(user_id: UUID, locale: str) -> None:
    """Remember the language a person reads; called in a directory scope."""
    with atomic() as session:
        user = session.get(User, user_id)
        if user is not None:
            user.locale = locale


def check_password(email: str, password: str) -> User | None:
    """The active user with this address and password, or None; takes the same time for an unknown address.

    Called in a directory scope.
    """
    user = queries.find_user_by_email(email[:320])
    # A very long password is refused before hashing: it can be nobody's.
    right = len(password) <= LONGEST_PASSWORD and _verify(user.password_hash if user else _nobodys_hash(), password)
    return user if user and right and user.is_active else None


def session_id(user: User) -> str:
    """What a session holds: the user and the key that ends all sessions when it changes."""
    return f"{user.id}:{user.session_key}"


def _check_new_tenant(slug: str, name: str, password: str) -> None:
    faults = []
    if fault := slug_fault(slug):
        faults.append(Fault("/slug", fault))
    if not 1 <= len(name.strip()) <= 200:
        faults.append(Fault("/name", "must have 1 to 200 characters"))
    if fault := password_fault(password):
        faults.append(Fault("/password", fault))
    if faults:
        raise Invalid("; ".join(f"{fault.pointer[1:]} {fault.detail}" for fault in faults), faults)


def _flush_new_tenant(slug: str) -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        if broken_constraint(error) == "uq_tenants_slug":
            raise Conflict(f"The tenant {slug} exists already.") from error
        raise


def _find_or_make_user(email: str, password: str | None, name: str = "") -> User:
    try:
        address = validate_email(email, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise Invalid(f"{email} is not an e-mail address.", [Fault("/email", str(error))]) from error
    user = queries.find_user_by_email(address)
    if user is not None:
        return user
    fault = password_fault(password or "")
    if fault:
        raise Invalid(f"password {fault}", [Fault("/password", fault)])
    user = User(
        id=new_id(),
        email=address,
        name=name or address.partition("@")[0],
        password_hash=_hasher().hash(password or ""),
        session_key=secrets.token_urlsafe(16),
        created_at=clock.now(),
        confirmed_at=clock.now(),
    )
    with atomic() as session:
        session.add(user)
        session.flush()
    return user


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher().verify(password_hash, password)
    except VerificationError:
        return False
