"""Conditions: the part of JSONLogic that `show_if` may use, its type check, and which questions are shown.

JSONLogic engines agree with each other only on well-typed rules, so a condition is checked against the types
of the questions it names when it is saved. What is evaluated, here and in the browser, is its `guarded` form:
ordering an unanswered question is then false in every engine (JSONLogic takes "nothing <= 6" for true).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from datalogic_py import DataLogicError, Engine

from app.kernel.errors import Fault
from app.surveys.design.definition import Answer, Question, Survey
from app.surveys.design.fields import escape
from app.surveys.design.question_types import type_of

MAX_LEVELS = 16
MAX_PARTS = 200
MAX_NUMBER = 1_000_000_000

_EQUALITY = {"==": "===", "!=": "!==", "===": "===", "!==": "!=="}
_ORDER = {"<": (2, 3), "<=": (2, 3), ">": (2, 2), ">=": (2, 2)}
_OPERATORS = (*_EQUALITY, *_ORDER, "in", "and", "or", "!", "!!", "var")

_engine = Engine()
_log = logging.getLogger(__name__)

Faults = Iterator[Fault]
Earlier = Mapping[str, Question]


def visible_questions(survey: Survey, answers: Mapping[str, Answer]) -> tuple[str, ...]:
    """List the keys of the questions that are shown, in order.

    An answer to a question that is hidden itself counts as absent. A condition that cannot be evaluated is
    not met: that is logged, never raised.
    """
    shown: list[str] = []
    known: dict[str, float | str] = {}
    for question in survey.questions:
        if question.condition is None or _is_met(question, known):
            shown.append(question.key)
            if question.key in answers:
                known[question.key] = answers[question.key].value
    return tuple(shown)


def _is_met(question: Question, known: Mapping[str, float | str]) -> bool:
    try:
        return _engine.eval(question.condition, known) is True
    except DataLogicError as error:
        _log.warning("The condition of question %s cannot be evaluated: %s", question.key, error)
        return False


def guarded(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Rewrite a checked condition so that every engine gives the same true or false for any answers."""
    return {"!!": [_guard(rule)]}


def _guard(rule: Any) -> Any:
    [(operator, arguments)] = rule.items()
    if operator == "var":
        return {"!!": [rule]}
    if operator in _EQUALITY:
        return {_EQUALITY[operator]: arguments}
    if operator in ("and", "or"):
        return {operator: [_guard(argument) for argument in arguments]}
    if operator in ("!", "!!"):
        return {operator: [_guard(_only(arguments))]}
    answered = [{"!==": [operand, None]} for operand in arguments if isinstance(operand, dict)]
    return {"and": [*answered, rule]}


def _only(arguments: Any) -> Any:
    """`{"!": x}` and `{"!": [x]}` mean the same."""
    return arguments[0] if isinstance(arguments, list) and len(arguments) == 1 else arguments


def check_condition(rule: object, earlier: Sequence[Question]) -> list[Fault]:
    """Say what is wrong with a condition over the `earlier` questions; pointers begin at the condition."""
    if _is_oversized(rule):
        return [Fault("", f"A condition has at most {MAX_PARTS} parts in {MAX_LEVELS} levels.")]
    return list(_check_truth(rule, "", {question.key: question for question in earlier}))


def _is_oversized(rule: object) -> bool:
    parts, levels, level = 0, 0, [rule]
    while level:
        parts += len(level)
        levels += 1
        if parts > MAX_PARTS or levels > MAX_LEVELS:
            return True
        level = [child for node in level for child in _children(node)]
    return False


def _children(node: object) -> Sequence[object]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else ()


