"""Look-ups of this room: tenants, members, keys, settings. Those marked *directory* need a directory scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select

from app.kernel import clock, scope
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.tenants.brand import Brand, Logo
from app.tenants.models import ApiKey, Membership, Tenant, TenantLogo, TenantSettings, User
from app.tenants.rules import STAFF_ROLES, is_key_running, may_give


def find_tenant(tenant_id: UUID) -> Tenant | None:
    """The tenant with this id, also one that is closed (*directory*)."""
    return db.session.get(Tenant, tenant_id)


def find_open_tenant(tenant_id: UUID) -> Tenant | None:
    """The tenant with this id, unless it is closed (*directory*)."""
    found = find_tenant(tenant_id)
    return found if found is not None and found.closed_at is None else None


def get_tenant_locked(tenant_id: UUID) -> Tenant:
    """The tenant with this id, locked and read anew. Raises NotFound."""
    # Whoever adds rows of the tenant holds its key; what is changed here is none.
    query = select(Tenant).where(Tenant.id == tenant_id).with_for_update(key_share=True)
    query = query.execution_options(populate_existing=True)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound()
    return found


def timezone() -> str:
    """The zone of the days of the tenant that is entered."""
    found = find_tenant(scope.tenant_id())
    return found.timezone if found else "UTC"


def find_tenant_by_slug(slug: str) -> Tenant | None:
    """The tenant with this slug, unless it is closed (*directory*)."""
    return db.session.scalar(select(Tenant).where(Tenant.slug == slug, Tenant.closed_at.is_(None)))


def get_tenant_by_slug(slug: str) -> Tenant:
    """As find_tenant_by_slug, raising NotFound (*directory*)."""
    found = find_tenant_by_slug(slug)
    if found is None:
        raise NotFound(f"There is no tenant {slug}.")
    return found


def find_tenant_ever(slug: str) -> Tenant | None:
    """The tenant with this slug, also one that is closed or gone (*directory*)."""
    return db.session.scalar(select(Tenant).where(Tenant.slug == slug))


def find_user(user_id: UUID) -> User | None:
    """The user with this id (*directory*)."""
    return db.session.get(User, user_id)


def find_user_by_email(email: str) -> User | None:
    """The user with this address, however it is written (*directory*)."""
    # PostgreSQL cannot be asked for a text with this character in it, and nobody has it in their address.
    if "\0" in email:
        return None
    return db.session.scalar(select(User).where(User.email == email.strip().lower()))


def find_membership(user_id: UUID, slug: str) -> tuple[Tenant, Membership] | None:
    """The tenant with this slug and the user's running membership in it (*directory*, of this user)."""
    query = (
        select(Tenant, Membership)
        .join(Membership, Membership.tenant_id == Tenant.id)
        .where(Tenant.slug == slug, Tenant.closed_at.is_(None))
        .where(Membership.user_id == user_id, Membership.ended_at.is_(None))
    )
    row = db.session.execute(query).first()
    return (row[0], row[1]) if row else None


def list_memberships(user_id: UUID) -> list[tuple[Tenant, Membership]]:
    """The tenants a user is a member of, by name (*directory*, of this user)."""
    query = (
        select(Tenant, Membership)
        .join(Membership, Membership.tenant_id == Tenant.id)
        .where(Membership.user_id == user_id, Membership.ended_at.is_(None), Tenant.closed_at.is_(None))
        .order_by(Tenant.name)
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]


def find_api_key(key_hash: str) -> ApiKey | None:
    """The tenant's running key that has this hash, or had it until a short while ago."""
    now = clock.now()
    is_known = (ApiKey.hash == key_hash) | ((ApiKey.old_hash == key_hash) & (ApiKey.old_until > now))
    lasts = ApiKey.expires_at.is_(None) | (ApiKey.expires_at > now)
    return db.session.scalar(select(ApiKey).where(is_known, ApiKey.revoked_at.is_(None), lasts))


@dataclass(frozen=True)
class ListedKey:
    """A key, the name of who gave it its text (None for the command line), whether they have left, and whether they
    still work here but may give no such key any more."""

    key: ApiKey
    maker: str | None
    is_orphan: bool
    is_beyond: bool

    def is_running(self, now: datetime) -> bool:
        """Whether it works."""
        return is_key_running(self.key.revoked_at, self.key.expires_at, now)

    def has_old_text(self, now: datetime) -> bool:
        """Whether the text before its newest works as well."""
        return self.is_running(now) and self.key.old_until is not None and now < self.key.old_until


