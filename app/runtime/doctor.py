"""`heed doctor`: looks at everything Heed needs and says, for each thing that is missing, what to do."""

from __future__ import annotations

import smtplib
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from app.config import ConfigError, Settings
from app.kernel.errors import HeedError
from app.runtime import environment, printer


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `detail` says what was found; `remedy` what to do, empty when all is well."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    def as_text(self) -> str:
        """For a terminal: one line, and the remedy below it."""
        line = f"{'ok     ' if self.ok else 'MISSING'}  {self.name}: {self.detail}"
        return line if self.ok else f"{line}\n         -> {self.remedy}"


def examine() -> list[Finding]:
    """Look at everything; what depends on settings that cannot be read is left out."""
    findings = [_python()]
    try:
        with environment.ensure(migrate=False) as settings:
            findings.append(Finding("settings", True, "complete"))
            findings += [_look(name, check, settings) for name, check in CHECKS.items()]
    except ConfigError as error:
        findings.append(Finding("settings", False, str(error), "set it in the environment or in .env"))
    except HeedError as error:
        findings.append(Finding("services", False, str(error), "see the line above; it names the remedy"))
    return findings


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    good = (3, 11) <= sys.version_info[:2] < (3, 13)
    return Finding("python", good, version, "" if good else "use Python 3.11 or 3.12")


def _look(name: str, check: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return check(settings)
    except Exception as error:  # A doctor never falls over what it came to see.
        return Finding(name, False, f"{type(error).__name__}: {error}".strip(), REMEDIES[name])


def _database(settings: Settings) -> Finding:
    with _connect(settings.database_url) as connection:
        version = connection.execute("SHOW server_version").fetchone()[0]
    kind = "embedded PostgreSQL" if settings.embedded else "PostgreSQL"
    return Finding("database", True, f"{kind} {version}")


def _role(settings: Settings) -> Finding:
    query = """
        SELECT rolname, rolsuper, rolbypassrls,
               EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                       WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND pg_has_role(c.relowner, 'USAGE'))
        FROM pg_roles WHERE rolname = current_user"""
    with _connect(settings.database_url) as connection:
        name, superuser, bypasses, owns = connection.execute(query).fetchone()
    faults = [text for bad, text in ((superuser, "is a superuser"), (bypasses, "bypasses row-level security"),
                                     (owns, "owns tables")) if bad]  # fmt: skip
    if faults:
        return Finding("role", False, f"{name} {' and '.join(faults)}", REMEDIES["role"])
    return Finding("role", True, f"{name} works under row-level security")


def _migrations(settings: Settings) -> Finding:
    from app.kernel import migrate

    url = settings.database_owner_url or settings.database_url
    applied, head = migrate.applied(url), migrate.head()
    if applied != head:
        return Finding("migrations", False, f"at {applied or 'nothing'}, not at {head}", REMEDIES["migrations"])
    return Finding("migrations", True, f"at {head}")


def _redis(settings: Settings) -> Finding:
    from app.kernel import queue

    info = queue.connection(settings, timeout=2.0).info("server")
    product = info.get("server_name", "redis")
    return Finding("redis", True, f"{product} {info.get('valkey_version', info['redis_version'])}")


def _smtp(settings: Settings) -> Finding:
    if settings.smtp_url is None:
        if settings.embedded:
            return Finding("smtp", True, "`heed up` keeps mail at /dev/mail")
        return Finding("smtp", False, "SMTP_URL is not set", REMEDIES["smtp"])
    address = urlsplit(settings.smtp_url)
    kind = smtplib.SMTP_SSL if address.scheme == "smtps" else smtplib.SMTP
    with kind(address.hostname or "", address.port or 0, timeout=5) as server:
        server.noop()
    return Finding("smtp", True, f"{address.hostname}:{address.port} answers")


def _printing(_settings: Settings) -> Finding:
    missing = printer.find_missing()
    if missing:
        return Finding("printing", False, f"PDFs need {', '.join(missing)}", REMEDIES["printing"])
    return Finding("printing", True, "PDFs can be made, with Chinese text")


def _connect(url: str) -> Any:
    import psycopg

    return psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), connect_timeout=5)


CHECKS: dict[str, Callable[[Settings], Finding]] = {
    "database": _database,
    "role": _role,
    "migrations": _migrations,
    "redis": _redis,
    "smtp": _smtp,
    "printing": _printing,
}
REMEDIES = {
    "database": "start PostgreSQL 15 or newer and check DATABASE_URL; `heed doctor --sql` prints the roles to make",
    "role": "connect as heed_app; `heed doctor --sql | psql` as a superuser makes the roles as they must be",
    "migrations": "run `heed db upgrade`",
    "redis": "start Valkey or Redis and check REDIS_URL",
    "printing": "on Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk",
    "smtp": "check SMTP_URL (smtp://user:password@host:port); without it no mail goes out",
}
