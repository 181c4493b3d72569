"""What makes a password too easy to guess: few characters, runs, well-known words, and what everybody knows of them.

Length is what counts, and no kinds of characters are asked for. A password is refused when little is left of it once
all that a guesser tries first is taken out (NIST SP 800-63B, 5.1.1.2: common, repetitive, sequential, of the context).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.tenants.rules import password_fault

FEWEST_CHARACTERS = 5
"""Different ones that a password needs."""
LEAST_LEFT = 7
"""Characters that have to be left once the guessable parts are taken out."""

COMMON = (
    "password", "passwort", "passw0rd", "motdepasse", "contrasena", "senha", "mima", "woaini", "letmein", "welcome",
    "willkommen", "bienvenue", "iloveyou", "trustno", "monkey", "dragon", "football", "baseball", "soccer", "master",
    "shadow", "superman", "batman", "sunshine", "princess", "starwars", "pokemon", "whatever", "freedom", "computer",
    "internet", "samsung", "google", "changeme", "default", "secret", "login", "admin", "administrator", "root",
    "user", "guest", "test", "testing", "hello", "summer", "winter", "spring", "autumn", "january", "february",
    "april", "august", "september", "october", "november", "december", "monday", "friday", "sunday", "qwerty",
    "qwertz", "azerty", "asdf", "zxcv", "abcd", "heed", "survey", "feedback",
)  # fmt: skip
_RUNS = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn",
    "qazwsxedcrfvtgbyhnujm", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "123qweasdzxc", "zxcasdqwe123",
)  # fmt: skip
_RUN = 4
_LOOKALIKES = str.maketrans("@430$5!17", "aaeossilt")


def fault_of(password: str, context: Iterable[str]) -> str | None:
    """Why this cannot be somebody's password, or None: its length, or that a guesser comes to it soon."""
    return password_fault(password) or ("is easy to guess" if is_guessable(password, context) else None)


def is_guessable(password: str, context: Iterable[str] = ()) -> bool:
    """Whether a guesser comes to this soon; `context` is what is known of its owner (address, name, organisation)."""
    plain = password.casefold()
    if len(set(plain)) < FEWEST_CHARACTERS:
        return True
    words = {word for text in context for word in re.split(r"[\W_]+", text.casefold()) if len(word) >= 3}
    left = min((_without(text, words | set(COMMON)) for text in (plain, plain.translate(_LOOKALIKES))), key=len)
    return len(_without_repeats(_without_runs(left))) < LEAST_LEFT


def _without(text: str, words: Iterable[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "")
    return text


def _without_runs(text: str) -> str:
    """`text` with each run of neighbours (in the alphabet, in numbers, on the keyboard) cut down to one character."""
    found, at = [], 0
    while at < len(text):
        length = _run_at(text, at)
        found.append(text[at])
        at += length if length >= _RUN else 1
    return "".join(found)


def _run_at(text: str, at: int) -> int:
    longest = 1
    for row in _RUNS:
        for line in (row, row[::-1]):
            start, length = line.find(text[at]), 0
            while start >= 0 and text[at : at + length + 1] == line[start : start + length + 1]:
                length += 1
                if at + length >= len(text) or start + length >= len(line):
                    break
            longest = max(longest, length)
    return longest


def _without_repeats(text: str) -> str:
    """`text` with what is said several times on end said once."""
    return re.sub(r"(.{1,64}?)\1+", r"\1", text)
