"""Looking up examples: of a tenant, of the scope, and to whom mail of theirs may go."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.kernel import scope
from app.kernel.db import db
from app.tenants import queries as tenants
from app.tenants.examples.models import Example
from app.tenants.examples.rules import LONGEST_STEM, is_invented
from app.tenants.joining.queries import free_slug
from app.tenants.models import Tenant


def find_example_of(tenant_id: UUID) -> Tenant | None:
    """The example of this tenant, as long as it is not removed (*directory*)."""
    return db.session.scalar(select(Tenant).where(Tenant.sample_of == tenant_id))


def find_example(*, lock: bool = False) -> Example | None:
    """How far the example of the scope is; None in a tenant that is none.

    `lock` holds it until the transaction ends, and finds nothing while somebody else does.
    """
    query = select(Example)
    if lock:
        query = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return db.session.scalar(query)


def is_example() -> bool:
    """Whether the tenant of the scope is an example."""
    return bool(db.session.scalar(select(Tenant.is_sample).where(Tenant.id == scope.tenant_id())))


def keeps_back(address: str) -> bool:
    """Whether a mail to this address must not leave the house: nobody has it, or an example writes to somebody who does
    not look around in it."""
    if is_invented(address):
        return True
    if scope.find_tenant_id() is None or not is_example():
        return False
    return tenants.find_member_by_email(address) is None


def free_example_slug(slug: str) -> str:
    """A short name for the example of the tenant with this one that nobody has; somebody may be quicker."""
    return free_slug(f"{slug[:LONGEST_STEM].rstrip('-')}-example")
