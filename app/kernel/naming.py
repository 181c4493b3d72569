"""Names and keys: the one stored form of a name, a key made readable, and a key made from a name."""

from __future__ import annotations

import re
import unicodedata

from app.kernel.errors import Fault, Invalid

LONGEST_NAME = 200
LONGEST_KEY = 64
KEY_PATTERN = r"^[a-z0-9_-]{1,64}$"

_KEY = re.compile(r"[a-z0-9_-]{1,64}")
_LINK = re.compile(
    r"://|\bwww\."  # what any program takes for one
    r"|\w\.\w+(:\d+)?/",  # a host and a path: evil.example/prize
    re.IGNORECASE,
)
_HOST = re.compile(r"[\w-][^\W_]\.[^\W\d_]{2}")
"""A host alone: evil.example, but not St. Gallen, Acme Inc., J.P. Morgan or Web2.0."""
_WORD_JOINER = "\u2060"
_UNREADABLE = ("Z", "C")  # the first letter of the categories of spaces, controls and invisible marks


def checked_name(value: str, pointer: str = "/name") -> str:
    """`value` trimmed, in Unicode NFC and with single spaces. Raises Invalid for a name nobody could read."""
    text = unicodedata.normalize("NFC", " ".join(value.split()))
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise Invalid("The name is not acceptable.", [Fault(pointer, "A name has no control characters.")])
    if len(text) > LONGEST_NAME or all(unicodedata.category(character)[0] in _UNREADABLE for character in text):
        detail = f"A name has 1 to {LONGEST_NAME} characters that can be read."
        raise Invalid("The name is not acceptable.", [Fault(pointer, detail)])
    return text


def holds_web_address(name: str, *, may_be_host: bool = False) -> bool:
    """Whether a mail program would make a link of a part of this name, however the letters of it are written; a host
    alone is left out where it may be one."""
    plain = unicodedata.normalize("NFKC", name)
    return bool(_LINK.search(plain) or (not may_be_host and _HOST.search(plain)))


def unlinked(name: str) -> str:
    """The name as it reads, of which no mail program makes a link: there are companies that are called after a host."""
    return name.replace(".", "." + _WORD_JOINER)


def checked_name_for_letters(value: str, pointer: str = "/name", *, may_be_host: bool = False) -> str:
    """As `checked_name`, for what people call themselves in letters to others who never asked for one: it holds no
    link. Raises Invalid."""
    text = checked_name(value, pointer)
    if holds_web_address(text, may_be_host=may_be_host):
        raise Invalid("The name holds a web address.", [Fault(pointer, "A name holds no web address.")])
    return text


def is_key(value: str) -> bool:
    """Whether this can be a key."""
    return _KEY.fullmatch(value) is not None


def checked_key(value: str, pointer: str = "/key") -> str:
    """`value` when it can be a key. Raises Invalid."""
    if not is_key(value):
        detail = f"A key has 1 to {LONGEST_KEY} of the characters a-z, 0-9, _ and -."
        raise Invalid("The key is not acceptable.", [Fault(pointer, detail)])
    return value


def readable(key: str) -> str:
    """A key as a name for people: `home-delivery` is "Home delivery"."""
    words = key.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:] or key


def key_from(name: str, fallback: str, attempt: int = 1) -> str:
    """A key made from a name, or from `fallback` when nothing of the name can stand in a key.

    `attempt` 2 and up give the keys to try when the ones before are taken.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or fallback
    ending = "" if attempt == 1 else f"-{attempt}"
    return stem[: LONGEST_KEY - len(ending)].rstrip("-") + ending
