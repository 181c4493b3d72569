"""Which addresses are sites, which origins stand on them, and which widgets are refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.surveys.answering.widget_rules import WidgetInput, is_listed, read_site, widget_faults

GOOD = {
    "https://www.example.com": "https://www.example.com",
    " HTTPS://WWW.Example.COM/ ": "https://www.example.com",
    "https://example.com:443": "https://example.com",
    "http://example.com:80": "http://example.com",
    "http://example.com:8080": "http://example.com:8080",
    "https://*.example.com": "https://*.example.com",
    "https://bücher.example": "https://xn--bcher-kva.example",
    "https://straße.example": "https://xn--strae-oqa.example",
    "https://例え.example": "https://xn--r8jz45g.example",
    "https://*.例え.example": "https://*.xn--r8jz45g.example",
    "http://localhost:3000": "http://localhost:3000",
    "http://192.168.0.10": "http://192.168.0.10",
}
BAD = [
    "",
    "null",
    "*",
    "https://*",
    "https://*.com",
    "https://*.127.0.0.1",
    "https://www.*.example.com",
    "https://*example.com",
    "example.com",
    "//example.com",
    "ftp://example.com",
    "javascript://example.com",
    "file:///etc",
    "https://example.com/path",
    "https://example.com?q",
    "https://example.com#a",
    "https://user@example.com",
    "https://user:pass@example.com",
    "https://example.com\\@evil.com",
    "https://example.com evil.com",
    "https://example.com\nhttps://evil.com",
    "https://example.com:0",
    "https://example.com:65536",
    "https://example.com:",
    "https://example..com",
    "https://-example.com",
    "https://exa_mple.com",
    "https://" + "a" * 64 + ".com",
    "https://2130706433",
    "https://0x7f000001",
    "https://0x7f.1",
    "https://127.1",
    "https://0177.0.0.1",
    "https://127.0.0.01",
    "https://256.0.0.1",
    "https://[::1]",
    "https://[::ffff:127.0.0.1]",
    "https://example.com\x00",
]

LISTED = (
    "https://good.example",
    "https://*.shop.example",
    "http://local.example:8080",
    "https://xn--bcher-kva.example",
)
ORIGINS = {
    "https://good.example": True,
    "https://a.shop.example": True,
    "https://a.b.shop.example": True,
    "http://local.example:8080": True,
    "https://xn--bcher-kva.example": True,
    "": False,
    "null": False,
    "http://good.example": False,
    "https://good.example:8443": False,
    "https://good.example:443": False,
    "https://good.example/": False,
    "https://GOOD.example": False,
    "https://good.example.": False,
    "https://good.example.evil.com": False,
    "https://evil-good.example": False,
    "https://www.good.example": False,
    "https://shop.example": False,
    "https://evilshop.example": False,
    "https://.shop.example": False,
    "http://a.shop.example": False,
    "https://a.shop.example:8443": False,
    "https://a.shop.example.evil.com": False,
    "https://evil.com/.shop.example": False,
    "https://evil.com#.shop.example": False,
    "https://evil.com?.shop.example": False,
    "https://evil.com@a.shop.example": False,
    "https://*.shop.example": False,
    "http://local.example": False,
    "https://bücher.example": False,
}  # fmt: skip


@pytest.mark.parametrize("typed", GOOD)
def test_a_site_has_one_spelling(typed: str) -> None:
    assert read_site(typed) == GOOD[typed]
    assert read_site(GOOD[typed]) == GOOD[typed]


@pytest.mark.parametrize("typed", BAD)
def test_what_is_no_site_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        read_site(typed)


@pytest.mark.parametrize("origin", ORIGINS)
def test_only_the_exact_origin_is_let_in(origin: str) -> None:
    assert is_listed(origin, LISTED) is ORIGINS[origin]


GIVEN = WidgetInput("Shop", "popover", ("https://shop.example",))
FAULTS = {
    "/kind": {"kind": "banner"},
    "/sites": {"sites": ()},
    "/sites/1": {"sites": ("https://a.example", "null")},
    "/paths": {"paths": ("shop",)},
    "/delay_seconds": {"delay_seconds": -1},
    "/scroll_percent": {"scroll_percent": 101},
    "/sample_percent": {"sample_percent": -1},
    "/again_after_days": {"again_after_days": 366},
}


def test_a_good_widget_has_no_faults() -> None:
    assert list(widget_faults(GIVEN)) == []
    assert list(widget_faults(replace(GIVEN, paths=("/", "/shop/*", "*.html"), again_after_days=0))) == []


@pytest.mark.parametrize("pointer", FAULTS)
def test_each_fault_has_its_place(pointer: str) -> None:
    assert [fault.pointer for fault in widget_faults(replace(GIVEN, **FAULTS[pointer]))] == [pointer]


@pytest.mark.parametrize("path", ["/a?b", "/a#b", "/a b", "/****", "/" + "a" * 200, "/a\n/b", ""])
def test_what_is_no_page_is_refused(path: str) -> None:
    assert [fault.pointer for fault in widget_faults(replace(GIVEN, paths=(path,)))] == ["/paths"]


def test_there_are_bounds() -> None:
    many = tuple(f"https://a{number}.example" for number in range(21))
    assert [fault.pointer for fault in widget_faults(replace(GIVEN, sites=many))] == ["/sites"]
    assert [fault.pointer for fault in widget_faults(replace(GIVEN, paths=("/a",) * 21))] == ["/paths"]
