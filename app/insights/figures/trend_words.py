"""How a figure over time is spoken of: its heading, in a sentence what it shows, and the periods below its chart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from app.insights.figures.words import METRIC_WORDS, value_words
from app.metrics.display import SHOW_SCORE_FROM
from app.web import dates


def trend_title(metric: str, by: str) -> str:
    """What a trend shows, as its heading."""
    name = METRIC_WORDS[metric]
    return {
        "day": _("%(metric)s by day", metric=name),
        "week": _("%(metric)s by week", metric=name),
        "month": _("%(metric)s by month", metric=name),
        "year": _("%(metric)s over twelve months", metric=name),
    }[by]


def months_words(metric: str, shown: Sequence[tuple[str, float]], months: int) -> str:
    """What a trend by month shows, in a sentence: the (month, score) that can be shown, of so many months."""
    if not shown:
        return _("In none of these months did at least %(least)d customers answer.", least=SHOW_SCORE_FROM)
    (first_month, first), (last_month, last) = shown[0], shown[-1]
    if len(shown) == 1:
        return _(
            "%(score)s in %(month)s; in no other month did at least %(least)d customers answer.",
            score=value_words(metric, first),
            month=first_month,
            least=SHOW_SCORE_FROM,
        )
    return ngettext(
        "From %(first)s in %(first_month)s to %(last)s in %(last_month)s; "
        "%(num)d of %(all)d months has enough answers.",
        "From %(first)s in %(first_month)s to %(last)s in %(last_month)s; "
        "%(num)d of %(all)d months have enough answers.",
        len(shown),
        first=value_words(metric, first),
        first_month=first_month,
        last=value_words(metric, last),
        last_month=last_month,
        all=months,
    )


def course_words(metric: str, by: str, shown: Sequence[tuple[str, float]], periods: int) -> str:
    """What a trend shows, in a sentence: the (period, score) that can be shown, of so many periods."""
    if by == "month":
        return months_words(metric, shown, periods)
    few = {"least": SHOW_SCORE_FROM, "all": periods}
    if by == "week":
        return ngettext(
            "%(num)d of %(all)d weeks has a score, by at least %(least)d answers.",
            "%(num)d of %(all)d weeks have a score, by at least %(least)d answers each.",
            len(shown),
            **few,
        )
    return ngettext(
        "%(num)d of %(all)d days has a score, by at least %(least)d answers.",
        "%(num)d of %(all)d days have a score, by at least %(least)d answers each.",
        len(shown),
        **few,
    )


def axis_words(by: str, key: str, *, is_first: bool) -> str:
    """A period as it stands below a chart, with its year in a second line where one begins."""
    if by == "week":
        year, _letter, number = key.partition("-W")
        name, begins = _("W%(number)s", number=int(number)), number == "01"
    elif by == "day":
        day = date.fromisoformat(key)
        name, year, begins = dates.day_of_month(day), str(day.year), (day.month, day.day) == (1, 1)
    else:
        day = date.fromisoformat(f"{key}-01")
        name, year, begins = dates.month_of_year(day), str(day.year), day.month == 1
    return f"{name}\n{year}" if is_first or begins else name
