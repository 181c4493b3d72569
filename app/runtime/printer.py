"""The child process that turns HTML into a PDF: HTML on standard input, the PDF on standard output. Run as a file.

It knows nothing of Heed: no settings, no secrets, no database. It limits itself before it reads a byte, fetches
nothing but `data:` addresses, and ends with NOT_INSTALLED and one line per missing package when a library or a font is
not there. `find_missing` is also what `heed doctor` asks.
"""

from __future__ import annotations

import ctypes
import sys

NOT_INSTALLED = 3
MOST_MEMORY = 1536 * 2**20
MOST_CPU_SECONDS = 40

LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
"""What the printing library loads, and the Debian package that brings it."""

FONTS = {"zh-cn": "fonts-noto-cjk"}
"""Languages that no other font draws: without one the paper would show boxes and nobody would be told."""


def find_missing() -> list[str]:
    """The packages that printing needs and that are not installed, by their Debian names."""
    missing = [package for library, package in LIBRARIES.items() if not _loads(library)]
    return missing or [package for language, package in FONTS.items() if not _has_font(language)]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _has_font(language: str) -> bool:
    """Whether any installed font says that it draws this language."""
    try:
        fontconfig = ctypes.CDLL("libfontconfig.so.1")
    except OSError:
        return False
    for name in ("FcNameParse", "FcObjectSetCreate", "FcFontList"):
        getattr(fontconfig, name).restype = ctypes.c_void_p
    pattern = ctypes.c_void_p(fontconfig.FcNameParse(f":lang={language}".encode()))
    found = fontconfig.FcFontList(None, pattern, ctypes.c_void_p(fontconfig.FcObjectSetCreate()))
    # The set that is returned begins with the number of its fonts.
    return bool(found) and ctypes.cast(found, ctypes.POINTER(ctypes.c_int)).contents.value > 0


def _limit() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _print(html: str) -> bytes:
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    fetcher = URLFetcher(allowed_protocols={"data"}, timeout=1)
    made = HTML(string=html, url_fetcher=fetcher).write_pdf(pdf_variant="pdf/ua-1")
    assert isinstance(made, bytes)
    return made


def main() -> int:
    """Print what standard input holds."""
    _limit()
    if missing := find_missing():
        sys.stderr.write("\n".join(missing))
        return NOT_INSTALLED
    made = _print(sys.stdin.buffer.read().decode("utf-8"))
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