def _check_truth(rule: object, at: str, earlier: Earlier) -> Faults:
    """Check something that must be true or false."""
    if not isinstance(rule, dict) or len(rule) != 1:
        yield Fault(at, 'A condition is an object with one operator, such as {"<=": [{"var": "nps"}, 6]}.')
        return
    [(operator, arguments)] = rule.items()
    inside = f"{at}/{escape(operator)}"
    if operator == "var":
        yield from _check_bare_var(rule, at, earlier)
    elif operator in ("and", "or"):
        yield from _check_all(arguments, inside, earlier)
    elif operator in ("!", "!!"):
        is_listed = isinstance(arguments, list) and len(arguments) == 1
        yield from _check_truth(_only(arguments), f"{inside}/0" if is_listed else inside, earlier)
    elif operator in _EQUALITY or operator in _ORDER:
        yield from _check_comparison(operator, arguments, inside, earlier)
    elif operator == "in":
        yield from _check_membership(arguments, inside, earlier)
    else:
        yield Fault(inside, f"Unknown operator; known are {', '.join(_OPERATORS)}.")


def _check_all(arguments: object, at: str, earlier: Earlier) -> Faults:
    if not isinstance(arguments, list) or not arguments:
        yield Fault(at, "Must be a list of conditions.")
        return
    for place, argument in enumerate(arguments):
        yield from _check_truth(argument, f"{at}/{place}", earlier)


def _check_bare_var(rule: dict[str, Any], at: str, earlier: Earlier) -> Faults:
    question = _find_question(rule, earlier)
    if question is None:
        yield _unknown_var(at)
    elif type_of(question).can_be_falsy:
        yield Fault(at, f'Compare "{question.key}" with a number or with null: 0 is an answer, but not true.')


def _check_comparison(operator: str, arguments: object, at: str, earlier: Earlier) -> Faults:
    least, most = _ORDER.get(operator, (2, 2))
    if not isinstance(arguments, list) or not least <= len(arguments) <= most:
        yield Fault(at, f"{operator} compares {'two' if most == 2 else 'two or three'} values in a list.")
        return
    questions = [_find_question(operand, earlier) for operand in arguments]
    first = next((question for question in questions if question), None)
    for place, (operand, question) in enumerate(zip(arguments, questions, strict=True)):
        if isinstance(operand, dict) and question is None:
            yield _unknown_var(f"{at}/{place}")
        elif first is not None:
            complaint = _complain(operator, first, question or operand)
            if complaint:
                yield Fault(f"{at}/{place}", complaint)
    if first is None and not any(isinstance(operand, dict) for operand in arguments):
        yield Fault(at, 'At least one of the values is a question, such as {"var": "nps"}.')


def _complain(operator: str, question: Question, other: object) -> str | None:
    """Say why `question` cannot be compared with `other`, a question or a literal."""
    handler = type_of(question)
    if operator in _ORDER and handler.kind != "number":
        return f'"{question.key}" is not a number: it has no order.'
    if isinstance(other, Question):
        return None if type_of(other).kind == handler.kind else "A number cannot be compared with a text."
    if other is None and operator in _EQUALITY:
        return None
    if _kind(other) != handler.kind:
        return f'"{question.key}" can only be compared with a {handler.kind}.'
    return handler.check_literal(question, other) if operator not in _ORDER else None


def _check_membership(arguments: object, at: str, earlier: Earlier) -> Faults:
    if not isinstance(arguments, list) or len(arguments) != 2 or not isinstance(arguments[1], list):
        yield Fault(at, 'in takes a question and a list, such as [{"var": "late"}, ["late", "damaged"]].')
        return
    question = _find_question(arguments[0], earlier)
    if question is None:
        yield _unknown_var(f"{at}/0")
        return
    for place, value in enumerate(arguments[1]):
        complaint = _complain("in", question, value)
        if complaint:
            yield Fault(f"{at}/1/{place}", complaint)


def _find_question(operand: object, earlier: Earlier) -> Question | None:
    if not isinstance(operand, dict) or list(operand) != ["var"]:
        return None
    key = _only(operand["var"])
    return earlier.get(key) if isinstance(key, str) else None


def _unknown_var(at: str) -> Fault:
    return Fault(at, 'Must name an earlier question, such as {"var": "nps"}.')


def _kind(value: object) -> str | None:
    if isinstance(value, str):
        return "text"
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MAX_NUMBER:
        return "number"
    return None
