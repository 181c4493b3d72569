"""Forms and refusals: what a form reads, whole numbers, and a verb's faults shown beside the fields they are about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from flask import request
from flask_babel import LazyString
from flask_wtf import FlaskForm
from wtforms import IntegerField

from app.kernel.errors import Conflict, Invalid

_SENT: Any = object()


class PageForm(FlaskForm):
    """A form of a page, filled with what a browser sends as one: texts. JSON, whose values may be anything, and files
    fill none. It checks no CSRF token: the guard does, for every form alike."""

    class Meta:
        csrf = False

    def __init__(self, formdata: Any = _SENT, **fields: Any) -> None:
        """What was sent; `formdata=None` for a form that shows what `obj`, `data` or `fields` hold."""
        super().__init__((request.form or None) if formdata is _SENT else formdata, **fields)


class WholeField(IntegerField):
    """A whole number of at most nine digits: longer ones are refused before anybody reckons with them."""

    data: Any

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read what was typed; a number that is too long is read as no number. Raises ValueError."""
        super().process_formdata(["" if len(text.strip().lstrip("+-")) > _MOST_DIGITS else text for text in valuelist])


_MOST_DIGITS = 9


Sentence: TypeAlias = LazyString | Callable[[str], LazyString]
"""What a fault means, or how that is made of its detail."""


def carried_out(form: PageForm, verb: Callable[[], Any], sentences: Mapping[str, Sentence]) -> bool:
    """Run `verb`; when it refuses, put what is wrong beside the fields of `form` and return False.

    `sentences` says by pointer, in the reader's language, what each fault means, or makes it of the fault's detail; the
    field is the pointer's first step.
    A refusal that is about no field of the form goes on to the error page.
    """
    try:
        verb()
    except (Invalid, Conflict) as refusal:
        if not refusal.faults or any(field_of(fault.pointer) not in form for fault in refusal.faults):
            raise
        for fault in refusal.faults:
            said = sentences.get(fault.pointer, fault.detail)
            form[field_of(fault.pointer)].errors = [said(fault.detail) if callable(said) else said]
        return False
    return True


def field_of(pointer: str) -> str:
    """The form field that a pointer is about: /name is "name"."""
    return pointer.split("/")[1] if pointer.startswith("/") else ""


def errors_of(form: PageForm) -> list[tuple[str, str]]:
    """What is wrong with a form, as the error summary takes it: (field id, sentence)."""
    return [(field.id, str(field.errors[0])) for field in form if field.errors]
