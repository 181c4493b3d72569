"""Sizes and shape of the code. Remedy: split by what the parts are for, until each reads in one go."""

from __future__ import annotations

import ast
from statistics import median, quantiles

from tests.house.source import ROOT, functions, modules


def test_files_stay_short() -> None:
    sizes = {path: len((ROOT / path).read_text("utf-8").splitlines()) for path in modules()}
    assert {path: lines for path, lines in sizes.items() if lines > 400} == {}
    assert median(sizes.values()) <= 80
    assert quantiles(sizes.values(), n=20)[-1] <= 300


def test_functions_stay_short() -> None:
    found = functions()
    assert [str(function) for function in found if function.lines > 50] == []
    sizes = [function.lines for function in found]
    assert median(sizes) <= 8
    assert quantiles(sizes, n=20)[-1] <= 30


def test_views_and_jobs_translate_and_do_no_more() -> None:
    views = [f for f in functions() if any(word in d for d in f.decorators for word in ("bp.get", "bp.post", "bp.put"))]
    assert views
    assert [str(function) for function in views if function.lines > 20] == []
    jobs = [f for f in functions("jobs.py") if not f.name.startswith("_")]
    assert [str(function) for function in jobs if function.lines > 10] == []


def test_edges_never_commit() -> None:
    edges = ("views", "jobs", "commands", "app/api/")
    found = [
        f"{path}:{node.lineno}"
        for path, tree in modules().items()
        if any(edge in path for edge in edges) and "api/idempotency" not in path
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("atomic", "commit")
    ]
    assert found == []


def test_rules_know_no_framework_and_no_clock() -> None:
    forbidden = ("flask", "sqlalchemy", "rq", "redis", "app.kernel.clock", "app.kernel.db")
    found = []
    for path, tree in modules().items():
        if not path.endswith(("rules.py", "events.py")) or path.startswith("app/kernel"):
            continue
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [f"{path}: {name}" for name in names if name.split(".")[0] in forbidden or name in forbidden]
    assert found == []


def test_nothing_is_left_for_later() -> None:
    marks = ("TODO", "FIXME", "XXX", "NotImplementedError")
    found = [f"{path}: {mark}" for path in modules() for mark in marks if mark in (ROOT / path).read_text("utf-8")]
    assert found == []
