"""Conditions as sentences: "only when <question> <is at most> <value>", and what of JSONLogic reads as one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from app.surveys.design.definition import Question
from app.surveys.design.question_types import type_of

OPERATORS = ("<=", ">=", "==", "!=", "has", "answered")

_NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,6})?", re.ASCII)


@dataclass(frozen=True)
class Sentence:
    """One comparison; `value` is written as in a form, and empty for "is answered".

    `question` is a key, or `<key>.<part>` for one number of a pair; "has" asks what a list of picks holds.
    """

    question: str
    operator: str
    value: str = ""


def rule_of(sentence: Sentence, question: Question | None) -> dict[str, Any]:
    """The JSONLogic of a sentence about `question`. A value that does not fit is left for the grammar to refuse."""
    variable = {"var": sentence.question}
    if sentence.operator == "answered":
        return {"!=": [variable, None]}
    text = sentence.value.strip()
    value = _number(text) if _is_numeric(sentence, question) and _NUMBER.fullmatch(text) else text
    return {"in": [value, variable]} if sentence.operator == "has" else {sentence.operator: [variable, value]}


def key_of(sentence: Sentence) -> str:
    """The key of the question that a sentence is about."""
    return sentence.question.partition(".")[0]


def _is_numeric(sentence: Sentence, question: Question | None) -> bool:
    if question is None:
        return False
    return "." in sentence.question or type_of(question).kind == "number" or bool(question.emotions)


def _number(text: str) -> float:
    return float(text) if "." in text else int(text)


def sentence_of(rule: Any) -> Sentence | None:
    """The sentence that a condition spells, or None for one that needs more than a sentence."""
    if not isinstance(rule, dict) or len(rule) != 1:
        return None
    [(operator, arguments)] = rule.items()
    if not isinstance(arguments, list) or len(arguments) != 2:
        return None
    variable, value = reversed(arguments) if operator == "in" else arguments
    key = variable.get("var") if isinstance(variable, dict) and len(variable) == 1 else None
    if not isinstance(key, str):
        return None
    operator = {"===": "==", "!==": "!=", "in": "has"}.get(operator, operator)
    if value is None:
        return Sentence(key, "answered") if operator == "!=" else None
    if operator not in OPERATORS or isinstance(value, dict | list | bool):
        return None
    return Sentence(key, operator, str(value))
