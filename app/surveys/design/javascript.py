"""Conditions in JavaScript: a script that is written for one survey needs nothing that reads JSONLogic."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any


def function_of(condition: Mapping[str, Any]) -> str:
    """A guarded condition (logic.py) as a function of the answers by key, whose result is taken for true or false.

    The answers are an object without a prototype, in which an unanswered question is absent.
    """
    return f"a=>{_written(condition)}"


def literal(value: Any) -> str:
    """A JSON value as a script spells it, which ends no script element however it is copied into a page."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _written(rule: Any) -> str:
    if not isinstance(rule, dict):
        return literal(rule)
    [(operator, arguments)] = rule.items()
    parts = arguments if isinstance(arguments, list) else [arguments]
    if operator == "var":
        return _variable(parts[0])
    written = [_written(part) for part in parts]
    if operator in ("and", "or"):
        return f"({({'and': '&&', 'or': '||'}[operator]).join(written)})"
    if operator == "!":
        return f"!{written[0]}"
    if operator == "!!":
        return written[0]
    if operator == "in":
        return f"{written[1]}.includes({written[0]})"
    if None in parts:
        # What is not there is undefined, which is null to == alone.
        operator = operator[:2]
    return f"({'&&'.join(f'{left}{operator}{right}' for left, right in pairwise(written))})"


def _variable(name: str) -> str:
    key, _dot, part = name.partition(".")
    return f"a[{literal(key)}]" + (f"?.[{literal(part)}]" if part else "")
