"""Strings that have broken other programs: always a list of our own, and those of the sample data if at hand."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

_OWN = [
    "",
    " ",
    "\u3000",
    "\u200b",
    "'\"><script>alert(1)</script>",
    "{{7*7}}",
    "${7*7}",
    "%s%n",
    "Robert'); DROP TABLE customers;--",
    "../../etc/passwd",
    "\x00",
    "a\x00b",
    "\x1b[31m",
    "\r\nBcc: a@example.com",
    "\ud800",
    "\udfff\ud800",
    "\ufffe",
    "\ufeff",
    "\u202egnp.exe",
    "e\u0301",
    "İ",
    "ﷺ" * 40,
    "Z̸̗͇͍͈͉̊͘a̸l̷g̵o̶",
    "👩‍👩‍👧‍👦",
    "田中さん",
    "null",
    "undefined",
    "NaN",
    "Infinity",
    "1e309",
    "-0",
    "٣",
    "３",
    "0x10",
    "1_0",
    "9" * 5000,
    "__proto__",
    "constructor",
]


def strings() -> list[str]:
    """All hostile strings."""
    return _OWN + list(sample("hostile_strings/blns.json", []))


def sample(path: str, default: Any) -> Any:
    """A JSON file of the sample data, or `default` where there is none."""
    root = os.environ.get("HEED_SAMPLE_DATA") or Path(__file__).parents[2] / "shared" / "data"
    file = Path(root) / path
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else default
