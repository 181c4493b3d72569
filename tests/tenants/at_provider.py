"""What the tests of identity providers share: setting one up, going to it and coming back, and who is in then."""

from __future__ import annotations

import re
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.kernel import clock, sealing
from app.kernel.db import atomic, db
from app.kernel.ids import new_id
from app.kernel.scope import directory_scope
from app.tenants import service
from app.tenants.accounts.client import Client
from app.tenants.accounts.service import begin_session
from app.tenants.detours import providers_token
from app.tenants.models import AuditEvent
from app.tenants.providers.models import Identity, IdentityProvider
from app.tenants.providers.queries import SEALED_FOR, redirect_uri
from tests.cast import Cast, PageClient, keep_fresh
from tests.fakes.oidc_server import CLIENT, SECRET, Provider


def set_up(cast: Cast, running: Provider, role: str = "nobody", domains: str = "acme.example") -> UUID:
    """A provider of this tenant, ready; returns its id."""
    alice = cast.client("alice")
    form = {"name": "Acme ID", "issuer": running.issuer, "domains": domains, "newcomer_role": role}
    answer = alice.post("settings/providers", form)
    assert answer.status_code == 303, answer.text
    found = UUID(answer.location.rpartition("/")[2])
    answer = alice.post(f"settings/providers/{found}", {**form, "client_id": CLIENT, "secret": SECRET})
    assert answer.status_code == 303, answer.text
    with cast.scope():
        running.redirect_uri = redirect_uri(found)
    return found


def written_down(cast: Cast, name: str = "Acme ID", *, is_ready: bool = True) -> UUID:
    """A provider that is only a row, and that nobody can reach; returns its id."""
    now = clock.now()
    with cast.scope(), atomic() as session:
        row = IdentityProvider(
            id=new_id(),
            name=name,
            issuer=f"https://{new_id()}.example",
            client_id=CLIENT if is_ready else "",
            sealed_secret=sealing.seal(SEALED_FOR, SECRET) if is_ready else "",
            domains="acme.example",
            newcomer_role=None,
            created_at=now,
            changed_at=now,
        )
        session.add(row)
        return row.id


def nobody(cast: Cast) -> PageClient:
    """A browser in which nobody is signed in."""
    return PageClient(cast.app, cast.slug)


def place_of(cast: Cast) -> str:
    """Where the providers of this tenant stand."""
    return f"/sign-in/at/{providers_token(cast.tenant_id)}"


def key_of(cast: Cast, who: PageClient, **query: str) -> str:
    """What the buttons of the providers carry in this browser."""
    found = re.search(r"[?;&]key=([\w-]+)", who.get(place_of(cast), query_string=query).text)
    assert found is not None
    return found.group(1)


def leave(cast: Cast, who: PageClient, found: UUID, **query: str) -> str:
    """Set out to a provider by its button; returns the address at it."""
    query["key"] = key_of(cast, who)
    answer = who.get(f"{place_of(cast)}/{found}", query_string=query)
    assert answer.status_code == 303, answer.text
    return answer.location


def through(address: str) -> str:
    """The path to which the provider sends back whoever comes to it."""
    answer = httpx.get(address)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["location"])
    return f"{back.path}?{back.query}"


def sign_in(cast: Cast, who: PageClient, found: UUID, **query: str) -> TestResponse:
    """Go there and come back."""
    answer = who.get(through(leave(cast, who, found, **query)))
    who.renew_token()
    return answer


def is_in(cast: Cast, who: PageClient) -> bool:
    """Whether this browser sees pages of the tenant."""
    return who.get("figures/").status_code == 200


def own(cast: Cast, name: str, way: str = "password") -> PageClient:
    """A browser in which one of the cast has signed in in their own way."""
    with directory_scope():
        _row, secret = begin_session(cast.users[name], way, Client("127.0.0.1", ""))
        keep_fresh(cast.users[name])
    return PageClient(cast.app, cast.slug, secret)


def ask_for(cast: Cast, rule: str) -> None:
    """Let the tenant ask everybody to sign in so."""
    with cast.scope():
        service.set_sign_in_rule(rule)


def identities_of(cast: Cast) -> list[Identity]:
    """Whom the providers of this tenant know."""
    with cast.scope():
        return list(db.session.scalars(select(Identity)))


def actions_of(cast: Cast) -> list[str]:
    """What stands in the audit of this tenant, oldest first."""
    with cast.scope():
        return [row.action for row in db.session.scalars(select(AuditEvent).order_by(AuditEvent.at, AuditEvent.id))]
