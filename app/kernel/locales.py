"""Locales: one spelling for each language tag (BCP 47), and the order in which texts fall back."""

from __future__ import annotations

import re

from babel import Locale, UnknownLocaleError

MAX_LENGTH = 35

# Chinese is told apart by script: the region of a machine says which one its owner reads.
_ALIASES = {
    "zh-CN": "zh-Hans",
    "zh-SG": "zh-Hans",
    "zh-TW": "zh-Hant",
    "zh-HK": "zh-Hant",
    "zh-MO": "zh-Hant",
}

_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})"
    r"(?:-(?P<script>[a-z]{4}))?"
    r"(?:-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?P<rest>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?)",
    re.IGNORECASE | re.ASCII,
)


PATTERN = (
    "^[A-Za-z]{2,3}((-|_)[A-Za-z]{4})?((-|_)([A-Za-z]{2}|[0-9]{3}))?"
    "((-|_)([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*((-|_)[A-WYZa-wyz0-9]{1}((-|_)[A-Za-z0-9]{2,8})+)*"
    "((-|_)(X|x)((-|_)[A-Za-z0-9]{1,8})+)?$"
)
"""What `normalise` takes, for descriptions of what is taken."""


def normalise(tag: str) -> str:
    """Return the one spelling of a BCP 47 tag: `pt_br` is `pt-BR`, `zh-TW` is `zh-Hant`.

    Raises ValueError for what is no language tag, or too long for one.
    """
    match = _TAG.fullmatch(tag.replace("_", "-")) if len(tag) <= MAX_LENGTH else None
    if match is None:
        raise ValueError("This is not a language tag such as en, pt-BR or zh-Hans.")
    parts = [match["language"].lower()]
    if match["script"]:
        parts.append(match["script"].title())
    if match["region"]:
        parts.append(match["region"].upper())
    known = "-".join(parts)
    spelt = _ALIASES.get(known, known) + match["rest"].lower()
    if len(spelt) > MAX_LENGTH:
        raise ValueError(f"A language tag has at most {MAX_LENGTH} characters.")
    return spelt


def fallback_chain(locale: str | None, default: str) -> tuple[str, ...]:
    """List the locales to look in: the exact one, its shorter forms down to the language, then `default`."""
    chain: list[str] = []
    if locale:
        parts = locale.split("-")
        chain = ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]
    return tuple(dict.fromkeys([*chain, default]))


def babel_locale(*wanted: str | None) -> Locale:
    """The first of these tags that dates and numbers are known for, else English; plain English writes day first."""
    for tag in wanted:
        try:
            return Locale.parse("en-GB" if tag == "en" else tag or "", sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en", "GB")
