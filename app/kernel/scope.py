"""Who is asking and for which tenant: the scope of the running request, job or command.

Three kinds, and no fourth: `tenant_scope` (one tenant, as staff or as one partner), `directory_scope` (no tenant,
global tables only) and none, in which the first statement raises. kernel/db.py stamps the connection from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from structlog.contextvars import bound_contextvars

STAFF = UUID(int=0)
"""What `app.partner` holds for staff, jobs, API keys and public tokens."""

EVERYTHING = "{00000000-0000-0000-0000-000000000000}"
"""What `app.touchpoints` holds for whoever may see the whole tenant. An empty setting shows nothing."""


class ScopeError(RuntimeError):
    """A statement without scope, or a scope entered inside an open transaction: always a programming mistake."""


@dataclass(frozen=True)
class Scope:
    """One scope; `tenant_id` is None exactly in a directory scope. `touchpoints` are those of which it sees what
    customers say: None for all of them, and with those to come."""

    tenant_id: UUID | None
    partner_id: UUID = STAFF
    user_id: UUID | None = None
    touchpoints: frozenset[UUID] | None = None

    @property
    def touchpoints_setting(self) -> str:
        """What `app.touchpoints` holds in this scope: a list as PostgreSQL writes arrays."""
        if self.touchpoints is None:
            return EVERYTHING
        return "{" + ",".join(sorted(map(str, self.touchpoints))) + "}"


@dataclass(frozen=True)
class Actor:
    """Who makes a change: a person, a key, a customer or the system itself; goes into audit rows and timelines."""

    kind: str
    id: UUID | None = None
    label: str = ""
    address: str | None = None
    browser: str | None = None


SYSTEM = Actor("system")

_scope: ContextVar[Scope | None] = ContextVar("scope", default=None)
_actor: ContextVar[Actor] = ContextVar("actor", default=SYSTEM)


def _unbound() -> bool:
    """As long as there is no database: no transaction runs, and no session has to be ended."""
    return False


# kernel/db.py puts the real functions here; the scope itself knows no database.
_in_transaction: Callable[[], bool] = _unbound
_end_session: Callable[[], object] = _unbound


def bind(in_transaction: Callable[[], bool], end_session: Callable[[], None]) -> None:
    """Connect the scope to the session whose transactions it guards."""
    global _in_transaction, _end_session
    _in_transaction, _end_session = in_transaction, end_session


def current() -> Scope:
    """The running scope. Raises ScopeError when there is none."""
    scope = _scope.get()
    if scope is None:
        raise ScopeError("no tenant scope: enter tenant_scope() or directory_scope() before the first statement")
    return scope


def find_tenant_id() -> UUID | None:
    """The tenant of the running scope, or None in a directory scope or outside any."""
    scope = _scope.get()
    return scope.tenant_id if scope else None


def tenant_id() -> UUID:
    """The tenant of the running scope. Raises ScopeError when there is none."""
    found = current().tenant_id
    if found is None:
        raise ScopeError("a directory scope has no tenant")
    return found


def partner_id() -> UUID | None:
    """The partner whose eyes this scope has, or None for staff."""
    found = current().partner_id
    return None if found == STAFF else found


@contextmanager
def tenant_scope(
    tenant: UUID, partner: UUID | None = None, touchpoints: frozenset[UUID] | None = None
) -> Iterator[UUID]:
    """Work inside one tenant, as staff or as one partner, and see what was said at all touchpoints or at these alone.
    Ends its session on the way out."""
    if not isinstance(tenant, UUID) or not isinstance(partner, UUID | None):
        raise TypeError("tenant and partner are UUIDs")
    if touchpoints is not None and not all(isinstance(each, UUID) for each in touchpoints):
        raise TypeError("touchpoints are UUIDs")
    with _entered(Scope(tenant, partner or STAFF, touchpoints=touchpoints)):
        yield tenant


@contextmanager
def directory_scope(user: UUID | None = None) -> Iterator[None]:
    """Work on global tables only: sign-in, slug and membership look-up, health. Ends its session on the way out."""
    with _entered(Scope(None, STAFF, user)):
        yield


@contextmanager
def _entered(scope: Scope) -> Iterator[None]:
    if _in_transaction():
        raise ScopeError("a scope cannot change inside an open transaction")
    token = _scope.set(scope)
    try:
        with _in_log_lines(scope):
            yield
    finally:
        _end_session()
        _scope.reset(token)


def _in_log_lines(scope: Scope) -> AbstractContextManager[object]:
    """Every line that is written inside names the tenant."""
    if scope.tenant_id is None:
        return nullcontext()
    return bound_contextvars(tenant=str(scope.tenant_id))


def actor() -> Actor:
    """Who is acting; the system when nobody was named."""
    return _actor.get()


@contextmanager
def acting(who: Actor) -> Iterator[None]:
    """Name the actor of everything inside."""
    token = _actor.set(who)
    try:
        yield
    finally:
        _actor.reset(token)
