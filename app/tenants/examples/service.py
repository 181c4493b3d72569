"""What can be done with examples: enter one (which makes it where there is none), and remove it."""

from __future__ import annotations

from uuid import UUID

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from app.kernel import clock, scope
from app.kernel.db import atomic, db
from app.kernel.errors import Conflict, Forbidden
from app.kernel.events import publish
from app.kernel.ids import new_id
from app.kernel.naming import LONGEST_NAME
from app.kernel.scope import tenant_scope
from app.tenants import audit
from app.tenants import queries as tenants
from app.tenants.examples import queries, rules
from app.tenants.examples.events import ChapterWanted, ExampleOpened, ExampleRemoved
from app.tenants.examples.models import Example
from app.tenants.models import Membership, Tenant, User
from app.tenants.rules import allows
from app.tenants.service import FirstAdmin, add_member, found_tenant
from app.tenants.sessions import language_for

_TRIES = 5


def enter_example(email: str) -> str:
    """Let a member of the scope's tenant into its example, as an admin there; where there is none, it is made, and a
    worker begins to fill it. Returns its short name.

    However many ask at once, there is one. Called outside any transaction. Raises Conflict in an example: it has none
    of its own.
    """
    with atomic() as session:
        owner = tenants.find_tenant(scope.tenant_id())
        assert owner is not None
        session.expunge(owner)  # what it says is needed after the transactions below, the broken ones, too
        if owner.is_sample:
            raise Conflict("An example has no example of its own.")
        audit.record("example.entered", "tenant", owner.id, after={"email": email})
    for _try in range(_TRIES):
        slug = _make(owner, email) if (found := _find(owner.id)) is None else _let_in(found, owner.id, email)
        if slug is not None:
            return slug
    raise Conflict("Somebody makes and removes the example at this moment. Try again.")


def _find(owner_id: UUID) -> Tenant | None:
    with atomic():
        return queries.find_example_of(owner_id)


def _make(owner: Tenant, email: str) -> str | None:
    """The short name of a new example; None when somebody was quicker, with it or with its name."""
    with atomic():
        slug = queries.free_example_slug(owner.slug)
    try:
        found_tenant(
            slug,
            _name(owner),
            FirstAdmin(email, "", None),
            timezone=owner.timezone,
            locale=owner.default_locale,
            first=_begin,
            sample_of=owner.id,
        )
    except Conflict:
        return None
    return slug


def _name(owner: Tenant) -> str:
    with force_locale(language_for(owner.default_locale)):
        room = LONGEST_NAME - len(_("%(name)s · example", name=""))
        return _("%(name)s · example", name=owner.name[:room])


def _begin() -> None:
    now = clock.now()
    db.session.add(Example(id=new_id(), begun_at=now, opened_at=now))
    publish(ChapterWanted())
    publish(ExampleOpened(), due_at=now + rules.KEPT_UNOPENED)


def _let_in(example: Tenant, owner_id: UUID, email: str) -> str | None:
    """The short name of the example, in which this person works from now on; None when it was removed meanwhile."""
    with tenant_scope(example.id), atomic():
        found = tenants.get_tenant_locked(example.id)
        if found.sample_of != owner_id:
            return None
        if tenants.find_member_by_email(email) is None:
            add_member(email, "admin")
        return found.slug


def look_in(endpoint: str | None) -> None:
    """Somebody opens a page of the example of the scope; written down once a day. Raises Forbidden for a page that has
    no place in one."""
    if rules.is_closed(endpoint):
        raise Forbidden(_("This has no place in an example organisation: nothing of it reaches anybody outside."))
    now = clock.now()
    with atomic():
        seen = queries.find_example()
        if seen is None or not rules.is_to_be_noted(seen.opened_at, now):
            return
        # Whoever tells its story holds the row: then the next look is written down.
        if row := queries.find_example(lock=True):
            row.opened_at = now


def remove_example(tenant_id: UUID) -> None:
    """Remove an example at once: nobody works in it any more, its doors are closed, its name is free. Twice changes
    nothing. Called in its scope; raises Conflict for a tenant that is none.
    """
    with atomic() as session:
        tenant = tenants.get_tenant_locked(tenant_id)
        if not tenant.is_sample:
            raise Conflict("This is no example.")
        if tenant.closed_at is not None:
            return
        audit.record("example.removed", "tenant", tenant.id, before={"slug": tenant.slug, "name": tenant.name})
        now = clock.now()
        tenant.closed_at, tenant.sample_of, tenant.slug = now, None, f"gone-{tenant.id.hex}"
        works_here = (Membership.tenant_id == tenant.id) & Membership.ended_at.is_(None)
        people = select(Membership, User).join(User, User.id == Membership.user_id).where(works_here)
        for membership, user in session.execute(people):
            membership.ended_at = now
            # Whom we made up works nowhere else; everybody else has an account of their own.
            if rules.is_invented(user.email):
                user.is_active = False
        publish(ExampleRemoved(tenant.id))


def remove_unopened() -> None:
    """Remove the example of the scope if nobody has opened it for a month; else look again when that could be."""
    with atomic():
        row = queries.find_example()
        if row is None or _is_removed():
            return
        if rules.is_left_alone(row.opened_at, clock.now()):
            remove_example(scope.tenant_id())
        else:
            publish(ExampleOpened(), due_at=row.opened_at + rules.KEPT_UNOPENED)


def leave_example(user_id: UUID) -> None:
    """Somebody works in the scope's tenant no more, or as less than before: who may not look around in its example any
    more leaves it, and it goes with the last of them."""
    with atomic():
        role = tenants.find_role(user_id)
        example = queries.find_example_of(scope.tenant_id())
    if example is None or (role is not None and allows(role, "settings.edit")):
        return
    with tenant_scope(example.id), atomic():
        tenants.get_tenant_locked(example.id)
        rest = [(row, user) for row, user in tenants.list_members() if not rules.is_invented(user.email)]
        mine = next((row for row, user in rest if user.id == user_id), None)
        if mine is not None and len(rest) == 1:
            remove_example(example.id)
        elif mine is not None:
            mine.ended_at = clock.now()
            audit.record("member.removed", "user", user_id, before={"role": mine.role})


def _is_removed() -> bool:
    tenant = tenants.find_tenant(scope.tenant_id())
    return tenant is None or tenant.closed_at is not None
