"""The file of an export: a ZIP that is written from front to end, in parts, so that little of it is held in memory."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import IO, Any, cast

from sqlalchemy import Connection

from app.custody.exporting import contents, rules
from app.kernel import scope

Sink = Callable[[bytes], object]
Progress = Callable[[str, int], None]
"""Told the name of the file that is begun, or gone on with, and how many rows have been written in all."""
_TELL_EVERY = 5000


@dataclass(frozen=True)
class Listed:
    """One file as the manifest names it; `rows` is None where it is not made of lines."""

    name: str
    rows: int | None
    bytes: int
    sha256: str


class Parts:
    """Takes what the ZIP writes and hands it on in parts of at most PART_BYTES."""

    def __init__(self, sink: Sink) -> None:
        self._sink, self._held = sink, bytearray()

    def write(self, piece: bytes) -> int:
        """Take a piece."""
        self._held += piece
        while len(self._held) >= rules.PART_BYTES:
            self._sink(bytes(self._held[: rules.PART_BYTES]))
            del self._held[: rules.PART_BYTES]
        return len(piece)

    def flush(self) -> None:
        """What is less than a part waits for the end."""

    def end(self) -> None:
        """Hand on what is left."""
        if self._held:
            self._sink(bytes(self._held))
            self._held.clear()


def write(connection: Connection, sink: Sink, tell: Progress = lambda _name, _rows: None) -> int:
    """Write everything that the tenant of the scope has, as this connection's snapshot sees it; returns the rows."""
    parts, listed, rows = Parts(sink), list[Listed](), 0
    moment = datetime.now(UTC)
    with zipfile.ZipFile(cast("IO[bytes]", parts), "w", zipfile.ZIP_DEFLATED) as archive:
        organisation = next(contents.rows_of(connection, contents.kinds()[0]))
        _add(
            archive,
            "README.txt",
            rules.README.format(name=organisation["name"], moment=moment.isoformat("T", "seconds")),
        )
        for kind in contents.kinds():
            counter = _Counter(kind.name, rows, tell)
            listed.append(_write_lines(archive, _lines(contents.rows_of(connection, kind)), counter))
            rows = counter.rows
        for name, content in contents.files(connection):
            archive.writestr(name, content)
            listed.append(Listed(name, None, len(content), hashlib.sha256(content).hexdigest()))
        _add(
            archive, "manifest.json", json.dumps(_manifest(organisation, moment, listed), indent=2, ensure_ascii=False)
        )
    parts.end()
    return rows


def _add(archive: zipfile.ZipFile, name: str, text: str) -> None:
    archive.writestr(name, text.encode())


def _lines(rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    for row in rows:
        yield (json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


@dataclass
class _Counter:
    """The rows written in all up to now, and who is told of them."""

    kind: str
    rows: int
    tell: Progress

    def begin(self) -> None:
        self.tell(self.kind, self.rows)

    def count(self) -> None:
        self.rows += 1
        if self.rows % _TELL_EVERY == 0:
            self.tell(self.kind, self.rows)


def _write_lines(archive: zipfile.ZipFile, lines: Iterator[bytes], counter: _Counter) -> Listed:
    digest, size, before = hashlib.sha256(), 0, counter.rows
    name = f"data/{counter.kind}.jsonl"
    counter.begin()
    with archive.open(name, "w", force_zip64=True) as file:
        for line in lines:
            file.write(line)
            digest.update(line)
            size += len(line)
            counter.count()
    return Listed(name, counter.rows - before, size, digest.hexdigest())


def _manifest(organisation: dict[str, Any], moment: datetime, listed: list[Listed]) -> dict[str, Any]:
    return {
        "format": rules.FORMAT,
        "version": rules.VERSION,
        "tenant": {"id": str(scope.tenant_id()), "slug": organisation["slug"], "name": organisation["name"]},
        "made_at": moment.isoformat(),
        "files": [asdict(one) for one in listed],
        "left_out": {"tables": rules.LEFT_OUT, "columns": rules.SECRETS},
    }
