"""Alembic's entry: connects as the owner, one transaction per migration, and waits for no lock longer than a moment."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, pool

from app import models
from app.kernel.db import Base

# Distributed tables need one connection per statement order and no local foreign keys to reference tables; on a plain
# server these are unknown custom settings and harmless.
_OPTIONS = (
    "-c lock_timeout=2000 -c citus.multi_shard_modify_mode=sequential"
    " -c citus.enable_local_reference_table_foreign_keys=off"
)

assert models.ALL, "importing the models fills the metadata"


def run() -> None:
    """Run the migrations on the address that the caller put into the configuration."""
    engine = create_engine(
        context.config.attributes["url"], poolclass=pool.NullPool, connect_args={"options": _OPTIONS}
    )
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            transaction_per_migration=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
