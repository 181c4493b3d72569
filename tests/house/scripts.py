"""What must never be executed: texts with markup, template language, formulas and direction marks in them."""

from __future__ import annotations

SCRIPT = "'\"><script>alert(1)</script>"
FORMULA = "=cmd|' /C calc'!A0"
TEMPLATES = "q{{7*7}}q${7*7}q"
EVALUATED = "q49q"
TURNED = "\u202e"
LENGTH = 80


def payload(_family: str, number: int) -> str:
    """A text of 80 characters with all of them, and a number by which it is known: `s12s`."""
    text = f"{FORMULA}{SCRIPT}{TEMPLATES}{TURNED}一s{number}s"
    return text + "一" * (LENGTH - len(text))
