"""Doing things at the same moment, each in a thread with its own connection."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from app.kernel.scope import tenant_scope
from tests.cast import Cast


def at_once(cast: Cast, *works: Callable[[], Any]) -> list[Any]:
    """Run the works in threads that start together; returns what each returned or raised."""
    barrier = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(place: int) -> None:
        with cast.app.app_context(), tenant_scope(cast.tenant_id):
            barrier.wait()
            try:
                results[place] = works[place]()
            except Exception as error:
                results[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
