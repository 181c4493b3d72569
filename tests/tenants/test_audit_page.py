"""The audit page says in plain words who did what, and what it was before and is now."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from app.journeys import service as journeys
from app.journeys.rules import TouchpointInput
from app.tenants import key_service, service
from app.tenants.action_words import ACTION_WORDS
from tests.cast import Cast

APP = Path(__file__).parents[2] / "app"
_ACTION = re.compile(r"(tenant|settings|calendar|member|api_key|journeys?|stage|touchpoint|department"
                     r"|partner(?:_target)?|survey|outreach_rule|customer|response|case)\.[a-z_]+")  # fmt: skip


def recorded() -> set[str]:
    """Every action that a service writes down, as far as it spells it out."""
    files = [path for path in APP.rglob("*.py") if "service" in str(path.relative_to(APP))]
    parts = [part for path in files for part in ast.walk(ast.parse(path.read_text("utf-8")))]
    texts = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return {text for text in texts if _ACTION.fullmatch(text)}


def page(cast: Cast) -> str:
    body = cast.client("alice").get("settings/audit").get_data(as_text=True)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", body.partition("<tbody")[2]))


def test_every_action_has_words() -> None:
    assert len(recorded()) > 25
    assert recorded() - set(ACTION_WORDS) == set()


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
