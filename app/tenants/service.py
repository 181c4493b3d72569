"""What can be done with tenants and people: create a tenant, add a member, change settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from app.kernel import clock, scope
from app.kernel.db import atomic, broken_constraint, db, find_row
from app.kernel.errors import Conflict, Fault, Forbidden, Invalid
from app.kernel.events import publish
from app.kernel.ids import new_id
from app.kernel.inserts import find_or_insert
from app.kernel.naming import checked_name, checked_name_for_letters
from app.kernel.scope import tenant_scope
from app.tenants import audit, queries
from app.tenants.accounts.addresses import checked_address
from app.tenants.accounts.password_rules import fault_of
from app.tenants.accounts.passwords import hashed
from app.tenants.accounts.rules import PROVIDER, SIGN_IN_RULES
from app.tenants.accounts.state import new_state_key
from app.tenants.events import MemberLeft
from app.tenants.joining.withdrawing import withdraw_invites_of
from app.tenants.key_service import add_api_key, revoke_keys_of
from app.tenants.logo_rules import draw_logo
from app.tenants.models import Membership, Tenant, TenantLogo, TenantSettings, User
from app.tenants.plan import check_seat
from app.tenants.providers.queries import has_ready_provider
from app.tenants.rules import (
    NARROWED_ROLES,
    ROLES,
    STAFF_ROLES,
    WHOLE,
    WORKING_ROLES,
    RowScope,
    allows,
    does_less,
    may_grant,
    password_fault,
    slug_fault,
)


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
    made = list[str]()

    def add_key() -> None:
        made.append(add_api_key("Made with the tenant", ("admin",)))

    if fault := fault_of(password, [admin_email, admin_name, name, slug]):
        raise Invalid(f"password {fault}", [Fault("/password", fault)])
    admin = FirstAdmin(admin_email, admin_name, password)
    tenant_id = new_id()
    found_tenant(slug, name, admin, timezone=timezone, locale=locale, tenant_id=tenant_id, first=add_key)
    return NewTenant(tenant_id, slug, made[0])


@dataclass(frozen=True)
class FirstAdmin:
    """Who a new tenant belongs to; the name and the password are for somebody we do not know yet."""

    email: str
    name: str
    password: str | None


def found_tenant(
    slug: str,
    name: str,
    admin: FirstAdmin,
    *,
    timezone: str,
    locale: str,
    before: Callable[[], None] = lambda: None,
    first: Callable[[], None] = lambda: None,
    tenant_id: UUID | None = None,
    sample_of: UUID | None = None,
) -> UUID:
    """Make a tenant with its first admin; returns the admin's id. Both run in the same transaction and may refuse:
    `before` when there is nothing yet, `first` in the new tenant. `sample_of` is the tenant whose example it is.

    Called outside any transaction. Raises Conflict for a slug that is taken or a second example, and Invalid for a
    bad slug, address or password.
    """
    _check_new_tenant(slug, name)
    tenant_id = tenant_id or new_id()
    # The global tables have no wall, so that one transaction in the new tenant's scope holds all of it.
    with tenant_scope(tenant_id), atomic() as session:
        before()
        if queries.find_tenant_by_slug(slug):
            raise _taken(slug)
        now = clock.now()
        place = {"timezone": timezone, "default_locale": locale, "is_sample": bool(sample_of), "sample_of": sample_of}
        session.add(Tenant(id=tenant_id, slug=slug, name=name.strip(), created_at=now, **place))
        _flush_new_tenant(slug)
        first()
        user = _find_or_make_user(admin.email, admin.password, admin.name)
        session.add_all([TenantSettings(), Membership(user_id=user.id, role="admin", created_at=now)])
        audit.record("tenant.created", "tenant", tenant_id, after={"slug": slug, "name": name})
        return user.id


def add_member(
    email: str,
    role: str,
    password: str | None = None,
    *,
    name: str = "",
    partner_id: UUID | None = None,
    rows: RowScope = WHOLE,
) -> UUID:
    """Give a person a role in the tenant of the scope, and the sight of a part of it; returns the user's id. An
    existing user keeps the password.

    Raises Conflict for a member and when all places of the plan are taken, Invalid for a bad address, role, password,
    or a partner role without partner.
    """
    if role not in ROLES or (role == "partner") != (partner_id is not None):
        raise Invalid("A partner's user names a partner, and nobody else does.", [Fault("/role", "not acceptable")])
    with atomic() as session:
        user = _find_or_make_user(email, password, name)
        if queries.find_member_by_email(user.email):
            raise Conflict(f"{user.email} is a member already.")
        if role != "partner":
            check_seat(0)
        # Somebody who was here before comes back on the row that they left, which is unique by person.
        membership = queries.find_ended_membership(user.id) or Membership(user_id=user.id, created_at=clock.now())
        membership.role, membership.partner_id, membership.ended_at = role, partner_id, None
        membership.rows = rows
        session.add(membership)
        audit.record("member.added", "user", user.id, after={"email": user.email, "role": role})
        return user.id


def change_role(user_id: UUID, role: str, own_role: str, *, with_keys: bool = False) -> None:
    """Give a member of the team another role; the next request they make is judged by it. An admin sees everything.
    Who may invite no more has invited nobody; `with_keys` ends the API keys that they made, too.

    Raises NotFound, Forbidden for a role beyond `own_role`, Conflict for the last admin, and Invalid for a partner's.
    """
    if role not in STAFF_ROLES:
        raise Invalid("Choose a role from the list.", [Fault("/role", "not acceptable")])
    with atomic():
        queries.lock_settings()
        membership = queries.get_member(user_id)
        if membership.role == "partner":
            raise Invalid("A partner's user has no other role.", [Fault("/role", "not acceptable")])
        if not (may_grant(own_role, role) and may_grant(own_role, membership.role)):
            raise Forbidden("Nobody gives a role that is more than their own.")
        before, membership.role = membership.role, role
        if before == role:
            return
        if role not in NARROWED_ROLES:
            membership.rows = WHOLE
        _refuse_without_admin()
        audit.record("member.role_changed", "user", user_id, before={"role": before}, after={"role": role})
        if not allows(role, "settings.edit"):
            withdraw_invites_of(user_id)
        if with_keys:
            revoke_keys_of(user_id)
        if does_less(before, role):
            publish(MemberLeft(user_id, None))


def end_membership(user_id: UUID, heir_id: UUID | None = None, *, with_keys: bool = False) -> None:
    """End a person's membership in the tenant of the scope; the next request they make is refused. Their open cases go
    to `heir_id`, or are shared among those who work on cases; `with_keys` ends the API keys that they made, too.

    Raises NotFound for somebody who is no member here, Conflict for the last admin, and Invalid for an heir who may own
    no cases.
    """
    with atomic():
        # Two admins who remove each other at the same moment: the second waits here, and finds itself the last.
        queries.lock_settings()
        membership = queries.get_member(user_id)
        heirs = [user.id for _row, user in queries.list_members(roles=WORKING_ROLES) if user.id != user_id]
        if heir_id is not None and heir_id not in heirs:
            raise Invalid("This person may own no cases.", [Fault("/heir", "may own no cases")])
        membership.ended_at = clock.now()
        _refuse_without_admin()
        audit.record("member.removed", "user", user_id, before={"role": membership.role})
        withdraw_invites_of(user_id)
        if with_keys:
            revoke_keys_of(user_id)
        if membership.role in WORKING_ROLES:
            publish(MemberLeft(user_id, heir_id))


def _refuse_without_admin() -> None:
    db.session.flush()
    if not queries.list_members(roles=("admin",)):
        raise Conflict("Somebody has to remain an admin.", [Fault("/role", "the last admin")])


def change_settings(changes: dict[str, Any]) -> None:
    """Change some of the tenant's settings (names as on TenantSettings).

    Raises Invalid for a value out of range and for a name that nobody could read.
    """
    if changes.get("sender_name"):
        changes = {**changes, "sender_name": checked_name(changes["sender_name"], "/sender_name")}
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


def set_sign_in_rule(rule: str) -> None:
    """Ask everybody of the tenant to sign in this way from their next request on.

    Raises Invalid for an unknown rule, and Conflict for the tenant's provider where none is ready. That whoever sets it
    keeps to it themselves is for the caller to see to.
    """
    if rule not in SIGN_IN_RULES:
        raise Invalid("There is no such rule.", [Fault("/rule", f"one of {', '.join(SIGN_IN_RULES)}")])
    with atomic():
        tenant = queries.get_tenant_locked(scope.tenant_id())
        if rule == PROVIDER and not has_ready_provider():
            raise Conflict("No identity provider is ready.", [Fault("/rule", "no identity provider is ready")])
        if tenant.sign_in_rule != rule:
            audit.record(
                "sign_in_rule.changed",
                "tenant",
                tenant.id,
                before={"sign_in_rule": tenant.sign_in_rule},
                after={"sign_in_rule": rule},
            )
            tenant.sign_in_rule = rule


def set_logo(upload: bytes) -> None:
    """Make this picture the tenant's logo in place of the one there was. Raises NoLogo for what cannot be one."""
    drawn, row_id = draw_logo(upload), scope.tenant_id()
    values = {**asdict(drawn), "digest": drawn.digest, "changed_at": clock.now()}
    with atomic():
        row, is_new = find_or_insert(
            TenantLogo, lambda: find_row(TenantLogo, row_id, lock=True), lambda: {"id": row_id, **values}
        )
        before = None if is_new else {"width": row.width, "height": row.height}
        for name, value in values.items() if not is_new else ():
            setattr(row, name, value)
        after = {"width": drawn.width, "height": drawn.height}
        audit.record("logo.changed", "tenant", row_id, before=before, after=after)


