"""The database roles, as the one SQL text that makes them.

The embedded start runs it as the superuser of its own server; `heed doctor` prints it for an operator to run with psql
on any other. Three roles: the owner migrates, the application works under row-level security and owns nothing, and the
sweeper role only owns the functions that look across tenants for work that is due.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from app.config import ConfigError

if TYPE_CHECKING:
    import psycopg

DATABASE = "heed"
OWNER_ROLE = "heed_owner"
APP_ROLE = "heed_app"
SWEEPER_ROLE = "heed_sweeper"

CLUSTER_SQL = """\
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'heed_owner') THEN CREATE ROLE heed_owner; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'heed_app') THEN CREATE ROLE heed_app; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'heed_sweeper') THEN CREATE ROLE heed_sweeper; END IF;
  -- The owner may act as the sweeper (to hand a function over), but must not inherit what the sweeper may read.
  IF current_setting('server_version_num')::int >= 160000 THEN
    EXECUTE 'GRANT heed_sweeper TO heed_owner WITH INHERIT FALSE, SET TRUE';
  ELSE
    EXECUTE 'ALTER ROLE heed_owner NOINHERIT';
    EXECUTE 'GRANT heed_sweeper TO heed_owner';
  END IF;
END $$;
ALTER ROLE heed_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
ALTER ROLE heed_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
ALTER ROLE heed_sweeper NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
"""

DATABASE_SQL = """\
ALTER DATABASE {database} OWNER TO heed_owner;
ALTER DATABASE {database} SET timezone TO 'UTC';
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT ON DATABASE {database} TO heed_app, heed_sweeper;
ALTER SCHEMA public OWNER TO heed_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO heed_app;
GRANT USAGE, CREATE ON SCHEMA public TO heed_sweeper;
"""


def script(database: str = DATABASE) -> str:
    """The whole text for psql, run once by a superuser on a server of one's own."""
    return (
        f"{CLUSTER_SQL}"
        "\\password heed_owner\n"
        "\\password heed_app\n"
        f"CREATE DATABASE {database} OWNER heed_owner ENCODING 'UTF8' TEMPLATE template0;\n"
        f"\\connect {database}\n"
        f"{DATABASE_SQL.format(database=database)}"
    )


def wanted(database_url: str, owner_url: str | None) -> tuple[str, dict[str, str]]:
    """The database and the passwords that these addresses name. Raises ConfigError where they do not fit the roles."""
    named: dict[str, str] = {}
    databases = set()
    for variable, url, role in (
        ("DATABASE_URL", database_url, APP_ROLE),
        ("DATABASE_OWNER_URL", owner_url, OWNER_ROLE),
    ):
        parts = urlsplit(url or "")
        if parts.username != role:
            raise ConfigError(f"{variable} must be an address for the role {role}")
        if parts.password:
            named[role] = unquote(parts.password)
        databases.add(unquote(parts.path.lstrip("/")))
    if len(databases) != 1 or not all(databases):
        raise ConfigError("DATABASE_URL and DATABASE_OWNER_URL must name the same database")
    return databases.pop(), named


def provision(superuser_url: str, database: str = DATABASE, passwords: Mapping[str, str] | None = None) -> None:
    """Make the roles and the database, or bring them up to this text. Needs a superuser's address; repeatable.

    `passwords`: by role name, for a server that asks for them. Raises psycopg.Error when the server refuses.
    """
    import psycopg
    from psycopg import sql

    with psycopg.connect(superuser_url, autocommit=True) as server:
        server.execute(CLUSTER_SQL.encode())
        for role, password in (passwords or {}).items():
            change = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
            server.execute(change)
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            name = sql.Identifier(database)
            server.execute(sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(name))
    with psycopg.connect(superuser_url, dbname=database, autocommit=True) as inside:
        _run_database_sql(inside, database)


def _run_database_sql(inside: psycopg.Connection, database: str) -> None:
    from psycopg import sql

    quoted = sql.Identifier(database).as_string(inside)
    inside.execute(DATABASE_SQL.format(database=quoted).encode())
