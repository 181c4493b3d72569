"""The built files: named by content, packed, small enough, and missed with a remedy."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from app.web import assets

KB = 1024


def _packed(name: str) -> bytes:
    return (assets.STATIC_ROOT / f"{Path(assets.asset(name)).name}.gz").read_bytes()


@pytest.mark.parametrize("name", ["app.css", "app.js", "respond.css", "respond.js", "icons.svg", "favicon.svg"])
def test_each_file_stands_under_its_hash_with_a_packed_copy(name: str) -> None:
    address = assets.asset(name)
    assert address.startswith("/static/") and re.search(assets.IMMUTABLE, address)
    assert gzip.decompress(_packed(name)).decode() == assets.inline_asset(name)


@pytest.mark.parametrize(
    ("name", "limit"), [("respond.css", 4 * KB), ("respond.js", 5 * KB - 1), ("app.css", 20 * KB), ("app.js", 20 * KB)]
)
def test_the_files_are_small_enough(name: str, limit: int) -> None:
    assert len(_packed(name)) <= limit


def test_a_file_that_is_not_built_is_named() -> None:
    with pytest.raises(assets.AssetsNotBuilt, match="nowhere"):
        assets.asset("nowhere.js")


def test_a_front_end_that_is_not_built_names_the_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(assets, "STATIC_ROOT", tmp_path)
    assets._manifest.cache_clear()
    with pytest.raises(assets.AssetsNotBuilt, match="npm run build"):
        assets.asset("app.css")
    assets._manifest.cache_clear()
