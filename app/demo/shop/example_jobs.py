"""What is done when somebody wants an example to look around in."""

from __future__ import annotations

from uuid import UUID

from app.demo.shop import example
from app.kernel import outbox


def tell_example(tenant_id: UUID) -> None:
    """Something of its story is not told yet."""
    example.tell_example(outbox.is_leaving)
