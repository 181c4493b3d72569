"""Identifiers, names, attributes and time zones: what is taken, in which form, and what is refused."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.customers.rules import (
    MAX_ATTRIBUTES,
    check_attributes,
    check_timezone,
    normalise_identifier,
    normalise_name,
)
from tests import hostile


def key(type_: str, value: str, region: str | None = None) -> str:
    return normalise_identifier(type_, value, region).value_key


@pytest.mark.parametrize(
    ("value", "shown", "value_key"),
    [
        ("ana@example.com", "ana@example.com", "ana@example.com"),
        (" Ana.B+x@EXAMPLE.com ", "Ana.B+x@example.com", "ana.b+x@example.com"),
        ("bob@acme.test", "bob@acme.test", "bob@acme.test"),
        ("Ana@Bücher.example", "Ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("ana@xn--bcher-kva.example", "ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("用户@例子.广告", "用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v"),
        ("ana＠example。com", "ana@example.com", "ana@example.com"),
        ("ａｎａ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ana@example.com", "ana@example.com"),
        ("RENE\u0301@example.com", "RENÉ@example.com", "rené@example.com"),
    ],
)
def test_an_email_address_has_one_key(value: str, shown: str, value_key: str) -> None:
    assert normalise_identifier("email", value) == (shown, value_key)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "ana",
        "ana@",
        "@example.com",
        "ana@localhost",
        "ana@test",
        "a@b@example.com",
        "Ana <ana@example.com>",
        "ana@example..com",
    ]
    + ["ana@exam ple.com", "ana@[127.0.0.1]", '"ana"@example.com', "ana\x00@example.com", "ana\n@example.com"]
    + ["ana@example.com\r\nBcc: bob@example.com", "\ud800@example.com", "a" * 65 + "@example.com", "ana@" + "a" * 300],
)
def test_what_is_no_email_address(value: str) -> None:
    with pytest.raises(ValueError, match="not an email address"):
        normalise_identifier("email", value)


@pytest.mark.parametrize(
    ("value", "region", "expected"),
    [
        ("+86 138 0013 8000", None, "+8613800138000"),
        ("＋８６１３８００１３８０００", None, "+8613800138000"),
        ("+55 (11) 91234-5678", None, "+5511912345678"),
        ("138 0013 8000", "CN", "+8613800138000"),
        ("+55 11 91234-5678", "CN", "+5511912345678"),
        ("(212) 555-1234", "US", "+12125551234"),
        ("+1 212-555-1234 ext. 5", None, "+12125551234;ext=5"),
        ("+12125551234;ext=5", None, "+12125551234;ext=5"),
        ("+1 555 010 0100", None, "+15550100100"),
    ],
)
def test_a_phone_number_is_kept_as_e164(value: str, region: str | None, expected: str) -> None:
    assert normalise_identifier("phone", value, region) == (expected, expected)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "+",
        "+1",
        "+1 2",
        "138 0013 8000",
        "+999 123456789",
        "call me +12125551234",
        "+1 800 FLOWERS",
        "+1" + "2" * 30,
    ]
    + ["tel:+1-212-555-1234", "+1 212 555 1234; DROP TABLE", "+1 212\n555 1234", "+1 212 555\x001234", "+٨٦١٣٨"],
)
def test_what_is_no_phone_number(value: str) -> None:
    with pytest.raises(ValueError, match=r"phone number"):
        normalise_identifier("phone", value)


@pytest.mark.parametrize("region", ["", "XX", "cn", "CHN", "+86"])
def test_an_unknown_region_is_named(region: str) -> None:
    with pytest.raises(ValueError, match="region"):
        normalise_identifier("phone", "13800138000", region)


def test_an_external_id_is_trimmed_and_found_in_any_capitals() -> None:
    assert normalise_identifier("external", " KD-4711\u3000") == ("KD-4711", "kd-4711")
    assert key("external", "ＫＤ-４７１１") == key("external", "kd-4711")
    assert key("external", "e\u0301") == key("external", "É")


@pytest.mark.parametrize("value", ["", "  ", "a\x00", "a\nb", "\ud800", "x" * 201])
def test_what_is_no_external_id(value: str) -> None:
    with pytest.raises(ValueError, match="external id"):
        normalise_identifier("external", value)


def test_every_wide_character_has_its_narrow_one() -> None:
    narrow = "".join(map(chr, range(0x21, 0x7F)))
    wide = "".join(chr(ord(character) + 0xFEE0) for character in narrow)
    assert key("external", f"a\u3000{wide}") == key("external", f"a {narrow}")
    # Their neighbours in Unicode are characters of their own.
    assert key("external", "\uff5f\uff00a") == "\uff5f\uff00a"


def test_other_types_are_refused() -> None:
    with pytest.raises(ValueError, match="email, phone or external"):
        normalise_identifier("fax", "1")


@pytest.mark.parametrize("type_", ["email", "phone", "external"])
def test_hostile_strings_are_normalised_or_refused(type_: str) -> None:
    for value in hostile.strings():
        for region in (None, "CN"):
            try:
                shown, value_key = normalise_identifier(type_, value, region)
            except ValueError as error:
                assert str(error).encode(), value
                continue
            assert normalise_identifier(type_, shown, region).value_key == value_key, value
            assert value_key.encode(), value
            assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in shown + value_key), value


@given(st.sampled_from(["email", "phone", "external"]), st.text(max_size=60) | st.emails())
def test_a_key_is_stable(type_: str, value: str) -> None:
    try:
        shown, value_key = normalise_identifier(type_, value)
    except ValueError:
        return
    assert normalise_identifier(type_, shown) == (shown, value_key)
    assert key(type_, value_key) == value_key


def test_addresses_that_a_library_calls_wrong_are_refused() -> None:
    for group in hostile.sample("hostile_email_phone/email_and_url_addresses.json", {}).values():
        for value, _ in group["invalid"]:
            # What we take on purpose: addresses with a space or a line end around them, and domains under .test.
            if value == value.strip() and not value.endswith(".test"):
                with pytest.raises(ValueError):
                    normalise_identifier("email", value)


def test_the_example_numbers_of_every_country() -> None:
    sample = hostile.sample("hostile_email_phone/phone_numbers_by_region.json", [])
    for number in (number for number in sample if number["valid"]):
        assert key("phone", number["e164"]) == number["e164"]
        assert key("phone", number["international"]) == number["e164"]
        assert key("phone", number["national"], number["region"]) == number["e164"]


def test_a_name_is_trimmed_and_kept_in_nfc() -> None:
    assert normalise_name("  Rene\u0301 ") == "René"
    assert normalise_name("'\"><script>") == "'\"><script>"
    assert normalise_name("李女士") == "李女士"
    assert normalise_name("x" * 200)


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\x00b", "a\nb", "\x1b[31m", "\ud800"])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(ValueError, match="A name has"):
        normalise_name(name)


def test_attributes_are_flat_and_small() -> None:
    attributes: dict[str, Any] = {"category": "Cafe\u0301", "late_days": 3, "share": 0.5, "is_gift": False, "a.b-c": ""}
    assert check_attributes(attributes) == {**attributes, "category": "Café"}
    assert check_attributes({}) == {}
    most = {"text": "x" * 500, "number": 2**53, "negative": -(2**53)}
    assert check_attributes(most) == most
    assert len(check_attributes({f"k{n}": n for n in range(MAX_ATTRIBUTES)})) == 50


@pytest.mark.parametrize(
    "attributes",
    [
        {f"k{n}": n for n in range(51)},
        {"": 1},
        {"a b": 1},
        {"a" * 65: 1},
        {"ключ": 1},
        {"a\n": 1},
        {"a": None},
        {"a": []},
        {"a": {"b": 1}},
        {"a": "x" * 501},
        {"a": "x\x00"},
        {"a": "\ud800"},
        {"a": float("nan")},
        {"a": float("inf")},
        {"a": 2**53 + 1},
    ],
)
def test_what_are_no_attributes(attributes: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        check_attributes(attributes)


@pytest.mark.parametrize("name", ["America/Sao_Paulo", "Asia/Shanghai", "UTC", "Europe/Berlin"])
def test_a_time_zone(name: str) -> None:
    assert check_timezone(name) == name


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "asia/shanghai", "../../etc/passwd", "UTC+8", "localtime", "\x00"]
)
def test_what_is_no_time_zone(name: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        check_timezone(name)
