"""What an editor does to a definition: each function gives an edit, which makes a new definition from a stored one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from app.kernel.errors import NotFound

Definition = dict[str, Any]
Edit = Callable[[Definition], Definition]


def set_texts(texts: dict[str, Any]) -> Edit:
    """Replace title, intro, thanks and default locale by those given; None removes one."""

    def edit(definition: Definition) -> Definition:
        return _without_none({**definition, **texts})

    return edit


def add_question(question: Definition, after: str | None = None) -> Edit:
    """Put a question behind the one with the key `after`, or last."""

    def edit(definition: Definition) -> Definition:
        questions = list(definition["questions"])
        place = _place(questions, after) + 1 if after else len(questions)
        return {**definition, "questions": [*questions[:place], question, *questions[place:]]}

    return edit


def replace_question(key: str, question: Definition) -> Edit:
    """Give a question the fields of `question`; None removes a field. A new key is followed by the conditions."""

    def edit(definition: Definition) -> Definition:
        questions = deepcopy(definition["questions"])
        place = _place(questions, key)
        questions[place] = _without_none({**questions[place], **question})
        if question.get("key", key) != key:
            for other in questions:
                if "show_if" in other:
                    other["show_if"] = _renamed(other["show_if"], key, question["key"])
        return {**definition, "questions": questions}

    return edit


def remove_question(key: str) -> Edit:
    """Take a question out."""

    def edit(definition: Definition) -> Definition:
        questions = list(definition["questions"])
        del questions[_place(questions, key)]
        return {**definition, "questions": questions}

    return edit


def move_question(key: str, steps: int) -> Edit:
    """Move a question on by `steps` places, or back when negative, at most to an end."""

    def edit(definition: Definition) -> Definition:
        questions = list(definition["questions"])
        place = _place(questions, key)
        question = questions.pop(place)
        questions.insert(min(max(place + steps, 0), len(questions)), question)
        return {**definition, "questions": questions}

    return edit


def add_locale(locale: str) -> Edit:
    """Offer the survey in another language; its title begins as that of the default one."""

    def edit(definition: Definition) -> Definition:
        title = definition["title"]
        return {**definition, "title": {**title, locale: title.get(locale, title[definition["default_locale"]])}}

    return edit


def remove_locale(locale: str) -> Edit:
    """Take a language out of every text that has another one left."""

    def edit(definition: Definition) -> Definition:
        definition = deepcopy(definition)
        for texts in _all_texts(definition):
            if len(texts) > 1:
                texts.pop(locale, None)
        return definition

    return edit


def _place(questions: list[Definition], key: str) -> int:
    for place, question in enumerate(questions):
        if question["key"] == key:
            return place
    raise NotFound(f"There is no question {key}.")


def _without_none(fields: Definition) -> Definition:
    return {name: value for name, value in fields.items() if value is not None}


def _renamed(rule: Any, old: str, new: str) -> Any:
    """A condition in which the question `old` is called `new`."""
    if isinstance(rule, list):
        return [_renamed(part, old, new) for part in rule]
    if not isinstance(rule, dict):
        return rule
    if list(rule) == ["var"]:
        named = rule["var"][0] if isinstance(rule["var"], list) and rule["var"] else rule["var"]
        key, dot, part = named.partition(".") if isinstance(named, str) else ("", "", "")
        return {"var": new + dot + part} if key == old else rule
    return {operator: _renamed(arguments, old, new) for operator, arguments in rule.items()}


def _all_texts(definition: Definition) -> Iterator[dict[str, str]]:
    parts = [definition, *definition["questions"]]
    parts += [option for question in definition["questions"] for option in question.get("options") or []]
    for part in parts:
        for name in ("title", "intro", "thanks", "text", "help", "unit"):
            if isinstance(part.get(name), dict):
                yield part[name]
