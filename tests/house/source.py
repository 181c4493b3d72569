"""What the house tests read: the sources of the application as syntax trees."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"


@dataclass(frozen=True)
class Function:
    """One function: where it stands and how many lines it has, its docstring left out."""

    path: str
    name: str
    lines: int
    decorators: tuple[str, ...]
    node: ast.FunctionDef

    def __str__(self) -> str:
        return f"{self.path}:{self.node.lineno} {self.name} has {self.lines} lines"


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the application by its path below the root."""
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8")) for path in sorted(APP.rglob("*.py"))}


def functions(folder_or_file: str = "") -> list[Function]:
    """Every function below app/ whose path contains `folder_or_file`."""
    return [
        _function(path, node)
        for path, tree in modules().items()
        if folder_or_file in path
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    ]


def _function(path: str, node: ast.FunctionDef) -> Function:
    assert node.end_lineno
    first = node.body[0]
    has_words = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    words = (first.end_lineno or 0) - first.lineno + 1 if has_words else 0
    decorators = tuple(ast.unparse(decorator) for decorator in node.decorator_list)
    return Function(path, node.name, node.end_lineno - node.lineno + 1 - words, decorators, node)
