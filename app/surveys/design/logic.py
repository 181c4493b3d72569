"""Conditions: the part of JSONLogic that `show_if` may use, its type check, and which questions are shown.

JSONLogic engines agree with each other only on well-typed rules, so a condition is checked against the types
of the questions it names when it is saved. What is evaluated, here and in the browser, is its `guarded` form:
ordering an unanswered question is then false in every engine (JSONLogic takes "nothing <= 6" for true).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datalogic_py import DataLogicError, Engine

from app.kernel.errors import Fault
from app.surveys.design.definition import Answer, Question, Survey
from app.surveys.design.fields import escape
from app.surveys.design.question_types import type_of
from app.surveys.design.question_types.base import Kind

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
    known: dict[str, Any] = {}
    for question in survey.questions:
        if question.condition is None or _is_met(question, known):
            shown.append(question.key)
            if question.key in answers:
                known[question.key] = type_of(question).as_json(answers[question.key])
    return tuple(shown)


def _is_met(question: Question, known: Mapping[str, Any]) -> bool:
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


@dataclass(frozen=True)
class _Operand:
    """What a var names: a question, or one part of the answer to a question with a pair."""

    question: Question
    part: str = ""

    @property
    def kind(self) -> Kind:
        return "number" if self.part else type_of(self.question).kind

    @property
    def name(self) -> str:
        return f"{self.question.key}.{self.part}" if self.part else self.question.key


def _check_bare_var(rule: dict[str, Any], at: str, earlier: Earlier) -> Faults:
    operand = _find_operand(rule, earlier)
    if operand is None:
        yield _unknown_var(at)
    elif type_of(operand.question).can_be_falsy:
        yield Fault(at, f'Compare "{operand.name}" with a number or with null: 0 is an answer, but not true.')


def _check_comparison(operator: str, arguments: object, at: str, earlier: Earlier) -> Faults:
    least, most = _ORDER.get(operator, (2, 2))
    if not isinstance(arguments, list) or not least <= len(arguments) <= most:
        yield Fault(at, f"{operator} compares {'two' if most == 2 else 'two or three'} values in a list.")
        return
    operands = [_find_operand(argument, earlier) for argument in arguments]
    first = next((operand for operand in operands if operand), None)
    for place, (argument, operand) in enumerate(zip(arguments, operands, strict=True)):
        if isinstance(argument, dict) and operand is None:
            yield _unknown_var(f"{at}/{place}")
        elif first is not None:
            complaint = _complain(operator, first, operand or argument)
            if complaint:
                yield Fault(f"{at}/{place}", complaint)
    if first is None and not any(isinstance(argument, dict) for argument in arguments):
        yield Fault(at, 'At least one of the values is a question, such as {"var": "nps"}.')


def _complain(operator: str, operand: _Operand, other: object) -> str | None:
    """Say why `operand` cannot be compared with `other`, an operand or a literal."""
    kind = operand.kind
    if operator in _ORDER and kind not in ("number", "date"):
        return f'"{operand.name}" is not a number: it has no order.'
    if other is operand or (other is None and operator in _EQUALITY):
        return None
    if kind == "list":
        return f'Ask whether "{operand.name}" holds something: {{"in": [value, {{"var": "{operand.name}"}}]}}.'
    if kind == "pair":
        parts = " or ".join(f'"{operand.name}.{part}"' for part in type_of(operand.question).parts)
        return f"Compare one of its numbers: {parts}."
    if isinstance(other, _Operand):
        return None if other.kind == kind else f"A {kind} cannot be compared with a {other.kind}."
    if not _fits(kind, other):
        return f'"{operand.name}" can only be compared with a {kind}.'
    is_any_number = operator in _ORDER and kind == "number"
    return None if is_any_number else type_of(operand.question).check_literal(operand.question, other)


def _check_membership(arguments: object, at: str, earlier: Earlier) -> Faults:
    """Either a question and the values it may have, or a value and the question whose list may hold it."""
    if not isinstance(arguments, list) or len(arguments) != 2:
        yield Fault(at, 'in takes a question and a list, such as [{"var": "late"}, ["late", "damaged"]].')
    elif isinstance(arguments[1], list):
        yield from _check_one_of(arguments[0], arguments[1], at, earlier)
    else:
        yield from _check_holds(arguments[0], arguments[1], at, earlier)


def _check_one_of(argument: object, values: list[Any], at: str, earlier: Earlier) -> Faults:
    operand = _find_operand(argument, earlier)
    if operand is None:
        yield _unknown_var(f"{at}/0")
        return
    for place, value in enumerate(values):
        complaint = _complain("in", operand, value)
        if complaint:
            yield Fault(f"{at}/1/{place}", complaint)


def _check_holds(value: object, argument: object, at: str, earlier: Earlier) -> Faults:
    operand = _find_operand(argument, earlier)
    if operand is None:
        yield _unknown_var(f"{at}/1")
    elif operand.kind != "list":
        yield Fault(f"{at}/1", f'"{operand.name}" is no list: compare it, or name the values it may have in a list.')
    else:
        complaint = type_of(operand.question).check_literal(operand.question, value)
        if complaint:
            yield Fault(f"{at}/0", complaint)


def _find_operand(argument: object, earlier: Earlier) -> _Operand | None:
    if not isinstance(argument, dict) or list(argument) != ["var"]:
        return None
    name = _only(argument["var"])
    key, dot, part = name.partition(".") if isinstance(name, str) else ("", "", "")
    question = earlier.get(key)
    if question is None or (dot and part not in type_of(question).parts):
        return None
    return _Operand(question, part)


def _unknown_var(at: str) -> Fault:
    return Fault(at, 'Must name an earlier question, such as {"var": "nps"}.')


def _fits(kind: Kind, literal: object) -> bool:
    if isinstance(literal, str):
        return kind in ("text", "date")
    is_number = isinstance(literal, int | float) and not isinstance(literal, bool) and abs(literal) <= MAX_NUMBER
    return is_number and kind == "number"
