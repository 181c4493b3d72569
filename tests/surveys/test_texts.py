"""Texts: which language is shown, and the one form in which texts are kept."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.surveys.design.texts import is_blank, normalise_text, pick

TEXTS = {"en": "Hello", "pt": "Olá", "pt-BR": "Oi", "zh-Hans": "您好"}


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("pt-BR", ("Oi", "pt-BR")),
        ("pt-PT", ("Olá", "pt")),
        ("zh-Hans-SG", ("您好", "zh-Hans")),
        ("zh-Hant", ("Hello", "en")),
        (None, ("Hello", "en")),
    ],
)
def test_the_best_language_is_picked(locale: str | None, expected: tuple[str, str]) -> None:
    assert pick(TEXTS, locale, "en") == expected


def test_a_text_without_its_default_is_no_text() -> None:
    with pytest.raises(KeyError):
        pick({"pt": "Oi"}, "de", "en")


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "ok \udfff"])
def test_what_cannot_be_stored_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be stored"):
        normalise_text(text)


def test_line_ends_and_accents_have_one_form() -> None:
    assert normalise_text("a\r\nb\rc\n") == "a\nb\nc\n"
    assert normalise_text("e\u0301") == "é"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_a_stored_text_stays_as_it_is(text: str) -> None:
    stored = normalise_text(text)
    assert normalise_text(stored) == stored
    assert unicodedata.is_normalized("NFC", stored)
    stored.encode()


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\u3000", "\u200b\ufeff", "\u2060"])
def test_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", " 0 ", "。", "😀"])
def test_not_blank(text: str) -> None:
    assert not is_blank(text)
