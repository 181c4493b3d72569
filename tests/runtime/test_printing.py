"""PDFs come from a child that is limited, fetches nothing and knows no secret; when one cannot be made, it says why."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from pypdf import PdfReader

from app.kernel.errors import Unavailable
from app.runtime import printer, printing

PAGE = '<!doctype html><html lang="en"><head><title>A report</title>{head}</head><body>{body}</body></html>'


@pytest.fixture(autouse=True)
def words(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def _pdf(body: str, head: str = "") -> PdfReader:
    return PdfReader(io.BytesIO(printing.to_pdf(PAGE.format(head=head, body=body))))


def test_a_pdf_is_tagged_and_has_chinese_letters() -> None:
    reader = _pdf("<h1>Report</h1><p>配送员非常耐心 顺</p>")
    assert reader.metadata and reader.metadata.title == "A report"
    assert "/StructTreeRoot" in reader.trailer["/Root"] and reader.trailer["/Root"]["/Lang"] == "en"
    assert "配送员非常耐心" in reader.pages[0].extract_text()


def test_nothing_is_fetched(tmp_path: Path) -> None:
    asked: list[str] = []

    class Trap(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    secret = tmp_path / "secret.txt"
    secret.write_text("secretcanary")
    server = HTTPServer(("127.0.0.1", 0), Trap)
    Thread(target=server.serve_forever, daemon=True).start()
    there = f"http://127.0.0.1:{server.server_port}"
    reader = _pdf(
        f'<img src="{there}/img"><p>still here</p><object data="{there}/object"></object><iframe src="file://{secret}">'
        f'</iframe><img src="file://{secret}"><a rel="attachment" href="file://{secret}">x</a>'
        f'<svg><image href="{there}/svg"/><use href="{there}/use#a"/></svg>',
        f'<link rel="stylesheet" href="{there}/css"><link rel="attachment" href="file://{secret}">'
        f"<style>@import url({there}/import); "
        f" body {{background: url({there}/bg)}}</style>",
    )
    server.shutdown()
    assert asked == []
    assert "still here" in reader.pages[0].extract_text()
    assert reader.attachments == {}
    assert b"secretcanary" not in printing.to_pdf(PAGE.format(head="", body=f'<img src="file://{secret}">'))


def test_the_child_is_given_no_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen = tmp_path / "environment"
    monkeypatch.setenv("SECRET_KEY", "environmentcanary")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    spy = tmp_path / "printer.py"
    spy.write_text(
        f"import os, sys; open({str(seen)!r}, 'w').write(repr(dict(os.environ)) + repr(sys.path)); sys.exit(1)"
    )
    monkeypatch.setattr(printer, "__file__", str(spy))
    with pytest.raises(Unavailable):
        printing.to_pdf("x")
    assert "environmentcanary" not in seen.read_text() and f"'{tmp_path}'" not in seen.read_text()


def _child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str) -> None:
    child = tmp_path / "child.py"
    child.write_text(code)
    monkeypatch.setattr(printer, "__file__", str(child))


@pytest.mark.parametrize(
    "code",
    [
        "import sys; sys.exit(1)",
        "print('half a PDF')",
        "pass",
        "import os; os.kill(os.getpid(), 9)",
        "raise MemoryError",
    ],
)
def test_a_failure_is_words_and_never_a_broken_pdf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str) -> None:
    _child(monkeypatch, tmp_path, code)
    with pytest.raises(Unavailable, match="could not be made"):
        printing.to_pdf("x")


def test_a_child_that_takes_too_long_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    _child(monkeypatch, tmp_path, f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(600)")
    monkeypatch.setattr(printing, "MOST_SECONDS", 1.0)
    began = time.monotonic()
    with pytest.raises(Unavailable, match="too long"):
        printing.to_pdf("x")
    assert time.monotonic() - began < 60
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _child(monkeypatch, tmp_path, "import sys; sys.stderr.write('libpango-1.0-0\\nfonts-noto-cjk'); sys.exit(3)")
    with pytest.raises(Unavailable, match=r"libpango-1\.0-0, fonts-noto-cjk"):
        printing.to_pdf("x")


def test_a_machine_without_chinese_letters_is_told_which_package(tmp_path: Path) -> None:
    """The child itself, with a font configuration that holds no font at all."""
    nothing = tmp_path / "fonts.conf"
    nothing.write_text('<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig></fontconfig>')
    done = subprocess.run(
        [sys.executable, "-I", printer.__file__],
        input=b"<p>x",
        capture_output=True,
        env={"FONTCONFIG_FILE": str(nothing)},
    )
    assert (done.returncode, done.stdout) == (printer.NOT_INSTALLED, b"")
    assert done.stderr == b"fonts-noto-cjk"


def test_a_missing_library_is_told_by_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    assert printer.find_missing() == []
    monkeypatch.setitem(printer.LIBRARIES, "libnothing-of-this-name.so.9", "libnothing9")
    assert printer.find_missing() == ["libnothing9"]


def test_too_many_at_once_wait_and_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "_PATIENCE_SECONDS", 0.01)
    for _ in range(printing._MOST_AT_ONCE):
        assert printing._places.acquire(timeout=5)
    try:
        with pytest.raises(Unavailable, match="Too many PDFs"):
            printing.to_pdf("x")
    finally:
        for _ in range(printing._MOST_AT_ONCE):
            printing._places.release()


def test_the_child_limits_itself() -> None:
    code = (
        f"import runpy, resource; module = runpy.run_path({printer.__file__!r}); module['_limit']();"
        "print(resource.getrlimit(resource.RLIMIT_AS)[0], resource.getrlimit(resource.RLIMIT_CPU)[0],"
        " resource.getrlimit(resource.RLIMIT_FSIZE)[0])"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(printer.MOST_MEMORY), str(printer.MOST_CPU_SECONDS), "0"]
