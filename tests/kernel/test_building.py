"""What building the application leaves behind in the process."""

from __future__ import annotations

import gc

from flask_openapi3 import OpenAPI


def test_garbage_is_collected_again_but_what_stays_is_not_looked_through(application: OpenAPI) -> None:
    assert gc.isenabled()
    assert gc.get_freeze_count() > 100_000
