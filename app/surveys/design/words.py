"""What kinds, question types, operators, findings, changes and faults are called on pages."""

from __future__ import annotations

import re

from babel import Locale, UnknownLocaleError
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.surveys.design.changes import Change
from app.surveys.design.definition import Question
from app.surveys.design.linter import Finding

KIND_WORDS = {
    "transactional": _l("After an interaction"),
    "relationship": _l("About the whole relationship"),
    "follow_up": _l("After a case was closed"),
    "internal": _l("Inside the house"),
}

TYPE_WORDS = {
    "nps": _l("Recommendation, 0 to 10"),
    "csat": _l("Satisfaction, 1 to 5"),
    "ces": _l("Effort, 1 to 7"),
    "emotion": _l("Feelings, up to three"),
    "expectation": _l("Expected and got, 1 to 7 each"),
    "choice": _l("Choice of one answer"),
    "multiple": _l("Choice of several answers"),
    "text": _l("Open answer"),
    "number": _l("Number"),
    "date": _l("Date"),
}

OPERATOR_WORDS = {
    "<=": _l("is at most"),
    ">=": _l("is at least"),
    "==": _l("is"),
    "!=": _l("is not"),
    "has": _l("has among its answers"),
    "answered": _l("is answered"),
}

PAIR_WORDS = {"expected": _l("expected"), "perceived": _l("got")}

STARTER_WORDS = {
    "nps": (_l("Would they recommend you?"), _l("NPS from 0 to 10, and why.")),
    "csat": (_l("Were they satisfied?"), _l("CSAT from 1 to 5, and why.")),
    "ces": (_l("Was it easy?"), _l("CES from 1 to 7 after a service, and why.")),
    "emotion": (_l("How did they feel?"), _l("Up to three of twenty feelings, and why.")),
    "expectation": (_l("Was it as expected?"), _l("What they expected and what they got, and why.")),
    "follow_up": (_l("Is the case solved?"), _l("Sent after a case was closed; “no” opens it again.")),
}

PART_WORDS = {
    "title": _l("title"),
    "intro": _l("introduction"),
    "thanks": _l("thanks"),
    "default_locale": _l("default language"),
    "text": _l("wording"),
    "help": _l("help"),
    "required": _l("whether it must be answered"),
    "options": _l("answers"),
    "show_if": _l("when it is shown"),
    "score": _l("whether it scores"),
    "max_length": _l("longest answer"),
    "emotions": _l("feelings"),
    "min": _l("lowest answer"),
    "max": _l("highest answer"),
    "decimals": _l("decimals"),
    "unit": _l("unit"),
    "earliest": _l("earliest day"),
    "latest": _l("latest day"),
    "type": _l("type"),
}

LANGUAGES = (
    "en",
    "zh-Hans",
    "zh-Hant",
    "ja",
    "ko",
    "fr",
    "de",
    "es",
    "pt-BR",
    "pt-PT",
    "it",
    "nl",
    "pl",
    "ru",
    "uk",
    "tr",
    "ar",
    "he",
    "hi",
    "id",
    "vi",
    "th",
    "sv",
    "da",
    "nb",
    "fi",
    "cs",
    "el",
    "hu",
    "ro",
)
"""The languages that the page offers to add; by API any other is taken too."""


def language_name(code: str) -> str:
    """A language named in itself; the code where nobody has named it."""
    try:
        name = Locale.parse(code, sep="-").get_display_name()
    except (UnknownLocaleError, ValueError):
        return code
    return name[:1].upper() + name[1:] if name else code


def picks_in_words(question: Question) -> str | None:
    """How many answers to tick; None for a question that takes one."""
    least, most = question.least, question.most
    if question.type == "emotion":
        return _("Choose up to three.")
    if question.type != "multiple":
        return None
    if least and most:
        return (
            _("Choose %(count)s.", count=most)
            if least == most
            else _("Choose %(least)s to %(most)s.", least=least, most=most)
        )
    if most:
        return _("Choose up to %(most)s.", most=most)
    return _("Choose at least %(least)s.", least=least) if least else _("Choose all that apply.")


def finding_words(finding: Finding) -> str:
    """A finding of the linter for the one who writes the survey."""
    if finding.rule == "too_long":
        return _("Too long: customers give up. At most %(limit)s questions.", limit=finding.limit)
    if finding.rule == "long":
        return _("Rather long: with more than %(limit)s questions many customers give up.", limit=finding.limit)
    if finding.rule == "required_text":
        return _("Many customers leave when they must write something. Let them skip it.")
    if finding.rule == "effort_of_what":
        return _("Ask for effort after one interaction: over a whole relationship nobody knows which one is meant.")
    return _("Nothing asks why. Add an open question after the score.")


def change_words(change: Change, texts: dict[str, str]) -> str:
    """A change against the last version; `texts` are the wordings of questions by key."""
    subject = texts.get(change.subject, change.subject)
    if change.kind == "added":
        return _("New question: “%(question)s”", question=subject)
    if change.kind == "removed":
        return _("Removed: “%(question)s”", question=subject)
    if change.kind == "reordered":
        return _("The questions stand in another order.")
    if change.kind == "text":
        return _("Changed: %(part)s", part=PART_WORDS[change.subject])
    parts = ", ".join(str(PART_WORDS.get(field, field)) for field in change.fields)
    return _("“%(question)s” changed: %(parts)s", question=subject, parts=parts)


_FAULT_WORDS: tuple[tuple[str, LazyString], ...] = (
    (r"/show_if", _l("This condition does not fit: it names an earlier question and a value that question can have.")),
    (r"/options/\d+/key", _l("Two answers have the same key, or one that is no key.")),
    (r"/options/\d+/text", _l("Write each answer in the default language, with at most 200 characters.")),
    (r"/options$", _l("Offer at least two answers.")),
    (r"/emotions", _l("Offer at least two feelings, each once.")),
    (r"/(min|max)$", _l("Write numbers that some answer can meet, the lower one first.")),
    (r"/decimals$", _l("Write a whole number from 0 to 6.")),
    (r"/unit", _l("Write this in the default language, with at most 200 characters.")),
    (r"/(earliest|latest)$", _l("Write a day as 2026-01-31, or “today”, the earlier one first.")),
    (r"/key$", _l("A key has 1 to 64 of the characters a-z, 0-9, _ and -, and no other question has the same.")),
    (r"/score", _l("Only one question of this kind can score.")),
    (r"/title", _l("Write the title in the default language, with at most 200 characters.")),
    (r"/(text|help|intro|thanks)\b", _l("Write this in the default language, with at most 500 characters.")),
    (r"/definition/default_locale", _l("Choose a language in which every text is written.")),
    (r"/definition/questions$", _l("A survey has 1 to 50 questions.")),
    (r"^/name", _l("Write a name that can be read, of at most 200 characters.")),
    (r"^/(kind|anonymous)", _l("This is fixed since the first publication.")),
)


def fault_words(pointer: str, detail: str) -> str:
    """What a fault of a definition means to the one who writes it; the plain sentence for the rarest ones."""
    for pattern, words in _FAULT_WORDS:
        if re.search(pattern, pointer):
            return str(words)
    return detail
