"""How outreach is put into words: what an ask is about, rules as sentences, and the reasons for not asking."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, get_timezone_name
from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

CHANNEL_WORDS = {"email": _l("by mail"), "link": _l("by a link that you pass on")}

REASON_WORDS: dict[str, LazyString] = {
    "min_gap": _l("were asked not long ago"),
    "annual_cap": _l("were asked often enough this year"),
    "not_sampled": _l("were not drawn"),
    "unsubscribed": _l("do not want to be asked"),
    "no_address": _l("have no e-mail address"),
    "expired": _l("are too long ago"),
    "historic": _l("are historic"),
    "not_published": _l("met a survey that is not published"),
    "survey_closed": _l("met a survey that is closed"),
    "bounced": _l("have an address that refuses mail"),
    "over_plan": _l("were more than your plan’s mails of the month"),
    "cancelled": _l("fell to a rule or survey that was stopped meanwhile"),
}

UNITS = (("minutes", 1), ("hours", 60), ("days", 24 * 60))
UNIT_WORDS = {"minutes": _l("minutes"), "hours": _l("hours"), "days": _l("days")}
_NOT_LONG_AGO_DAYS = 300


def reason_in_words(reason: str) -> str:
    """Why people were not asked; a reason that has no words yet stands for itself."""
    return str(REASON_WORDS.get(reason, reason))


def delay_parts(minutes: int) -> tuple[int, str]:
    """A delay in the largest unit that holds it whole: (2, "hours")."""
    for unit, size in reversed(UNITS):
        if minutes and minutes % size == 0:
            return minutes // size, unit
    return minutes, "minutes"


def delay_in_words(minutes: int) -> str:
    """A delay before the name of what it follows: "2 hours after"."""
    count, unit = delay_parts(minutes)
    if not count:
        return _("at once after")
    if unit == "days":
        return ngettext("%(num)d day after", "%(num)d days after", count)
    if unit == "hours":
        return ngettext("%(num)d hour after", "%(num)d hours after", count)
    return ngettext("%(num)d minute after", "%(num)d minutes after", count)


def gap_in_words(tenant_gap_days: int, rule_gap_days: int | None) -> str:
    """How often one person is asked at most: the longer of the tenant's gap and the rule's."""
    days = max(tenant_gap_days, rule_gap_days or 0)
    return ngettext("at most every %(num)d day", "at most every %(num)d days", days) if days else _("however often")


def sample_in_words(percent: int) -> str:
    """How many of the customers."""
    return _("every customer") if percent == 100 else _("%(percent)s %% of customers", percent=percent)


def about_in_words(title: str, title_locale: str, day: str, spoken: str) -> str:
    """What an ask is about, by name and day: "Your delivery of 12 January".

    `spoken` is the language of our own words: our "of" would stand wrong in a title of another.
    """
    if title_locale.partition("-")[0] == spoken.partition("-")[0]:
        return _("%(title)s of %(date)s", title=title, date=day)
    return f"{title} · {day}"


def day_in_words(moment: datetime, now: datetime, timezone: ZoneInfo, locale: str) -> str:
    """The day of `moment` on the customer's calendar, with its year when that is not obvious."""
    local, spoken = moment.astimezone(timezone), _date_locale(locale)
    if abs((now - moment).days) < _NOT_LONG_AGO_DAYS:
        return str(format_skeleton("MMMMd", local, locale=spoken))
    return str(format_date(local, "long", locale=spoken))


def moment_in_words(moment: datetime, now: datetime, timezone: str | None, fallback: str, locale: str) -> str:
    """Day and hour of `moment` on the customer's clock: "Tuesday 24 November, 14:05".

    Where we do not know their zone it is that of `fallback`, which is then named.
    """
    local, spoken = moment.astimezone(ZoneInfo(timezone or fallback)), _date_locale(locale)
    is_near = abs((now - moment).days) < _NOT_LONG_AGO_DAYS
    day = format_skeleton("MMMMEEEEd", local, locale=spoken) if is_near else format_date(local, "long", locale=spoken)
    words = {"day": str(day), "time": format_time(local, "short", locale=spoken)}
    if timezone:
        return _("%(day)s, %(time)s", **words)
    return _("%(day)s, %(time)s (%(zone)s)", zone=get_timezone_name(local, locale=spoken), **words)


def _date_locale(code: str) -> Locale:
    """How days are written for readers of `code`; plain English writes the day before the month."""
    british = Locale.parse("en-GB", sep="-")
    try:
        return british if code == "en" else Locale.parse(code, sep="-") or british
    except (UnknownLocaleError, ValueError):
        return british
