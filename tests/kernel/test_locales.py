"""Locales: one spelling for each tag, and the order of fall-back."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.locales import MAX_LENGTH, PATTERN, fallback_chain, normalise


@pytest.mark.parametrize(
    ("given_tag", "expected"),
    [
        ("en", "en"),
        ("EN", "en"),
        ("pt_BR", "pt-BR"),
        ("PT-br", "pt-BR"),
        ("zh-CN", "zh-Hans"),
        ("zh_cn", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh_HK", "zh-Hant"),
        ("ZH-hans", "zh-Hans"),
        ("zh-Hans-CN", "zh-Hans-CN"),
        ("es-419", "es-419"),
        ("sr_latn_rs", "sr-Latn-RS"),
        ("de-CH-1996", "de-CH-1996"),
        ("sl-rozaj-biske", "sl-rozaj-biske"),
        ("en-US-u-HC-h12", "en-US-u-hc-h12"),
        ("en-x-Brand", "en-x-brand"),
        ("yue", "yue"),
    ],
)
def test_one_spelling(given_tag: str, expected: str) -> None:
    assert normalise(given_tag) == expected


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        " ",
        "e",
        "en ",
        "en-",
        "-en",
        "en--US",
        "english language",
        "english",
        "klingon-speaker",
        "en_US.UTF-8",
        "x-private",
        "12",
        "中文",
        "en-US-u",
    ]
    + ["en\n", "en\x00", "٣", "ｅｎ", "en-" + "abcdefgh-" * 4, "../en", "<b>", "\ud800"],
)
def test_nonsense_is_refused(nonsense: str) -> None:
    with pytest.raises(ValueError):
        normalise(nonsense)


@given(st.text(alphabet="abzhCNTWx-_019", max_size=40))
def test_a_spelling_is_stable_and_short(text: str) -> None:
    try:
        once = normalise(text)
    except ValueError:
        return
    assert normalise(once) == once
    assert len(once) <= MAX_LENGTH


@pytest.mark.parametrize(
    ("locale", "default", "chain"),
    [
        ("pt-BR", "en", ("pt-BR", "pt", "en")),
        ("zh-Hans-CN", "en", ("zh-Hans-CN", "zh-Hans", "zh", "en")),
        ("en", "en", ("en",)),
        (None, "zh-Hans", ("zh-Hans",)),
    ],
)
def test_texts_fall_back_from_exact_to_language_to_default(
    locale: str | None, default: str, chain: tuple[str, ...]
) -> None:
    assert fallback_chain(locale, default) == chain


def test_a_tag_has_at_most_35_characters() -> None:
    assert normalise("en-" + "abcdefgh-" * 3 + "abcde") == "en-" + "abcdefgh-" * 3 + "abcde"
    assert normalise("zh-CN-" + "abcdefgh-" * 2 + "abcdefgh") == "zh-Hans-" + "abcdefgh-" * 2 + "abcdefgh"
    for too_long in ("en-" + "abcdefgh-" * 3 + "abcdef", "zh-CN-" + "abcdefgh-" * 2 + "abcde-fghij"):
        with pytest.raises(ValueError):
            normalise(too_long)


def test_the_pattern_takes_what_is_taken() -> None:
    """It stands in the API's document, so it is exact; lengths are said beside it."""
    tags = [
        "en",
        "pt_BR",
        "zh-Hans",
        "de-CH-1996",
        "sl-rozaj-biske",
        "en-u-ca-gregory",
        "x",
        "e",
        "en-",
        "en--US",
        "en US",
    ]
    tags += [
        "en-x-a",
        "en-x",
        "en-u",
        "en-1",
        "en-12",
        "en-123",
        "en-abc",
        "en-abcd-EF",
        "\u00e9n",
        "en\n",
        "EN-LATN-us",
    ]
    for tag in tags:
        try:
            normalise(tag)
            taken = True
        except ValueError:
            taken = False
        assert (re.search(PATTERN.replace("$", r"\Z"), tag) is not None) == taken, tag
