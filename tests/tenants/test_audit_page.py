"""The audit page says in plain words who did what, and what it was before and is now."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from app.journeys import service as journeys
from app.journeys.rules import TouchpointInput
from app.tenants import key_service, service
from app.tenants.action_words import ACTION_WORDS
from app.tenants.audit_words import FIELD_WORDS
from tests.cast import Cast

APP = Path(__file__).parents[2] / "app"
Told = tuple[str, set[str]]


def recorded() -> list[Told]:
    """Every action that is written down with the fields it tells of, as far as the code spells them out."""
    calls = (node for path in APP.rglob("*.py") for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    return [told for call in calls if isinstance(call, ast.Call) and (told := _told(call))]


def _told(call: ast.Call) -> Told | None:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    first = call.args[0] if call.args else None
    if name not in ("record", "note_change") or not isinstance(first, ast.Constant):
        return None
    maps = [keyword.value for keyword in call.keywords if keyword.arg in ("before", "after")]
    keys = [key for one in maps if isinstance(one, ast.Dict) for key in one.keys]
    return str(first.value), {str(key.value) for key in keys if isinstance(key, ast.Constant)}


def page(cast: Cast) -> str:
    body = cast.client("alice").get("settings/audit").get_data(as_text=True)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", body.partition("<tbody")[2]))


def test_every_action_and_every_field_has_words() -> None:
    found = recorded()
    assert len(found) > 75
    assert {action for action, _fields in found} - set(ACTION_WORDS) == set()
    assert {field for _action, fields in found for field in fields} - set(FIELD_WORDS) == set()


def test_a_change_reads_as_before_and_after(cast: Cast) -> None:
    with cast.scope():
        service.change_settings({"min_gap_days": 14, "sender_name": "Acme"})
        key_service.create_api_key("The shop", ("read", "cases"))
    said = page(cast)
    assert "made an API key The shop" in said
    assert "It mayread, work on cases" in said
    assert "changed the settings" in said
    assert "Days between two surveys to one person30 → 14" in said
    assert "Mails come fromnothing → Acme" in said
    assert "min_gap_days" not in said and "settings.changed" not in said and "None" not in said


def test_codes_and_keys_are_not_mixed_up(cast: Cast) -> None:
    with cast.scope():
        journeys.put_touchpoint("delivery", TouchpointInput("To the door", "delivery", "app", "phone"))
    said = page(cast)
    assert "added a touchpoint To the door" in said
    assert "ChannelPhone" in said and "Journeydelivery" in said and "Stageapp" in said
