"""Texts in several languages: which one to show, and what any text from outside must look like."""

from __future__ import annotations

import unicodedata
from typing import Literal

from babel import Locale, UnknownLocaleError

from app.kernel.locales import fallback_chain
from app.surveys.design.definition import Texts


def pick(texts: Texts, locale: str | None, default_locale: str) -> tuple[str, str]:
    """Choose the text for a reader: (text, the locale it is in), for the `lang` attribute of what is shown.

    Both locales are normalised. Raises KeyError when even the default is missing, which the grammar refuses.
    """
    for candidate in fallback_chain(locale, default_locale):
        if candidate in texts:
            return texts[candidate], candidate
    raise KeyError(default_locale)


def direction(locale: str) -> Literal["ltr", "rtl"]:
    """The direction in which this locale is written; left to right for one that nobody knows."""
    try:
        is_leftwards = Locale.parse(locale, sep="-").text_direction == "rtl"
    except (UnknownLocaleError, ValueError):
        return "ltr"
    return "rtl" if is_leftwards else "ltr"


def normalise_text(text: str) -> str:
    """Bring a text into its one stored form: Unicode NFC, lines ended by a line feed. Raises ValueError.

    What no database column and no UTF-8 answer can hold is refused: the NUL character and lone surrogates.
    """
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("This text contains characters that cannot be stored.")
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def is_blank(text: str) -> bool:
    """Whether nothing can be read in this text: only spaces, control and invisible formatting characters."""
    return all(unicodedata.category(character) in _INVISIBLE for character in text)


_INVISIBLE = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
