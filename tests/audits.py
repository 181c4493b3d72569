"""Reading the audit in tests."""

from __future__ import annotations

from app.tenants.models import AuditEvent
from app.tenants.trail.queries import Wanted, page_of_trail


def list_audit() -> list[AuditEvent]:
    """The newest audit rows of the tenant, newest first."""
    return list(page_of_trail(Wanted(), None).rows)
