"""A board over very many answers against one over few: its time must not grow with them. Promised: at most 1.5 times.

NPS and CSAT by touchpoint, and by month over the last year, as the pages read them, in one process on a database of
its own. BENCH_RESPONSES sets how many the large tenant has (a million unless given).
"""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from uuid import UUID

import psycopg

from app import create_app
from app.config import Settings, load_settings
from app.insights.figures import queries, service
from app.insights.figures.rules import FigureQuery
from app.kernel import migrate
from app.kernel.ids import new_id
from app.kernel.scope import tenant_scope
from app.runtime import embedded
from app.tenants.service import create_tenant
from bench.measure import Result, timed

FEW, MANY = 10_000, int(os.environ.get("BENCH_RESPONSES", "1000000"))
WAITING = 200
"""Answers that no worker has rolled up yet, in the last of the three figures."""
TOUCHPOINTS, ROUNDS = 12, 15
LAST_YEAR = FigureQuery(by=("month",), first=date(2025, 11, 1), last=date(2026, 10, 31))

BOARD = [
    ("nps", FigureQuery(by=("touchpoint",))),
    ("csat", FigureQuery(by=("touchpoint",))),
    ("nps", LAST_YEAR),
    ("csat", LAST_YEAR),
]

GROUND = """
    INSERT INTO journeys (tenant_id, id, key, name, position, created_at)
        VALUES (%(tenant)s, %(one)s, 'j', 'J', 0, now());
    INSERT INTO stages (tenant_id, id, journey_id, key, name, position)
        VALUES (%(tenant)s, %(one)s, %(one)s, 's', 'S', 0);
    INSERT INTO touchpoints (tenant_id, id, stage_id, key, name, channel, position, created_at)
        SELECT %(tenant)s, md5('touchpoint' || n)::uuid, %(one)s, 't' || n, 'T' || n, 'email', n, now()
        FROM generate_series(1, %(touchpoints)s) n;
    INSERT INTO surveys (tenant_id, id, key, name, kind, is_anonymous, has_open_link, draft, last_version, created_at,
                         updated_at)
        VALUES (%(tenant)s, %(one)s, 's', 'S', 'transactional', false, false, '{}', 1, now(), now());
    INSERT INTO survey_versions (tenant_id, id, survey_id, number, definition, etag, published_at)
        VALUES (%(tenant)s, %(one)s, %(one)s, 1, '{}', 'x', now())
"""
ANSWERS = """
    INSERT INTO responses (tenant_id, id, content_hash, survey_id, survey_kind, survey_version_id, touchpoint_id,
        source, status, revision, locale, answered_at, received_at, completed_at, is_historic, nps, csat, is_uncounted)
    SELECT %(tenant)s, gen_random_uuid(), 'x', %(one)s, 'transactional', %(one)s,
        md5('touchpoint' || 1 + n %% %(touchpoints)s)::uuid, 'api', 'completed', 1, 'en', at, at, at, false,
        (hashint4(n) & 2147483647) %% 11, 1 + (hashint4(n + 1) & 2147483647) %% 5, %(is_uncounted)s
    FROM generate_series(1, %(responses)s) n,
        LATERAL (SELECT timestamptz '2025-11-01 12:00Z' + (hashint4(-n) & 2147483647) %% 365 * interval '1 day') a (at)
"""


def run() -> Iterator[Result]:
    """Make two tenants with their rollups, and read the same board of both in turn."""
    with _service() as settings, create_app(settings).app_context():
        few, many = (_tenant(name) for name in ("few", "many"))
        yield from _rebuilt(settings, {few: FEW, many: MANY})
        yield _compare(f"a board over {MANY:,} responses", few, many)
        for tenant_id in (few, many):
            _write(settings, tenant_id, ANSWERS, responses=WAITING, is_uncounted=True)
        yield _compare(f"the same with {WAITING} answers not rolled up", few, many)


def _rebuilt(settings: Settings, sizes: dict[UUID, int]) -> Iterator[Result]:
    seconds = []
    for tenant_id, responses in sizes.items():
        _write(settings, tenant_id, GROUND)
        _write(settings, tenant_id, ANSWERS, responses=responses, is_uncounted=False)
        with tenant_scope(tenant_id), timed() as watch:
            service.rebuild()
        seconds.append(watch.seconds)
    _write(settings, None, "ANALYZE")  # as the database does by itself within minutes
    yield Result(f"rebuilding the rollups of {MANY:,}", seconds[1], "s", f"those of {FEW:,}", seconds[0])


def _compare(name: str, few: UUID, many: UUID) -> Result:
    """The median of several rounds, both tenants in each: whatever else the machine does meets both."""
    times: dict[UUID, list[float]] = {few: [], many: []}
    for _round in range(ROUNDS):
        for tenant_id, found in times.items():
            with tenant_scope(tenant_id), timed() as watch:
                for metric, query in BOARD:
                    queries.figure(metric, query)
            found.append(watch.seconds * 1000)
    value, yardstick = (statistics.median(times[tenant_id]) for tenant_id in (many, few))
    return Result(name, value, "ms", f"the board over {FEW:,}", yardstick)


@contextmanager
def _service() -> Iterator[Settings]:
    with tempfile.TemporaryDirectory(prefix="heed-bench-") as folder:
        Path(folder).chmod(0o755)  # the database may run as another user
        running = embedded.start(Path(folder) / "home")
        try:
            settings = load_settings(
                database_url=running.database_url,
                database_owner_url=running.database_owner_url,
                redis_url=running.redis_url,
                secret_key="a secret for the bench only, long enough",
                embedded=True,
            )
            migrate.upgrade(settings)
            yield settings
        finally:
            running.stop()


def _tenant(name: str) -> UUID:
    return create_tenant(name, name, f"{name}@example.com", "a password for the bench").tenant_id


def _write(settings: Settings, tenant_id: UUID | None, script: str, **values: object) -> None:
    """Run statements as the owner of the tables, in the tenant's name."""
    assert settings.database_owner_url
    url = settings.database_owner_url.replace("postgresql+psycopg://", "postgresql://")
    parameters = {"tenant": tenant_id, "one": tenant_id or new_id(), "touchpoints": TOUCHPOINTS, **values}
    with psycopg.connect(url, autocommit=True) as connection:
        if tenant_id is not None:
            connection.execute(f"SET app.tenant_id = '{tenant_id}'")
        for statement in script.split(";"):
            connection.execute(statement, parameters)
