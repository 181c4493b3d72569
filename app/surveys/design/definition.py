"""What a survey is once it has been read: frozen values with no faults left in them. `grammar` makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Texts = Mapping[str, str]
"""One text in several languages: normalised locale -> text."""


@dataclass(frozen=True)
class Option:
    """One of the answers that a choice offers."""

    key: str
    text: Texts


@dataclass(frozen=True)
class Question:
    """One question. `show_if` is as the author wrote it, `condition` the same as it is evaluated."""

    key: str
    type: str
    text: Texts
    help: Texts | None = None
    is_required: bool = False
    is_scoring: bool = False
    options: tuple[Option, ...] = ()
    max_length: int | None = None
    show_if: Mapping[str, Any] | None = None
    condition: Mapping[str, Any] | None = None

    def find_option(self, key: str) -> Option | None:
        """The option with this key."""
        return next((option for option in self.options if option.key == key), None)


@dataclass(frozen=True)
class Survey:
    """A whole survey: its questions in the order in which they are asked."""

    title: Texts
    default_locale: str
    questions: tuple[Question, ...]
    intro: Texts | None = None
    thanks: Texts | None = None

    def find_question(self, key: str) -> Question | None:
        """The question with this key."""
        return next((question for question in self.questions if question.key == key), None)

    @property
    def locales(self) -> tuple[str, ...]:
        """The languages the survey is offered in: those of its title, the default one first."""
        others = sorted(locale for locale in self.title if locale != self.default_locale)
        return (self.default_locale, *others)


@dataclass(frozen=True)
class Answer:
    """An answer as it is stored: a number or a text, never both and never neither."""

    number: float | None = None
    text: str | None = None

    def __post_init__(self) -> None:
        if (self.number is None) == (self.text is None):
            raise ValueError("An answer is either a number or a text.")

    @property
    def value(self) -> float | str:
        """The answer as JSON shows it."""
        if self.number is not None:
            return self.number
        assert self.text is not None
        return self.text