def list_api_keys() -> list[ListedKey]:
    """The tenant's keys, newest first."""
    works_here = (Membership.tenant_id == ApiKey.tenant_id) & (Membership.user_id == ApiKey.created_by)
    query = (
        select(ApiKey, User, Membership.role)
        .outerjoin(User, User.id == ApiKey.created_by)
        .outerjoin(Membership, works_here & Membership.ended_at.is_(None))
        .order_by(ApiKey.created_at.desc(), ApiKey.id.desc())
    )
    return [_listed(key, user, role) for key, user, role in db.session.execute(query)]


def _listed(key: ApiKey, maker: User | None, role: str | None) -> ListedKey:
    if maker is None:
        return ListedKey(key, None, False, False)
    is_here = role is not None and maker.is_active
    return ListedKey(key, maker.name or maker.email, not is_here, is_here and not may_give(role, key.scopes.split()))


def find_role(user_id: UUID | None) -> str | None:
    """The role that this user has in the scope's tenant, or None."""
    query = select(Membership.role).where(Membership.tenant_id == scope.tenant_id(), Membership.user_id == user_id)
    return db.session.scalar(query.where(Membership.ended_at.is_(None)))


def settings() -> TenantSettings:
    """The tenant's settings. Raises NotFound for a tenant that was not made by create_tenant."""
    found = db.session.scalar(select(TenantSettings))
    if found is None:
        raise NotFound("The tenant has no settings.")
    return found


def lock_settings() -> None:
    """Hold the tenant until the transaction ends: who asks next waits and sees what this one has made."""
    db.session.scalar(select(TenantSettings.id).with_for_update())


def brand(tenant_name: str) -> Brand:
    """How the tenant of this name shows itself, in one statement. Raises NotFound as `settings` does."""
    logo = (TenantLogo.tenant_id, TenantLogo.id, TenantLogo.digest, TenantLogo.width, TenantLogo.height)
    query = select(TenantSettings.sender_name, *logo)
    row = db.session.execute(query.outerjoin(TenantLogo, TenantLogo.tenant_id == TenantSettings.tenant_id)).first()
    if row is None:
        raise NotFound("The tenant has no settings.")
    return Brand(row[0] or tenant_name, Logo(*row[1:]) if row[1] else None)


def find_logo() -> TenantLogo | None:
    """The tenant's logo with its pixels."""
    return db.session.scalar(select(TenantLogo))


def list_members(*, roles: tuple[str, ...] = ()) -> list[tuple[Membership, User]]:
    """The running members of the scope's tenant with their users, by address; of these roles when given."""
    query = _members().order_by(User.email)
    if roles:
        query = query.where(Membership.role.in_(roles))
    return [(row[0], row[1]) for row in db.session.execute(query)]


def _members() -> Select[Membership, User]:
    return (
        select(Membership, User)
        .join(User, User.id == Membership.user_id)
        .where(Membership.tenant_id == scope.tenant_id(), Membership.ended_at.is_(None), User.is_active)
    )


def get_member(user_id: UUID) -> Membership:
    """The running membership of this user in the scope's tenant, read anew: whoever has waited for a lock acts on what
    is there now. Raises NotFound."""
    query = _members().where(User.id == user_id).execution_options(populate_existing=True)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound()
    return found


def find_admin(user_id: UUID) -> User | None:
    """This user, if they are a running admin of the scope's tenant."""
    row = db.session.execute(_members().where(User.id == user_id, Membership.role == "admin")).first()
    return row[1] if row else None


def count_seats() -> int:
    """How many people of the tenant's own work here; a partner's people are not among them."""
    return len(list_members(roles=STAFF_ROLES))


def list_partner_users(partner_id: UUID) -> list[tuple[Membership, User]]:
    """The running members of the scope's tenant who work for this partner, by address."""
    return [row for row in list_members(roles=("partner",)) if row[0].partner_id == partner_id]


def find_ended_membership(user_id: UUID) -> Membership | None:
    """The membership in the scope's tenant that this user once had."""
    query = select(Membership).where(Membership.tenant_id == scope.tenant_id(), Membership.user_id == user_id)
    return db.session.scalar(query.where(Membership.ended_at.is_not(None)).with_for_update())


def find_member_by_email(email: str) -> tuple[Membership, User] | None:
    """The running member of the scope's tenant with this address."""
    if "\0" in email:  # as in find_user_by_email
        return None
    row = db.session.execute(_members().where(User.email == email.strip().lower())).first()
    return (row[0], row[1]) if row else None