def remove_logo() -> None:
    """Go by the name alone again; twice changes nothing."""
    with atomic() as session:
        row = queries.find_logo()
        if row is not None:
            session.delete(row)
            before = {"width": row.width, "height": row.height}
            audit.record("logo.removed", "tenant", scope.tenant_id(), before=before)


def set_locale(user_id: UUID, locale: str) -> None:
    """Remember the language a person reads; called in a directory scope."""
    with atomic() as session:
        user = session.get(User, user_id)
        if user is not None:
            user.locale = locale


def _check_new_tenant(slug: str, name: str) -> None:
    faults = []
    if fault := slug_fault(slug):
        faults.append(Fault("/slug", fault))
    if not 1 <= len(name.strip()) <= 200:
        faults.append(Fault("/name", "must have 1 to 200 characters"))
    if faults:
        raise Invalid("; ".join(f"{fault.pointer[1:]} {fault.detail}" for fault in faults), faults)


def _flush_new_tenant(slug: str) -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        if broken_constraint(error) == "uq_tenants_slug":
            raise _taken(slug) from error
        if broken_constraint(error) == "uq_tenants_sample_of":
            raise Conflict("This tenant has an example already.") from error
        raise


def _taken(slug: str) -> Conflict:
    return Conflict(f"The tenant {slug} exists already.", [Fault("/slug", "is taken")])


def _find_or_make_user(email: str, password: str | None, name: str = "") -> User:
    address = checked_address(email)
    user = queries.find_user_by_email(address)
    if user is not None:
        return user
    name = checked_name_for_letters(name) if name else address.partition("@")[0]
    fault = password_fault(password or "")
    if fault:
        raise Invalid(f"password {fault}", [Fault("/password", fault)])
    user = User(
        id=new_id(),
        email=address,
        name=name,
        password_hash=hashed(password or ""),
        state_key=new_state_key(),
        new_email=None,
        created_at=clock.now(),
        confirmed_at=clock.now(),
    )
    try:
        with atomic() as session:
            session.add(user)
            session.flush()
    except IntegrityError as error:
        # Whoever came by another link at this moment chose the password; this one has to be signed in to go on.
        if broken_constraint(error) == "uq_users_email":
            raise Conflict from error
        raise
    return user
