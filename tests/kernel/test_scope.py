"""The scopes: no statement without one, none changed inside a transaction, each transaction behind the wall."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from app.kernel.db import atomic, db
from app.kernel.scope import ScopeError, directory_scope, tenant_scope
from app.partners.models import Partner
from tests.cast import Cast


def test_a_statement_without_scope_raises(app: object) -> None:
    with pytest.raises(ScopeError):
        db.session.execute(text("SELECT 1"))
    db.session.rollback()


def test_a_scope_cannot_change_inside_a_transaction(cast: Cast, others: Cast) -> None:
    with cast.scope():
        db.session.execute(text("SELECT 1"))
        with pytest.raises(ScopeError), others.scope():
            pass


def test_a_tenant_sees_its_own_rows_even_when_the_filter_is_forgotten(cast: Cast, others: Cast) -> None:
    with cast.scope():
        ids = set(db.session.execute(text("SELECT tenant_id FROM partners")).scalars())
    assert ids == {cast.tenant_id}


def test_a_partner_sees_only_itself(cast: Cast) -> None:
    with cast.scope(), atomic() as session:
        from app.kernel import clock
        from app.kernel.ids import new_id

        other = new_id()
        session.add(Partner(id=other, partner_id=other, key="rival", name="Rival", created_at=clock.now()))
    with tenant_scope(cast.tenant_id, cast.partner_id):
        assert [partner.key for partner in db.session.scalars(select(Partner))] == ["pats"]


def test_a_directory_scope_sees_no_tenant_rows(cast: Cast) -> None:
    with directory_scope():
        assert db.session.execute(text("SELECT count(*) FROM partners")).scalar() == 0


def test_orm_queries_carry_the_tenant(cast: Cast) -> None:
    with cast.scope():
        statements: list[str] = []
        from sqlalchemy import event

        def note(_c: object, _cur: object, statement: str, *_a: object) -> None:
            statements.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        db.session.scalars(select(Partner)).all()
        event.remove(db.engine, "before_cursor_execute", note)
    assert "partners.tenant_id = " in statements[-1]
