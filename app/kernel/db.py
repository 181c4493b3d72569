"""The database: base classes, the tenant mixin, `atomic()`, and the stamp that puts each transaction behind the wall.

Start with `TenantModel` (what every tenant table is), `atomic` (what every verb uses) and `_stamp` (the wall).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar
from uuid import UUID

from flask import Flask, has_app_context
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    MetaData,
    Text,
    event,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Relationship,
    Session,
    declared_attr,
    mapped_column,
    registry,
    relationship,
    with_loader_criteria,
)

from app.kernel import queue, scope
from app.kernel.errors import NotFound
from app.kernel.ids import new_id

Wall = Literal["own", "own_append", "shared", "append", "staff"]
"""The class of a tenant table towards partners (design: the partner wall)."""

Rows = Literal[
    "all", "touchpoint", "response", "case", "interaction", "invitation", "message", "customer", "person", "whole"
]
"""What a member sees of a tenant table who sees some touchpoints alone (kernel/wall.py)."""


def _last_column(constraint: Any, _table: Any) -> str:
    return str(list(constraint.columns)[-1].name)


_NAMES: dict[str, Any] = {
    "last": _last_column,
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(last)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(last)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every model. Text, aware times and JSONB are the defaults, so that model and column types are equal."""

    registry = registry(
        metadata=MetaData(naming_convention=_NAMES),
        type_annotation_map={datetime: DateTime(timezone=True), dict[str, Any]: JSONB, str: Text},
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


class TenantMixin:
    """The two columns every tenant table begins with, and its classes: towards partners, and towards members who see
    some touchpoints alone."""

    __wall__: ClassVar[Wall]
    __rows__: ClassVar[Rows] = "all"

    @declared_attr
    def tenant_id(cls) -> Mapped[UUID]:
        return mapped_column(ForeignKey("tenants.id"), primary_key=True, default=scope.tenant_id, sort_order=-20)

    @declared_attr
    def id(cls) -> Mapped[UUID]:
        return mapped_column(primary_key=True, default=new_id, sort_order=-10)


class TenantModel(TenantMixin, Model):
    """A tenant table: primary key (tenant_id, id), row-level security, one wall class."""

    __abstract__ = True


def tenant_fk(column: str, table: str, **options: Any) -> ForeignKeyConstraint:
    """The composite foreign key (tenant_id, column) -> table: a plain one would let rows point across tenants."""
    return ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"], **options)


def one_of(column: str, *values: str) -> CheckConstraint:
    """A CHECK that the column holds one of these words (a PostgreSQL enum would hide its index under the wall)."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def belongs_to(owner: str, column: str, target: str) -> Relationship[Any]:
    """A read-only relationship over a composite key in which only the id is foreign.

    Else the mapper would blank `tenant_id` when a reference is emptied. Verbs write the id column itself.
    """
    join = f"and_({owner}.tenant_id == {target}.tenant_id, foreign({owner}.{column}) == {target}.id)"
    return relationship(target, primaryjoin=join, viewonly=True, uselist=False)


def has_many(owner: str, target: str, column: str, order_by: str) -> Relationship[Any]:
    """The read-only other end of `belongs_to`: the rows of `target` whose `column` names this row."""
    join = f"and_({owner}.tenant_id == {target}.tenant_id, {owner}.id == foreign({target}.{column}))"
    return relationship(target, primaryjoin=join, viewonly=True, order_by=f"{target}.{order_by}")


def init_app(app: Flask) -> None:
    """Bind the database to the application and hang the wall on its engine."""
    db.init_app(app)
    scope.bind(_in_transaction, _end_session)
    with app.app_context():
        event.listen(db.engine, "begin", _stamp)
        event.listen(db.engine, "connect", _refuse_unsafe_role)


class UnsafeRole(Exception):
    """The database role could step over the wall: a superuser, one that bypasses row security, or the owner."""


_ROLE_SQL = """
    SELECT rolsuper OR rolbypassrls OR EXISTS (
        SELECT FROM pg_class WHERE relowner = pg_roles.oid AND relkind IN ('r', 'p')
    ) FROM pg_roles WHERE rolname = current_user
"""


def _refuse_unsafe_role(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        if cursor.execute(_ROLE_SQL).fetchone()[0]:
            raise UnsafeRole(
                "DATABASE_URL must name a plain role such as heed_app; `heed doctor` prints how to make it"
            )
    connection.rollback()


def _stamp(connection: Any) -> None:
    """Put a beginning transaction behind the wall; literal statements, because bound ones do not travel (Citus)."""
    asking = scope.current()
    if asking.tenant_id is None:
        user = f"SET LOCAL app.user_id = '{asking.user_id}'" if asking.user_id else "SET LOCAL app.user_id = ''"
        connection.exec_driver_sql(user)
        return
    connection.exec_driver_sql(
        f"SET LOCAL app.tenant_id = '{asking.tenant_id}'; SET LOCAL app.partner = '{asking.partner_id}'; "
        f"SET LOCAL app.touchpoints = '{asking.touchpoints_setting}'"
    )


@event.listens_for(Session, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    """Give every table reference its own `tenant_id = :t`: the policy is the net, this is the filter."""
    tenant = scope.find_tenant_id()
    if tenant is None or not (state.is_select or state.is_update or state.is_delete):
        return
    state.statement = state.statement.options(
        with_loader_criteria(TenantMixin, lambda cls: cls.tenant_id == tenant, include_aliases=True)
    )


def _in_transaction() -> bool:
    return has_app_context() and db.session.registry.has() and db.session().in_transaction()


def _end_session() -> None:
    if has_app_context() and db.session.registry.has():
        db.session().close()


@contextmanager
def atomic() -> Iterator[FlaskSession]:
    """One transaction: commit at the end, roll back on any exception. Inside another `atomic` it joins that one.

    After the commit the queue is woken when an event was published: a wake-up before it could find nothing.
    """
    session = db.session()
    if session.info.get("atomic"):
        yield session
        return
    session.info["atomic"] = True
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        session.info.pop("published", None)
        raise
    finally:
        session.info.pop("atomic", None)
    if session.info.pop("published", False):
        queue.wake()


T = TypeVar("T", bound=TenantModel)


def find_row(model: type[T], row_id: UUID | None, *, lock: bool = False) -> T | None:
    """The tenant's row with this id, or None: unknown, foreign and another partner's look the same.

    A locked row is read anew: what the session had loaded before it waited for the lock may be out of date.
    """
    if row_id is None:
        return None
    query = select(model).where(model.id == row_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


def get_row(model: type[T], row_id: UUID | None, *, lock: bool = False) -> T:
    """As `find_row`, raising NotFound."""
    row = find_row(model, row_id, lock=lock)
    if row is None:
        raise NotFound()
    return row


def broken_constraint(error: IntegrityError) -> str:
    """The name of the constraint that refused, without the shard suffix a distributed table adds; '' when unknown."""
    found = re.search(r'constraint "(.+?)(_\d{6,})?"', str(error.orig))
    return found.group(1) if found else ""


def ping() -> None:
    """Ask the database for one row in a directory scope; raises what the driver raises."""
    with scope.directory_scope():
        db.session.execute(text("SELECT 1"))
