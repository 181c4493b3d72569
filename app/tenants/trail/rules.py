"""How audit rows are sealed, and by which words they are found again: hashes, the chain, what is wrong with one."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

BEFORE_THE_FIRST = "0" * 64
"""What stands in the place of the chain hash before a tenant's first seal."""
LATE_BY = timedelta(minutes=5)
"""How far the clocks of two machines may be apart: so much further back a sealer looks than it was told."""

LETTING_GO = "audit.let_go"
"""The action by which rows that were kept long enough are let go: `up_to` the seal of this number."""
LEAST_KEPT = timedelta(days=365)
"""Whatever somebody wrote: a row that is missing sooner was taken away."""

LONGEST_WORD = 60
MOST_WORDS = 40
MOST_SOUGHT = 6
_NAMING = ("name", "email", "key", "slug", "title", "sender_name")
_WORD = re.compile(r"\w+")


def canonical(row: Mapping[str, Any]) -> bytes:
    """A row as the one text that is hashed: JSON in UTF-8 with sorted names, no spaces, times in UTC to the
    microsecond. What is null is left out, so that a column of later years changes no hash of today."""
    kept = {name: _plain(value) for name, value in row.items() if value is not None}
    return json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value if isinstance(value, str | int | float | dict | list) else str(value)


def row_hash(row: Mapping[str, Any]) -> str:
    """SHA-256 over an audit row with all its columns, in hexadecimal."""
    return sha256(canonical(row)).hexdigest()


def chain_hash(tenant_id: object, seq: int, before: str, row: str, sealed_at: datetime) -> str:
    """SHA-256 over a seal and the chain hash before it: whoever changes one has to change all that follow."""
    sealed = {"tenant_id": str(tenant_id), "seq": seq, "before": before, "row": row, "sealed_at": sealed_at}
    return sha256(canonical(sealed)).hexdigest()


@dataclass(frozen=True)
class Head:
    """The last seal of a chain at some time."""

    seq: int
    hash: str
    at: str


@dataclass(frozen=True)
class Fault:
    """Something is not as it was sealed; `seq` and `event` say where, as far as it is known."""

    kind: str
    seq: int | None = None
    event: str | None = None


@dataclass(frozen=True)
class LetGo:
    """Up to which seal rows were let go, by what the sealed rows say, and when the last of these was sealed: a row can
    say of itself any time, its seal cannot."""

    seq: int
    at: datetime

    def holds(self, seal: Mapping[str, Any]) -> bool:
        """Whether the row of this seal may be missing."""
        is_old: bool = seal["sealed_at"] <= self.at - LEAST_KEPT
        return is_old and seal["seq"] <= self.seq


def faults_of(
    tenant_id: object, seal: Mapping[str, Any], row: Mapping[str, Any] | None, last: Head | None, let_go: LetGo | None
) -> list[Fault]:
    """What is wrong with one seal and its row, after the seal `last`."""
    expected, found = (last.seq if last else 0) + 1, []
    seq, event = seal["seq"], str(seal["event_id"])
    if seq != expected:
        found.append(Fault("seal_missing", expected))
    elif (
        chain_hash(tenant_id, seq, last.hash if last else BEFORE_THE_FIRST, seal["row_hash"], seal["sealed_at"])
        != (seal["chain_hash"])
    ):
        found.append(Fault("chain_broken", seq, event))
    if row is None:
        if let_go is None or not let_go.holds(seal):
            found.append(Fault("row_missing", seq, event))
    elif row_hash(row) != seal["row_hash"]:
        found.append(Fault("row_changed", seq, event))
    return found


def faults_of_time(seal: Mapping[str, Any], last: Head | None, now: datetime) -> list[Fault]:
    """Whether a seal was made in the future or before the seal `last`: its time says from when on its row may go."""
    earliest = datetime.fromisoformat(last.at) - LATE_BY if last else seal["sealed_at"]
    fits = earliest <= seal["sealed_at"] <= now + LATE_BY
    return [] if fits else [Fault("seal_misdated", seal["seq"], str(seal["event_id"]))]


_YEARS = range(1900, 3000)


def is_sought(day: date) -> bool:
    """Whether it makes sense to look for this day: the ends of the calendar cannot be told in every zone."""
    return day.year in _YEARS


def words_of(text: str) -> list[str]:
    """The words of a text as they are kept and sought: without case and width, cut at anything that is no letter and
    no digit."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return list(dict.fromkeys(word[:LONGEST_WORD] for word in _WORD.findall(plain)))


def words_of_row(row: Mapping[str, Any]) -> list[str]:
    """The words by which a row is found: who, from where, and what the thing is called."""
    known = {**(row["before"] or {}), **(row["after"] or {})}
    told = [row["actor_label"], row["address"] or "", row["subject_id"]]
    named = [str(known[name]) for name in _NAMING if isinstance(known.get(name), str)]
    earlier = [str(value) for name in _NAMING if isinstance(value := (row["before"] or {}).get(name), str)]
    return words_of(" ".join([*told, *named, *earlier]))[:MOST_WORDS]


_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(value: str) -> str:
    """A text as a cell of a table: one that a spreadsheet would run as a formula begins with an apostrophe."""
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value
