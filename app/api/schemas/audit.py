"""What the audit endpoint takes and gives."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.api.base import Day, ListQuery

ActorKind = Literal["user", "api_key", "partner", "customer", "command", "system"]
_TEXT = r"^[^\x00]*$"


class AuditQuery(ListQuery):
    """Which rows; what is left out asks for nothing."""

    q: str | None = Field(
        default=None, max_length=200, pattern=_TEXT, description="Beginnings of words of who, from where, or the name."
    )
    actor: UUID | None = Field(default=None, description="Id of a person or an API key.")
    actor_kind: ActorKind | None = None
    action: str | None = Field(
        default=None,
        pattern=r"^[a-z_]{1,64}(\.[a-z_]{1,64})?$",
        description="An action such as `case.closed`, or a group of them such as `case`.",
    )
    subject_type: str | None = Field(default=None, max_length=64, pattern=_TEXT)
    subject_id: str | None = Field(default=None, max_length=200, pattern=_TEXT)
    first: Day | None = Field(default=None, alias="from", description="First day, in the tenant's time zone.")
    last: Day | None = Field(default=None, alias="to", description="Last day, in the tenant's time zone.")


class SealOut(BaseModel):
    """The row's link in the chain of hashes."""

    seq: int
    row_hash: str
    chain_hash: str
    sealed_at: str


class AuditOut(BaseModel):
    """One change: who, from where, what, before and after. `seal` is null in the first seconds."""

    id: UUID
    at: str
    actor_kind: str
    actor_id: UUID | None
    actor_label: str
    address: str | None
    browser: str | None
    action: str
    subject_type: str
    subject_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    seal: SealOut | None


class AuditList(BaseModel):
    """The rows, newest first."""

    data: list[AuditOut]
    next_cursor: str | None
