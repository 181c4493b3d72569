"""What a reader of the audit asks for, read from the address; the same words stand in the form and in the export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from app.kernel.errors import Fault, Invalid
from app.kernel.ids import parse_id
from app.tenants import queries as people
from app.tenants.action_words import ACTION_WORDS, GROUP_WORDS, KIND_WORDS
from app.tenants.trail.queries import Wanted, sought
from app.tenants.trail.rules import is_sought

NAMES = ("q", "who", "what", "type", "id", "from", "to")
LONGEST = 200


def read(told: Mapping[str, str], zone: ZoneInfo) -> Wanted:
    """What is wanted. Raises Invalid for what can be nobody, nothing and no day."""
    values = {name: told.get(name, "").strip() for name in NAMES}
    for name, value in values.items():
        if len(value) > LONGEST or "\0" in value:
            raise Invalid(_("This is no search."), [Fault(f"/{name}", f"at most {LONGEST} characters of text")])
    return Wanted(
        words=sought(values["q"]),
        actor=parse_id(values["who"]) or _known("who", values["who"], KIND_WORDS),
        action=_known("what", values["what"], {**GROUP_WORDS, **ACTION_WORDS}),
        subject_type=values["type"] or None,
        subject_id=values["id"] or None,
        first=_day("from", values["from"]),
        last=_day("to", values["to"]),
        zone=zone,
    )


def said(told: Mapping[str, str]) -> dict[str, str]:
    """What was asked for, as an address says it."""
    return {name: value for name in NAMES if (value := told.get(name, "").strip())}


def _known(name: str, value: str, known: Mapping[str, object]) -> str | None:
    if value and value not in known:
        raise Invalid(_("There is nothing of that name to look for."), [Fault(f"/{name}", "unknown")])
    return value or None


def _day(name: str, value: str) -> date | None:
    try:
        day = date.fromisoformat(value) if value else None
    except ValueError:
        day = date.min
    if day is not None and not is_sought(day):
        raise Invalid(_("This is no day; write one like 2026-01-31."), [Fault(f"/{name}", "not a day")])
    return day


def people_options() -> list[tuple[str, str]]:
    """Whom one can choose: the team, the keys, and whoever is neither."""
    team = [(str(user.id), user.name or user.email) for _membership, user in people.list_members()]
    keys = [(str(listed.key.id), _("Key “%(name)s”", name=listed.key.name)) for listed in people.list_api_keys()]
    return [("", _("Everybody")), *team, *keys, *((kind, str(words)) for kind, words in KIND_WORDS.items())]


def action_options() -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Each group with its words and the actions in it."""
    for group, words in GROUP_WORDS.items():
        inside = [(name, str(text)) for name, text in ACTION_WORDS.items() if name.partition(".")[0] == group]
        yield group, str(words), inside
