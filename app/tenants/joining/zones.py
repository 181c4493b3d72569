"""The time zones that one can choose from, named in the reader's language."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from flask_babel import get_locale

_PLACES = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def list_zones() -> list[tuple[str, str]]:
    """(IANA name, how it reads): UTC first, then the places by name."""
    return list(_zones(str(get_locale() or "en")))


@cache
def _zones(locale: str) -> tuple[tuple[str, str], ...]:
    language = Locale.parse(locale)
    # Babel's table also knows the names under which a zone is found elsewhere; only one of each is offered.
    aliases = get_global("zone_aliases")
    names = [name for name in available_timezones() if name.startswith(_PLACES) and name not in aliases]
    read = [(name, _readable(name, language)) for name in names]
    return (("UTC", "UTC"), *sorted(read, key=lambda pair: pair[1]))


def _readable(name: str, language: Locale) -> str:
    """The city in this language, and its zone as other programs call it: "上海 (Asia/Shanghai)"."""
    city = language.time_zones.get(name, {}).get("city") or name.rpartition("/")[2].replace("_", " ")
    return f"{city} ({name})"
