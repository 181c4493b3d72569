"""Seals of audit rows, and the words they are found by. Both are written by the sealer and never changed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import TenantModel


class AuditSeal(TenantModel):
    """One link of a tenant's chain. It has no foreign key: it has to outlive its row, to tell that the row is gone."""

    __tablename__ = "audit_seals"
    __wall__ = "staff"
    __table_args__ = (UniqueConstraint("tenant_id", "seq"), UniqueConstraint("tenant_id", "event_id"))

    seq: Mapped[int]
    """1, 2, 3 … in the order of sealing."""
    event_id: Mapped[UUID]
    row_hash: Mapped[str]
    chain_hash: Mapped[str]
    sealed_at: Mapped[datetime]


class AuditWord(TenantModel):
    """A word by whose beginning an audit row is found."""

    __tablename__ = "audit_words"
    __wall__ = "staff"
    __table_args__ = (Index("ix_audit_words_word", "tenant_id", "word", "event_id"),)

    word: Mapped[str] = mapped_column(Text(collation="C"))
    event_id: Mapped[UUID]
