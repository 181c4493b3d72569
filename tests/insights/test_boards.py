"""The boards: one figure on every home, moves that are more than chance, causes, promises kept, and voices."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.insights.boards import queries, rules
from app.insights.figures.rules import Tally, compute
from app.kernel import clock
from app.kernel.days import day_in
from app.kernel.db import atomic, db
from app.loop.cases import service as cases
from app.loop.cases.models import Case
from app.metrics.share import Share
from app.tenants import service as tenants
from app.tenants.models import AuditEvent
from tests.cast import Cast
from tests.factories.figures import make_ground
from tests.factories.loop import make_case, make_closed_case
from tests.queries import count_queries

DAY = timedelta(days=1)


def row(**by_value: int) -> Any:
    """A row of NPS from counts such as n0=3, n10=7."""
    return compute("nps", [Tally((), {int(name[1:]): n for name, n in by_value.items()}, 0)], ())[0]


def test_a_move_is_more_than_chance_among_all_that_were_looked_at() -> None:
    fell = ("fell", "Fell", row(n0=60, n10=40), row(n0=20, n10=80))
    noise = [(f"n{place}", "Noise", row(n0=9, n10=11), row(n0=10, n10=10)) for place in range(20)]
    few = ("few", "Few", row(n0=9), row(n10=9))
    new = ("new", "New", row(n0=50), None)
    now = [(key, name, after) for key, name, after, _before in [fell, *noise, few, new]]
    before = [(key, name, earlier) for key, name, _after, earlier in [fell, *noise, few, new] if earlier]
    moves = rules.moves(now, before)
    assert [move.key for move in moves] == ["fell"]
    assert moves[0].change.raw == pytest.approx(-80)


def test_one_weak_change_among_many_is_not_called_a_move() -> None:
    """Alone it would pass at 5 %: that is what looking at twenty at once must not do."""
    weak = ("weak", "Weak", row(n0=25, n10=75), row(n0=40, n10=60))
    noise = [(f"n{place}", "Noise", row(n0=10, n10=10), row(n0=10, n10=10)) for place in range(20)]
    both = [weak, *noise]
    alone = rules.moves([weak[:3]], [(*weak[:2], weak[3])])
    among = rules.moves([each[:3] for each in both], [(*each[:2], each[3]) for each in both])
    assert ([move.key for move in alone], among) == (["weak"], [])


def test_promises_carry_an_interval() -> None:
    assert Share(0, 0).percent is None and Share(0, 0).interval is None
    kept = Share(8, 10)
    assert kept.percent == 80 and kept.interval == pytest.approx((49.0162, 94.3318), abs=1e-4)


def test_causes_share_a_case_and_say_how_many_were_coded() -> None:
    found = rules.causes([("process.delay", 0.5), ("partner", 0.5), ("process", 1.0)], coded=2)
    assert list(found.shares) == [("process", 1.5), ("partner", 0.5)]
    assert found.backstage == Share(2, 2)


def test_the_north_star_is_the_tenants_choice(cast: Cast) -> None:
    ground = make_ground(cast)
    now = clock.now()
    for turn in range(12):
        ground.answer(nps=10, csat=1, at=now - turn * DAY)
    with cast.scope():
        assert (queries.north_star(queries.window(now)).metric) == "nps"
        tenants.change_settings({"north_star": "csat"})
        db.session.close()
        star = queries.north_star(queries.window(now))
    assert (star.metric, star.row.figure.n, star.row.figure.score) == ("csat", 12, 0.0)
    assert (star.year.last, star.year.by) == (day_in(now, ZoneInfo("America/Sao_Paulo")), ("month",))


def test_the_choice_is_made_on_the_settings_page_and_audited(cast: Cast) -> None:
    alice = cast.client("alice")
    page = alice.get("settings/").text
    fields = dict(re.findall(r'name="(\w+)" type="text" value="([^"]*)"', page))
    assert alice.post("settings/", data={**fields, "north_star": "ces"}).status_code == 303
    assert 'value="ces" selected' in alice.get("settings/").text
    assert alice.post("settings/", data={**fields, "north_star": "revenue"}).status_code == 422
    with cast.scope():
        changes = [event.after for event in db.session.query(AuditEvent).filter_by(action="settings.changed")]
    assert changes[-1]["north_star"] == "ces"


def test_the_promises_of_one_person_and_of_all(cast: Cast) -> None:
    with cast.scope():
        kept, late, untold = (make_case(email=f"{name}@example.com").number for name in ("a", "b", "c"))
        for number in (kept, late):
            cases.assign_case(number, cast.users["bob"])
            cases.record_first_contact(number, "phone", "reached")
        with atomic():
            row = db.session.query(Case).filter_by(number=late).one()
            row.first_contact_due_at = row.first_contact_at - timedelta(minutes=1)
        db.session.close()
        seen = queries.window(clock.now())
        assert queries.loop(seen).contact_in_time == Share(1, 2)
        assert queries.loop(seen, cast.users["bob"]).contact_in_time == Share(1, 2)
        assert queries.loop(seen, cast.users["alice"]).contact_in_time == Share(0, 0)
        # What fell due with nobody in touch was not kept.
        later = queries.window(clock.now() + 2 * DAY)
        assert queries.loop(later).contact_in_time == Share(1, 3)
        assert untold


def test_the_agents_home_counts_their_own(cast: Cast) -> None:
    with cast.scope():
        number = make_case(email="a@example.com").number
        cases.assign_case(number, cast.users["bob"])
        make_case(email="b@example.com")
    page = cast.client("bob").get("").text
    counts = dict(re.findall(r"<dt>([^<]+)</dt><dd><a[^>]*>([\d,]+)</a>", page))
    assert counts == {"late cases of yours": "0", "open cases of yours": "1", "closed by now": "0"}
    shown = cast.client("bob").get("cases/?show=mine").text
    assert f"#case-{number}" in shown or f'id="case-{number}"' in shown


def test_the_analysts_home_says_why(cast: Cast) -> None:
    with cast.scope():
        make_closed_case(email="di@example.com")
    page = cast.client("dana").get("").text
    assert "Behind the front line" in page and "1 of 1" in page


def test_the_analysts_home_says_it_in_the_customers_words(cast: Cast) -> None:
    ground = make_ground(cast)
    now = clock.now()
    ground.answer(nps=1, comment_redacted="It never came <b>", at=now - DAY)
    ground.answer(nps=10, comment_redacted="الشكر لكم", at=now - DAY)
    dana = cast.client("dana")
    page = dana.get("").text
    for said in ("It never came &lt;b&gt;", "الشكر لكم", "Nothing moved by more than chance."):
        assert said in page, said
    links = re.findall(r'href="(/t/[^"]+)"', page[page.index("<main") :])
    # The answers of this ground have no survey that could be read, so that their own pages are not opened here.
    own = [link for link in links if re.search(r"/responses/[0-9a-f-]{36}$", link)]
    assert len(own) == 2
    assert [link for link in links if link not in own and dana.get(link.replace("&amp;", "&")).status_code != 200] == []


def test_the_words_of_anonymous_surveys_stay_out_of_sight(cast: Cast) -> None:
    ground = make_ground(cast, is_anonymous=True)
    ground.answer(nps=1, comment_redacted="I am the only one in accounting", at=clock.now() - DAY)
    assert "accounting" not in cast.client("dana").get("").text


@pytest.mark.parametrize(("who", "most"), [("bob", 14), ("dana", 25)])
def test_a_home_needs_as_many_statements_for_many_answers(cast: Cast, who: str, most: int) -> None:
    ground, counts = make_ground(cast), []
    for many in (2, 40):
        for turn in range(many):
            ground.answer(nps=turn % 11, comment_redacted=f"Words {turn}", at=clock.now() - turn * DAY)
        db.session.close()
        reader = cast.client(who)
        with count_queries() as statements:
            assert reader.get("").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= most, statements
