"""The wall in the database: every tenant table is behind it, and planted holes are found.

Remedy for a failure: give the table its classes (`__wall__` and `__rows__` on the model) and run `wall_sql` and
`rows_sql` for it in a migration; make
foreign keys with `tenant_fk`; begin unique constraints with tenant_id.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from app.config import Settings
from app.kernel.db import Base
from app.kernel.wall import rows_sql, wall_sql

OF_PEOPLE = {"user_sessions", "sign_ins", "passkeys", "authenticators", "recovery_codes"}
"""They belong to a person, who may work for several tenants, and are asked for before any tenant is known."""
GLOBAL_TABLES = {
    "tenants",
    "users",
    "memberships",
    "directory_outbox",
    "sign_ups",
    "stripe_customers",
    "departures",
} | OF_PEOPLE
_WITHOUT_WALL = ", ".join(f"'{table}'" for table in sorted(GLOBAL_TABLES - {"memberships"} | {"alembic_version"}))

UNWALLED = f"""
    SELECT relname FROM pg_class
    WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
      AND relname NOT IN ({_WITHOUT_WALL})
      AND NOT (relrowsecurity AND relforcerowsecurity)
"""
LOOSE_POLICIES = """
    SELECT tablename || '.' || policyname FROM pg_policies
    WHERE schemaname = 'public' AND permissive = 'PERMISSIVE' AND policyname <> 'sweeper'
      AND (coalesce(qual, '') NOT LIKE '%app.tenant_id%' OR with_check IS NULL OR with_check NOT LIKE '%app.tenant_id%'
           OR (qual LIKE '%SELECT%' AND qual LIKE '%FROM%'))
"""
SIMPLE_FOREIGN_KEYS = """
    SELECT c.conname FROM pg_constraint c JOIN pg_class target ON target.oid = c.confrelid
    WHERE c.contype = 'f' AND target.relname NOT IN ('tenants', 'users')
      AND NOT EXISTS (
        SELECT FROM unnest(c.conkey) k JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k
        WHERE a.attname = 'tenant_id')
"""
LOOSE_UNIQUE_INDEXES = f"""
    SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
    WHERE i.indisunique AND t.relnamespace = 'public'::regnamespace
      AND t.relname NOT IN ({_WITHOUT_WALL})
      AND (SELECT attname FROM pg_attribute WHERE attrelid = t.oid AND attnum = i.indkey[0]) <> 'tenant_id'
"""
VIEWS = "SELECT relname FROM pg_class WHERE relkind IN ('m', 'v') AND relnamespace = 'public'::regnamespace"
OWNED_BY_APP = "SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) IN ('heed_app', 'heed_sweeper')"
TRIGGERS = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"

GATE = {
    "row security": UNWALLED,
    "policies": LOOSE_POLICIES,
    "composite foreign keys": SIMPLE_FOREIGN_KEYS,
    "unique by tenant": LOOSE_UNIQUE_INDEXES,
    "no views": VIEWS,
    "the application owns nothing": OWNED_BY_APP,
    "no triggers": TRIGGERS,
}

HOLES = {
    "row security": "ALTER TABLE responses NO FORCE ROW LEVEL SECURITY",
    "policies": "CREATE POLICY open ON responses USING (true)",
    "composite foreign keys": "ALTER TABLE surveys ADD CONSTRAINT one UNIQUE (id);"
    " ALTER TABLE asks ADD COLUMN survey_id uuid;"
    " ALTER TABLE asks ADD CONSTRAINT loose FOREIGN KEY (survey_id) REFERENCES surveys (id)",
    "unique by tenant": "CREATE UNIQUE INDEX loose ON partners (id)",
    "no views": "CREATE VIEW peek AS SELECT * FROM responses",
    "the application owns nothing": "GRANT CREATE ON SCHEMA public TO heed_app;"
    " CREATE TABLE mine (); ALTER TABLE mine OWNER TO heed_app",
    "no triggers": "CREATE TRIGGER loose BEFORE UPDATE ON asks FOR EACH ROW"
    " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
}


@pytest.fixture
def superuser(settings: Settings, services: object) -> Iterator[psycopg.Connection]:
    """A superuser's connection whose changes are always taken back."""
    with psycopg.connect(services.superuser_url, dbname="heed") as connection:
        yield connection
        connection.rollback()


