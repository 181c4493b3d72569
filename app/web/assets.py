"""The built styles and scripts: their addresses with a content hash, and their text for pages that carry it inline.

`npm run build` writes the files, a `.gz` beside each and `manifest.json` into STATIC_ROOT; the web server serves that
folder at STATIC_URL. A file whose address matches IMMUTABLE never changes and may be cached for ever.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

STATIC_ROOT = Path(__file__).parent / "static" / "build"
STATIC_URL = "/static/"
IMMUTABLE = r"\.[0-9a-f]{10}\.(css|js|svg)$"


class AssetsNotBuilt(Exception):
    """The front end has not been built; the text names the remedy."""


def asset(name: str) -> str:
    """The address of the built file `name`, such as "app.css". Raises AssetsNotBuilt."""
    return STATIC_URL + _built_name(name)


@cache
def inline_asset(name: str) -> str:
    """The text of the built file `name`, to stand in a `<style nonce>`. Raises AssetsNotBuilt."""
    return (STATIC_ROOT / _built_name(name)).read_text("utf-8")


def _built_name(name: str) -> str:
    try:
        return _manifest()[name]
    except KeyError:
        raise AssetsNotBuilt(f"{name} is not among the built files: run `npm run build`") from None


@cache
def _manifest() -> dict[str, str]:
    try:
        manifest: dict[str, str] = json.loads((STATIC_ROOT / "manifest.json").read_text("utf-8"))
    except FileNotFoundError:
        raise AssetsNotBuilt("the front end is not built: run `npm ci --ignore-scripts && npm run build`") from None
    return manifest
