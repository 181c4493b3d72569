"""The letters of this room: that one stands in for somebody, was said to be away, or has lost one's deputy."""

from __future__ import annotations

from uuid import UUID

from flask_babel import force_locale
from flask_babel import gettext as _

from app.kernel import scope
from app.kernel.db import find_row
from app.loop.absences.models import Absence
from app.loop.absences.queries import today
from app.loop.absences.words import label, span_words
from app.tenants import queries as tenants
from app.tenants.models import User
from app.tenants.sessions import language_for
from app.web.letters import Letter, base_url


def stand_in_letter(absence_id: UUID) -> Letter | None:
    """To the deputy: for whom, how long, and what it means."""
    absence = _find(absence_id)
    if absence is None or absence.deputy is None:
        return None
    name = label(absence.user)
    with force_locale(language_for(absence.deputy.locale)):
        span = span_words(absence.first_on, absence.last_on)
        return _letter(
            absence.deputy,
            _("You stand in for %(name)s %(days)s", name=name, days=span),
            _("%(name)s is away %(days)s, and you stand in.", name=name, days=span),
            _(
                "Their open cases stay theirs and are in your inbox meanwhile, so that no customer waits. Cases that"
                " would come to them of their own accord come to you."
            ),
            (_("Open the inbox"), "cases/?show=standing_in"),
        )


def set_away_letter(absence_id: UUID) -> Letter | None:
    """To whom another has set away."""
    absence = _find(absence_id)
    if absence is None:
        return None
    with force_locale(language_for(absence.user.locale)):
        span = span_words(absence.first_on, absence.last_on)
        deputy = _("%(name)s stands in.", name=label(absence.deputy)) if absence.deputy else _("Nobody stands in.")
        return _letter(
            absence.user,
            _("You are away %(days)s", days=span),
            _("%(name)s has set in Heed that you are away %(days)s.", name=label(absence.setter), days=span),
            deputy,
            (_("Back already? Say so"), "absences"),
        )


def stand_in_lost_letter(absence_id: UUID) -> Letter | None:
    """To whoever had named the deputy who works on cases no more, or else to who is away."""
    absence = _find(absence_id)
    if absence is None or absence.deputy is not None:
        return None
    # Who has set it for somebody who is ill is the one who reads it.
    here = {user.id: user for _row, user in tenants.list_members()}
    to = here.get(absence.set_by, absence.user)
    with force_locale(language_for(to.locale)):
        span = span_words(absence.first_on, absence.last_on)
        return _letter(
            to,
            _("Nobody stands in for %(name)s", name=label(absence.user)),
            _(
                "Whoever was to stand in for %(name)s %(days)s works on cases no more.",
                name=label(absence.user),
                days=span,
            ),
            _("End the absence and set it anew with somebody else."),
            (_("Choose somebody"), "absences"),
        )


def _find(absence_id: UUID) -> Absence | None:
    """The absence, while there is any of it left."""
    found = find_row(Absence, absence_id)
    if found is None or found.ended_at is not None or (found.last_on is not None and found.last_on < today()):
        return None
    return found


def _letter(to: User, subject: str, first: str, second: str, button: tuple[str, str]) -> Letter:
    tenant = tenants.find_tenant(scope.tenant_id())
    assert tenant is not None
    words, path = button
    return Letter(
        to_address=to.email,
        language=language_for(to.locale),
        subject=subject,
        paragraphs=(first, second),
        button=(words, f"{base_url()}/t/{tenant.slug}/{path}"),
        small=(_("You get this because you work on cases at %(tenant)s.", tenant=tenant.name),),
    )
