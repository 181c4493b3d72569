"""Examples that nobody tells: what waits for a worker would take seconds of whichever test drains next."""

from __future__ import annotations

from sqlalchemy import select, update

from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.outbox_model import OutboxRow
from app.kernel.scope import directory_scope, tenant_scope
from app.tenants.models import Tenant


def forget_stories() -> None:
    """Let no worker find anything to tell. Called outside any scope."""
    with directory_scope():
        found = list(db.session.scalars(select(Tenant.id).where(Tenant.is_sample)))
    for tenant_id in found:
        with tenant_scope(tenant_id), atomic() as session:
            wanted = (OutboxRow.job == "tell_example") & OutboxRow.done_at.is_(None)
            session.execute(update(OutboxRow).where(wanted).values(done_at=clock.now()))
