"""A WSGI application that is ready at once and can be slow: these tests are about processes, not about pages."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from typing import Any


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer every path with this worker's process id, `/slow?<seconds>` after a while."""
    if environ["PATH_INFO"] == "/slow":
        print("a slow request is under way", flush=True)
        time.sleep(float(environ["QUERY_STRING"]))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
