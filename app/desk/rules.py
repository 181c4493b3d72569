"""How what somebody types into a search is read: the text itself, keys that identifiers begin with, a case number."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from app.customers.rules import normalise_identifier

LONGEST = 100
"""More of a search than this is not looked at."""

_CASE = re.compile(r"#?\s*(\d{1,9})", re.ASCII)
_DIALLED = re.compile(r"\+?[\d\s().\-/]{3,}", re.ASCII)


@dataclass(frozen=True)
class Search:
    """A search that has been read; `text` is empty when there is nothing to look for."""

    text: str
    identifier_keys: tuple[str, ...] = ()
    """What the stored form of a meant identifier begins with: any of these."""
    case_number: int | None = None


def read_search(typed: str) -> Search:
    """Read a search: control characters go, spaces are one each, the identifier forms are those that are stored."""
    readable = "".join(" " if unicodedata.category(sign) in ("Cc", "Cs", "Cn") else sign for sign in typed)
    text = unicodedata.normalize("NFC", " ".join(readable.split()))[:LONGEST].strip()
    if not text:
        return Search("")
    number = _CASE.fullmatch(text)
    return Search(text, _identifier_keys(text), int(number[1]) if number else None)


def _identifier_keys(text: str) -> tuple[str, ...]:
    # An external id is stored as it is typed but for case and width, and so is the beginning of an address.
    keys = [normalise_identifier("external", text).value_key]
    if _DIALLED.fullmatch(keys[0]):
        digits = re.sub(r"\D", "", keys[0])
        # Phone numbers are stored with their country; who types 00 before it means the plus sign.
        keys += [f"+{digits.removeprefix('00')}"] if digits else []
    return tuple(dict.fromkeys(keys))


def after_prefix(prefix: str) -> str:
    """A text behind every text that begins with `prefix`, for a range that an index answers."""
    return prefix + "\U0010ffff"
