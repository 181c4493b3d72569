"""The wiring table: which jobs follow which event. Start reading here.

An event is published by the verb that caused it; its jobs run after the commit, in a worker, at least once each.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.kernel.events import Event, Job

JOBS: Mapping[type[Event], tuple[Job, ...]] = {}
