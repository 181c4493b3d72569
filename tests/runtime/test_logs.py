"""Log lines: the same shape from everywhere, and no token in any of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.runtime.logs import shorten_tokens
from tests.runtime.conftest import ROOT, environment


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("GET /r/aXbYcZdEfGhIjK_-0123 200", "GET /r/aXbYcZ… 200"),
        ("http://heed.test/c/abcdef012345?x=1", "http://heed.test/c/abcdef…?x=1"),
        ("/u/abcdef012345 and /w/key-12345678.js", "/u/abcdef… and /w/key-12…"),
        ("/in/shop/0123456789abcdef", "/in/shop/012345…"),
        ("key heed_AaIBbrmWcWKXj7NS87flLxM2iULrUpQ refused", "key heed_… refused"),
        ("role heed_app, database heed_owner", "role heed_app, database heed_owner"),
        ("/t/acme/responses/0190aaaa-bbbb", "/t/acme/responses/0190aaaa-bbbb"),
    ],
)
def test_tokens_are_shortened(said: str, kept: str) -> None:
    assert shorten_tokens(said) == kept


def test_a_json_line_carries_request_process_and_exception_without_tokens(tmp_path: Path) -> None:
    code = """
import logging
import structlog
from app.runtime import logs
logs.configure("json")
structlog.contextvars.bind_contextvars(request_id="req-1", tenant="t-1")
try:
    raise ValueError("no /r/abcdef0123456789")
except ValueError:
    logging.getLogger("library").exception("Exception on %s", "/r/abcdef0123456789 [GET]")
logs.get_logger("ours").info("told", path="/r/abcdef0123456789", count=3)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(tmp_path, HEED_PROCESS="web"),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    library, ours = [json.loads(line) for line in done.stderr.splitlines()]
    assert library["event"] == "Exception on /r/abcdef… [GET]"
    assert library["request_id"] == ours["request_id"] == "req-1"
    assert library["tenant"] == "t-1"
    assert library["process"] == ours["process"] == "web"
    assert library["level"] == "error"
    assert "ValueError: no /r/abcdef…" in library["exception"]
    assert ours["path"] == "/r/abcdef…"
    assert ours["count"] == 3
    assert "0123456789" not in done.stderr
