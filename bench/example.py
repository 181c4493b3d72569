"""From the press to the first figures of an example, and to its whole year, against the demo told in one transaction.

In one process on a database of its own, with the jobs that a worker would run. The first figures should be there before
somebody looks away: within ten seconds.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from app import create_app
from app.config import load_settings
from app.demo.shop import service as shop
from app.kernel import migrate, outbox
from app.kernel.db import atomic
from app.kernel.scope import directory_scope, tenant_scope
from app.runtime import embedded
from app.tenants.examples.queries import find_example, find_example_of
from app.tenants.examples.rules import CHAPTERS, FIRST_FIGURES
from app.tenants.examples.service import enter_example
from app.tenants.service import create_tenant
from bench.measure import Result, timed

ADMIN = "b@example.com"


def run() -> Iterator[Result]:
    """Tell both."""
    with tempfile.TemporaryDirectory(prefix="heed-bench-") as folder:
        Path(folder).chmod(0o755)  # the database may run as another user
        services = embedded.start(Path(folder) / "home")
        try:
            settings = load_settings(
                database_url=services.database_url,
                database_owner_url=services.database_owner_url,
                redis_url=services.redis_url,
                secret_key="a secret for the bench only, long enough",
                base_url="http://localhost",
                embedded=True,
                testing=True,
            )
            migrate.upgrade(settings)
            with create_app(settings).app_context():
                yield from _measure()
        finally:
            services.stop()


def _measure() -> Iterator[Result]:
    with tenant_scope(shop.open_shop()), timed() as whole:
        shop.fill_shop()
    made = create_tenant("bench", "Bench", ADMIN, "a password for the bench")
    began = time.monotonic()
    with tenant_scope(made.tenant_id):
        enter_example(ADMIN)
    with directory_scope():
        example = find_example_of(made.tenant_id)
        assert example is not None
    for name, chapters in (("the first figures of an example", FIRST_FIGURES), ("its whole year", CHAPTERS)):
        while outbox.drain_place(example.id, float("inf")):
            with tenant_scope(example.id), atomic():
                row = find_example()
            if row is not None and row.told >= chapters:
                break
        yield Result(name, time.monotonic() - began, "s", "the demo in one transaction", whole.seconds)
