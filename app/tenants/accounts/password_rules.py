"""What makes a password too easy to guess: few characters, well-known ones, and what everybody knows of its owner.

Length is what counts, and no kinds of characters are asked for. How soon a guesser comes to a password is judged by
zxcvbn, which knows the lists that guessers use, the keyboard, dates, repetitions and the usual replacements (NIST
SP 800-63B, 5.1.1.2: common, repetitive, sequential, of the context).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.tenants.rules import password_fault

LEAST_GUESSES = 8
"""The power of ten of the guesses that a password has to withstand: what nobody reaches through a sign-in page."""
LEAST_LEFT = 7
"""Characters that have to be left once what is known of its owner is taken out."""
_JUDGED = 48
"""So many characters are judged: the time grows with their cube, and what is good to here is good."""
_OURS = ("heed", "survey", "feedback", "contrasena", "senha", "mima", "woaini", "willkommen", "bienvenue", "umfrage")
"""Words that a guesser tries here before those of the lists, which are English for the most part."""


def fault_of(password: str, context: Iterable[str]) -> str | None:
    """Why this cannot be somebody's password, or None: its length, or that a guesser comes to it soon."""
    return password_fault(password) or ("is easy to guess" if is_guessable(password, context) else None)


def is_guessable(password: str, context: Iterable[str] = ()) -> bool:
    """Whether a guesser comes to this soon; `context` is what is known of its owner (address, name, organisation)."""
    words = {word for text in context for word in re.split(r"[\W_]+", text.casefold()) if len(word) >= 3}
    left = _without(password.casefold(), {*words, *_OURS})
    return len(left) < LEAST_LEFT or _guesses(password[:_JUDGED], [*words, *_OURS]) < LEAST_GUESSES


def _without(text: str, words: Iterable[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "")
    return re.sub(r"(.{1,64}?)\1+", r"\1", text)  # what is said several times on end is said once


def _guesses(password: str, words: list[str]) -> float:
    # Its lists take 15 MB: only a process that judges a password has them.
    from zxcvbn import zxcvbn

    return float(zxcvbn(password, user_inputs=words)["guesses_log10"])