def _offenders(connection: psycopg.Connection, query: str) -> list[str]:
    return [row[0] for row in connection.execute(query).fetchall()]


@pytest.mark.parametrize("gate", GATE)
def test_the_gate_holds(superuser: psycopg.Connection, gate: str) -> None:
    assert _offenders(superuser, GATE[gate]) == []


@pytest.mark.parametrize("gate", HOLES)
def test_a_planted_hole_is_found(superuser: psycopg.Connection, gate: str) -> None:
    superuser.execute(HOLES[gate])
    assert _offenders(superuser, GATE[gate])


def _models() -> list[type]:
    return sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda model: model.__tablename__)


def test_every_model_has_a_wall_class_or_is_global() -> None:
    without = {model.__tablename__ for model in _models() if not hasattr(model, "__wall__")}
    assert without == GLOBAL_TABLES


def test_tables_with_a_partner_are_its_own_unless_staff_or_shared_on_purpose() -> None:
    walls = {m.__tablename__: m.__wall__ for m in _models() if "partner_id" in m.__table__.c and hasattr(m, "__wall__")}
    assert {table for table, wall in walls.items() if wall == "own"} == {
        "partners",
        "interactions",
        "responses",
        "cases",
        "scorecard_snapshots",
        "partner_targets",
        "partner_questions",
        "rollup_facts",
        "rollup_cells",
    }
    assert {table for table, wall in walls.items() if wall == "own_append"} == {"partner_statements"}
    assert {table for table, wall in walls.items() if not wall.startswith("own")} == {
        "touchpoints",
        "invitations",
        "team_invites",
    }


@pytest.mark.parametrize("model", [m for m in _models() if hasattr(m, "__wall__")], ids=lambda m: m.__tablename__)
def test_the_policies_are_those_of_the_class(superuser: psycopg.Connection, model: type) -> None:
    table = model.__tablename__
    statements = [*wall_sql(table, model.__wall__), *rows_sql(table, model.__rows__)]
    expected = {s.split()[2] for s in statements if s.startswith("CREATE POLICY")}
    found = _offenders(superuser, f"SELECT policyname FROM pg_policies WHERE tablename = '{table}'")
    assert set(found) - {"sweeper", "departed"} == expected


def _at_touchpoints(models: list[type]) -> set[str]:
    """The tables that tell of a touchpoint, or of something that stands at one, without a decision who sees them."""
    about = {"touchpoint_id", "response_id", "case_id", "invitation_id", "interaction_id", "customer_id"}
    walled = [model for model in models if hasattr(model, "__wall__")]
    return {m.__tablename__ for m in walled if about & set(m.__table__.c.keys()) and "__rows__" not in vars(m)}


def test_what_tells_of_a_touchpoint_says_who_sees_it() -> None:
    assert _at_touchpoints(_models()) == set()


def test_a_table_without_a_decision_is_found() -> None:
    class Forgotten(Base):
        __abstract__ = True
        __wall__ = "staff"
        __tablename__ = "forgotten"
        __table__ = Base.metadata.tables["answers"]

    assert _at_touchpoints([Forgotten]) == {"forgotten"}


def test_everything_that_is_about_one_touchpoint_goes_by_it() -> None:
    """What has the column is seen by it; only what is set up, and says nothing of customers, is seen by everybody."""
    rows = {
        m.__tablename__: m.__rows__ for m in _models() if hasattr(m, "__rows__") and "touchpoint_id" in m.__table__.c
    }
    assert {table for table, seen in rows.items() if seen != "touchpoint"} == {"widgets", "outreach_rule_touchpoints"}


def test_primary_keys_are_tenant_and_id() -> None:
    for model in _models():
        if hasattr(model, "__wall__"):
            assert [column.name for column in model.__table__.primary_key] == ["tenant_id", "id"], model


def test_constraint_names_leave_room_for_a_shard_suffix() -> None:
    names = [str(c.name) for table in Base.metadata.tables.values() for c in table.constraints if c.name]
    assert [name for name in names if len(name) > 50] == []
