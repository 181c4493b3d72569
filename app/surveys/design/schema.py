"""The JSON Schema of a survey definition, served at /api/v1/schemas/survey.json.

It is made from the classes that read definitions, so the limits stand in one place. It cannot say everything:
only `parse_definition` checks that keys differ, texts have the default locale and conditions are well typed.
"""

from __future__ import annotations

from typing import Any

from app.surveys.design.grammar import SurveyShape

Schema = dict[str, Any]


def json_schema() -> Schema:
    """The whole grammar as a JSON Schema (draft 2020-12)."""
    schema = SurveyShape.model_json_schema()
    for definition in schema["$defs"].values():
        if "show_if" in definition["properties"]:
            definition["properties"]["show_if"]["anyOf"] = [_CONDITION, {"type": "null"}]
    schema["$defs"].update(Condition=_condition(), ConditionValue=_value(), ConditionVar=_var())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


_CONDITION = {"$ref": "#/$defs/Condition"}
_VALUE = {"$ref": "#/$defs/ConditionValue"}
_VAR = {"$ref": "#/$defs/ConditionVar"}


def _condition() -> Schema:
    not_rule = {"anyOf": [_CONDITION, _list(_CONDITION, 1, 1)]}
    in_rule = {
        "type": "array",
        "anyOf": [
            {"prefixItems": [_VAR, _list({"type": ["string", "number"]}, 0)]},
            {"prefixItems": [{"type": ["string", "number"]}, _VAR]},
        ],
        "minItems": 2,
        "maxItems": 2,
    }
    return {
        "description": "The part of JSONLogic that conditions may use. Every var names an earlier question.",
        "anyOf": [
            _operation({"and": _list(_CONDITION, 1), "or": _list(_CONDITION, 1)}),
            _operation({"!": not_rule, "!!": not_rule}),
            _operation(dict.fromkeys(["==", "!=", "===", "!==", ">", ">="], _list(_VALUE, 2, 2))),
            _operation(dict.fromkeys(["<", "<="], _list(_VALUE, 2, 3))),
            _operation({"in": in_rule}),
            _VAR,
        ],
    }


def _value() -> Schema:
    return {"anyOf": [_VAR, {"type": ["string", "number", "null"]}]}


def _var() -> Schema:
    key = {"type": "string", "pattern": r"^[a-z0-9_-]{1,64}(\.[a-z]+)?$"}
    return _operation({"var": {"anyOf": [key, _list(key, 1, 1)]}})


def _operation(properties: Schema) -> Schema:
    """An object with exactly one of these operators."""
    sizes = {"minProperties": 1, "maxProperties": 1, "additionalProperties": False}
    return {"type": "object", **sizes, "properties": properties}


def _list(items: Schema, least: int, most: int | None = None) -> Schema:
    return {"type": "array", "items": items, "minItems": least} | ({} if most is None else {"maxItems": most})
