"""What differs between two definitions: as a short list for people, and as the parts that differ for the audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Definition = Mapping[str, Any]

TEXTS = ("title", "intro", "thanks", "default_locale")


@dataclass(frozen=True)
class Change:
    """One difference; `subject` is a question's key or the name of a text, `fields` what differs in a question."""

    kind: Literal["added", "removed", "changed", "reordered", "text"]
    subject: str = ""
    fields: tuple[str, ...] = ()


def changes(old: Definition, new: Definition) -> list[Change]:
    """How `new` came out of `old`: texts first, then questions in their new order, then what is gone."""
    before, after = _questions(old), _questions(new)
    found = [Change("text", name) for name in TEXTS if old.get(name) != new.get(name)]
    for key, question in after.items():
        if key not in before:
            found.append(Change("added", key))
        elif question != before[key]:
            found.append(Change("changed", key, _fields(before[key], question)))
    found += [Change("removed", key) for key in before if key not in after]
    if [key for key in before if key in after] != [key for key in after if key in before]:
        found.append(Change("reordered"))
    return found


def differing_parts(old: Definition, new: Definition) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parts of both that differ: texts by name, questions by key, and the order when it differs."""
    before, after = _questions(old), _questions(new)
    names = [name for name in TEXTS if old.get(name) != new.get(name)]
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    parts: list[dict[str, Any]] = [{name: side.get(name) for name in names} for side in (old, new)]
    for part, questions in zip(parts, (before, after), strict=True):
        if keys:
            part["questions"] = {key: questions[key] for key in keys if key in questions}
        if list(before) != list(after):
            part["order"] = list(questions)
    return parts[0], parts[1]


def _questions(definition: Definition) -> dict[str, dict[str, Any]]:
    return {question["key"]: question for question in definition.get("questions", [])}


def _fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(name for name in {*old, *new} if old.get(name) != new.get(name)))
