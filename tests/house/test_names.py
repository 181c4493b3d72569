"""The words of the field: names that mean something else here are not used. Remedy: see design words in docs."""

from __future__ import annotations

import ast
import re

from tests.house.source import modules

FORBIDDEN = {
    "vendor": "partner",
    "workspace": "tenant",
    "ticket": "case",
    "submission_id": "response_id",
    "dashboard": "board",
    "respondent": "customer",
}


def _names(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
    return found


def test_names_use_the_field_s_words() -> None:
    wrong = [
        f"{path}: {name} (say {better})"
        for path, tree in modules().items()
        for name in _names(tree)
        for word, better in FORBIDDEN.items()
        if re.search(rf"(^|_){word}s?(_|$)", name.lower())
    ]
    assert wrong == []
