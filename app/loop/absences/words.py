"""What pages and letters say of who is away: why days cannot be kept, and how long somebody is gone."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.loop.absences.models import Absence
from app.loop.absences.rules import answers_for
from app.tenants.models import User
from app.web.dates import day

FAULT_WORDS = {
    "past": _l("This day is over. Begin today or later."),
    "far": _l("Begin within a year from now."),
    "backwards": _l("The last day is before the first."),
    "long": _l("This is longer than a year. Leave the last day open instead."),
    "overlaps": _l("Some of these days are days away already."),
    "oneself": _l("Somebody else has to stand in."),
    "away_too": _l("They are away on all of these days themselves."),
    "nobody": _l("Choose somebody of the team who works on cases."),
}


@dataclass(frozen=True)
class AwayNote:
    """That somebody is away, as a page says it: until when in words, and who stands in (None: nobody)."""

    name: str
    until: str | None
    deputy: str | None
    is_for_reader: bool
    """Whether the reader stands in."""


Notes = Mapping[UUID, AwayNote]
"""What there is to say of each who is away, by their id."""


def label(user: User) -> str:
    """What colleagues call somebody."""
    return user.name or user.email


def span_words(first: date, last: date | None) -> str:
    """The days of an absence: "from 3 Dec 2026 to 7 Dec 2026"."""
    if last is None:
        return _("from %(first)s on", first=day(first))
    if first == last:
        return _("on %(first)s", first=day(first))
    return _("from %(first)s to %(last)s", first=day(first), last=day(last))


def notes_of(running: Sequence[Absence], reader: UUID, able: Container[UUID] | None = None) -> Notes:
    """What a page says to this reader of each who is away now, by their id; where it is about one thing, only those who
    are `able` to see to it stand in."""
    standing = {row.user_id: row.deputy_id for row in running}
    names = {
        row.deputy_id: label(row.deputy) for row in running if row.deputy and (able is None or row.deputy.id in able)
    }
    notes = {}
    for row in running:
        answering = answers_for(row.user_id, standing)
        until = day(row.last_on) if row.last_on else None
        notes[row.user_id] = AwayNote(label(row.user), until, names.get(answering), answering == reader)
    return notes


def away_words(note: AwayNote) -> str:
    """That somebody is away, and who stands in."""
    gone = (
        _("%(name)s is away until %(day)s.", name=note.name, day=note.until)
        if note.until
        else _("%(name)s is away.", name=note.name)
    )
    if note.is_for_reader:
        stands_in = _("You stand in.")
    else:
        stands_in = _("%(name)s stands in.", name=note.deputy) if note.deputy else _("Nobody stands in.")
    return f"{gone} {stands_in}"
