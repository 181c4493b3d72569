"""The small JSON fields that the survey grammar is made of: keys, texts by locale and conditions."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from app.kernel.locales import MAX_LENGTH, normalise
from app.surveys.design.texts import is_blank, normalise_text


class Shape(BaseModel):
    """A JSON object of the grammar: no field is converted, none is unknown."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def escape(part: object) -> str:
    """Spell one step of a JSON pointer (RFC 6901); what a sender made up is cut short and stays encodable."""
    text = str(part).encode("utf-8", "replace").decode()[:64]
    return text.replace("~", "~0").replace("/", "~1")


def _readable(text: str) -> str:
    if is_blank(text):
        raise ValueError("This text is empty.")
    return normalise_text(text)


def _no_twins(value: Any, handler: ValidatorFunctionWrapHandler) -> dict[str, str]:
    texts: dict[str, str] = handler(value)
    if len(texts) != len(value):
        raise ValueError("Two of these locales are the same, as zh-CN and zh-Hans are.")
    return texts


Key = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,64}$", description="A short name of the author's own.")]
Locale = Annotated[
    str,
    Field(max_length=MAX_LENGTH, description="A BCP 47 tag such as en, pt-BR or zh-Hans."),
    AfterValidator(normalise),
]
ShortTexts = Annotated[
    dict[Locale, Annotated[str, Field(max_length=200), AfterValidator(_readable)]],
    Field(min_length=1, max_length=100, description="A text of at most 200 characters in each locale."),
    WrapValidator(_no_twins),
]
LongTexts = Annotated[
    dict[Locale, Annotated[str, Field(max_length=500), AfterValidator(_readable)]],
    Field(min_length=1, max_length=100, description="A text of at most 500 characters in each locale."),
    WrapValidator(_no_twins),
]
Condition = dict[str, Any]
