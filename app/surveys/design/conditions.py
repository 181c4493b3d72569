"""Conditions as sentences: "only when <question> <is at most> <value>", and what of JSONLogic reads as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.surveys.design.definition import Question
from app.surveys.design.question_types import type_of

OPERATORS = ("<=", ">=", "==", "!=", "answered")


@dataclass(frozen=True)
class Sentence:
    """One comparison; `value` is written as in a form, and empty for "is answered"."""

    question: str
    operator: str
    value: str = ""


def rule_of(sentence: Sentence, question: Question | None) -> dict[str, Any]:
    """The JSONLogic of a sentence about `question`. A value that does not fit is left for the grammar to refuse."""
    variable = {"var": sentence.question}
    if sentence.operator == "answered":
        return {"!=": [variable, None]}
    is_number = question is not None and type_of(question).kind == "number"
    text = sentence.value.strip()
    value = int(text) if is_number and text.isascii() and text.isdigit() and len(text) < 10 else text
    return {sentence.operator: [variable, value]}


def sentence_of(rule: Any) -> Sentence | None:
    """The sentence that a condition spells, or None for one that needs more than a sentence."""
    if not isinstance(rule, dict) or len(rule) != 1:
        return None
    [(operator, arguments)] = rule.items()
    if not isinstance(arguments, list) or len(arguments) != 2 or not isinstance(arguments[0], dict):
        return None
    variable, value = arguments
    key = variable.get("var")
    if not isinstance(key, str) or len(variable) != 1:
        return None
    operator = {"===": "==", "!==": "!="}.get(operator, operator)
    if value is None:
        return Sentence(key, "answered") if operator == "!=" else None
    if operator not in OPERATORS or isinstance(value, dict | list | bool | float):
        return None
    return Sentence(key, operator, str(value))
