"""History: what happened long ago is stored and counted, and nobody is asked about it."""

from __future__ import annotations

from collections.abc import Sequence

from app.kernel.db import atomic
from app.kernel.errors import HeedError
from app.surveys.outreach.intake_rules import NewInteraction
from app.surveys.outreach.service.interactions import record_interactions


def record_history(new: Sequence[NewInteraction], source: str = "import") -> int:
    """Store a batch of historic interactions in one transaction; returns how many were new.

    The same again changes nothing. All or none: raises Invalid for the first bad one, Conflict for an id that is known
    with other content, Unavailable when somebody else is storing the same ones.
    """
    with atomic():
        count = 0
        for result in record_interactions(new, source):
            if isinstance(result, HeedError):
                raise result
            count += result[1]
        return count
