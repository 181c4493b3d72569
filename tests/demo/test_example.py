"""A tenant's example as it is filled: what is now comes first, killed it goes on, nothing of it leaves the house."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask_openapi3 import OpenAPI
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from app.demo.shop import example
from app.journeys.models import Department, Journey, Stage, Touchpoint
from app.kernel.db import TenantModel, db
from app.kernel.outbox import LEASE
from app.kernel.outbox_model import OutboxRow
from app.kernel.scope import directory_scope, tenant_scope
from app.loop.cases import service as cases
from app.loop.cases.models import Case, CaseClosure
from app.loop.cases.service.opening import _next_number
from app.loop.causes.rules import RootCause
from app.surveys.answering.models import Response
from app.surveys.design.models import Survey
from app.tenants import queries as tenants
from app.tenants import service
from app.tenants.examples.models import Example
from app.tenants.examples.queries import find_example_of
from app.tenants.examples.rules import CHAPTERS, FIRST_FIGURES, is_invented
from app.tenants.examples.service import enter_example, remove_example
from tests import smtp
from tests.browser import assert_open_to_everybody, watched
from tests.cast import PASSWORD, Cast, make_cast
from tests.demo.conftest import rows_of
from tests.examples import forget_stories

pytestmark = pytest.mark.timeout(600)
KILLED_IN = (0, 2)
"""Chapters that a worker begins and does not survive."""


class _Killed(BaseException):
    pass


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_left(application: OpenAPI) -> Iterator[None]:
    yield
    with application.app_context():
        forget_stories()


@dataclass
class Told:
    """A tenant whose admin has asked for an example, the example, and what was seen while it was filled."""

    owner: Cast
    cast: Cast
    owner_before: Counter[str]
    empty_page: str = ""
    first_page: str = ""
    progress: list[str | None] = field(default_factory=list)
    lost: list[Counter[str]] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def told(application: OpenAPI) -> Told:
    """The whole story, told chapter by chapter; some chapters are killed half-way and told again."""
    with application.app_context():
        owner = make_cast(application)
        assert owner.client("alice").post("example/").status_code == 303
        owner.run_jobs()
        found = Told(owner, _example_of(owner), rows_of(owner))
        alice = found.cast.client("alice")
        found.empty_page = alice.get("").text
        with found.cast.scope():
            story = example._story()
        with smtp.serve(application) as server:
            for chapter in range(CHAPTERS):
                if chapter in KILLED_IN:
                    found.lost.append(_kill(found.cast, chapter))
                with found.cast.scope():
                    example._tell_next(story)
                found.progress.append(alice.get(f"example/progress?drawn={chapter}").headers.get("HX-Refresh"))
                if chapter + 1 == FIRST_FIGURES:
                    found.first_page = alice.get("").text
            found.cast.run_jobs()
        found.mails = server.recipients
        return found


def _example_of(owner: Cast) -> Cast:
    with directory_scope():
        tenant = find_example_of(owner.tenant_id)
        assert tenant is not None
        return Cast(owner.app, tenant.id, tenant.slug, "", owner.users)


def _kill(cast: Cast, chapter: int) -> Counter[str]:
    """Tell this chapter to its end and die before the commit; returns the rows that it has left behind."""
    before = rows_of(cast)

    def die() -> None:
        story[chapter]()
        db.session.flush()
        raise _Killed

    with cast.scope(), pytest.raises(_Killed):
        story = example._story()  # of a worker of its own
        example._tell_next([*story[:chapter], die, *story[chapter + 1 :]])
    return rows_of(cast) - before


def _all(cast: Cast, model: type[TenantModel]) -> list[TenantModel]:
    with cast.app.app_context(), cast.scope():
        return list(db.session.scalars(select(model)))


def test_it_is_told_in_as_many_chapters_as_the_bar_says(told: Told) -> None:
    (row,) = _all(told.cast, Example)
    assert isinstance(row, Example)
    assert row.told == CHAPTERS and row.told_at is not None
    with told.cast.app.app_context(), told.cast.scope():
        assert len(example._story()) == CHAPTERS


def test_a_chapter_that_was_killed_leaves_nothing_and_is_told_again(told: Told) -> None:
    assert told.lost == [Counter()] * len(KILLED_IN)


def test_the_first_page_shows_figures_before_the_year_is_told(told: Told) -> None:
    assert "No responses" in told.empty_page and "It is being filled." in told.empty_page
    assert "Take the first steps" not in told.empty_page
    assert "No responses" not in told.first_page and "The year before is being added." in told.first_page
    # The page is drawn anew when its first figures are there, and when all is told.
    drawn_anew = [chapter for chapter, header in enumerate(told.progress) if header == "true"]
    assert drawn_anew == [FIRST_FIGURES - 1, CHAPTERS - 1]


def test_it_is_the_same_year_as_the_demo_tenants(told: Told) -> None:
    responses, found = _all(told.cast, Response), _all(told.cast, Case)
    assert 700 <= len(responses) <= 1_500
    by_number = sorted((one for one in found if isinstance(one, Case)), key=lambda case: case.number)
    assert [case.number for case in by_number] == list(range(1, len(found) + 1))
    past = [case.opened_at for case in by_number if case.is_historic]
    assert past == sorted(past), "the numbers go with the days, whatever was told first"
    assert sum(case.status != "closed" for case in by_number) == 4
    assert {closure.outcome for closure in _all(told.cast, CaseClosure) if isinstance(closure, CaseClosure)} >= {
        "confirmed"
    }


def test_its_next_case_has_the_next_number(told: Told) -> None:
    with told.cast.app.app_context(), told.cast.scope():
        assert _next_number() == len(list(db.session.scalars(select(Case.id)))) + 1


def test_it_stands_under_the_tenants_own_name(told: Told) -> None:
    surveys = [one for one in _all(told.cast, Survey) if isinstance(one, Survey)]
    name = f"Tenant {told.owner.slug}"
    texts = str([one.draft for one in surveys])
    assert name in texts and "Ostrel" not in texts


def test_its_people_are_invented_for_it_alone_and_none_is_an_admin(told: Told) -> None:
    with told.cast.app.app_context(), told.cast.scope():
        people = [(user.email, row.role) for row, user in tenants.list_members()]
    invented = {email: role for email, role in people if is_invented(email)}
    assert [email for email, _role in people if email not in invented] == [told.owner.email("alice")]
    assert sorted(invented.values()) == ["agent", "agent", "analyst", "lead", "partner", "partner"]
    domain = told.cast.tenant_id.hex[-12:]
    assert all(email.endswith(f"{domain}.example.heed.test") for email in invented)


def test_nothing_has_left_the_house_and_nothing_of_the_tenant_has_changed(told: Told) -> None:
    assert told.mails == []
    assert rows_of(told.owner) == told.owner_before


def test_working_on_a_case_of_it_writes_to_nobody(told: Told) -> None:
    """The customer is asked whether it is solved, as everywhere; the mail counts as sent and is kept back."""
    app, cast = told.cast.app, told.cast
    with app.app_context():
        with cast.scope():
            number = max(one.number for one in _all(cast, Case) if isinstance(one, Case) and one.status != "closed")
        with smtp.serve(app) as server, cast.scope():
            cases.record_first_contact(number, "phone", "reached", "Spoke with you.")
            cases.set_root_causes(number, [RootCause("process.delay", 1.0, True)], "")
            cases.resolve_case(number, "Flowers.", "All is well now.")
            cases.close_case(number, "confirmed", "Content.")
        cast.run_jobs()
    assert server.recipients == []


def test_a_test_survey_still_comes_to_whoever_looks_around(told: Told) -> None:
    with told.cast.app.app_context(), smtp.serve(told.cast.app) as server:
        assert told.cast.client("alice").post("start/test").status_code == 303
        told.cast.run_jobs()
    assert server.recipients == [told.owner.email("alice")]


def test_told_again_it_stays_as_it_is(told: Told) -> None:
    before = rows_of(told.cast)
    with told.cast.app.app_context():
        with told.cast.scope():
            example.tell_example(lambda: False)
        assert rows_of(told.cast) == before


@pytest.fixture
def fresh(app: OpenAPI) -> Cast:
    """An example whose story is not begun."""
    owner = make_cast(app)
    with owner.scope():
        enter_example(owner.email("alice"))
    return _example_of(owner)


def test_the_job_tells_some_chapters_and_asks_for_the_rest(fresh: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(example, "_AT_A_TIME_SECONDS", 0.01)
    with fresh.scope():
        example.tell_example(lambda: False)
    (row,) = _all(fresh, Example)
    assert isinstance(row, Example) and row.told == FIRST_FIGURES, (
        "the first page shows figures before others have a turn"
    )
    wanted = [one for one in _all(fresh, OutboxRow) if isinstance(one, OutboxRow) and one.job == "tell_example"]
    assert len(wanted) == 2 and not any(one.done_at for one in wanted)


def test_a_worker_that_has_to_leave_asks_another_one(fresh: Cast) -> None:
    with fresh.scope():
        example.tell_example(lambda: True)
    (row,) = _all(fresh, Example)
    assert isinstance(row, Example) and row.told == 0
    assert len([one for one in _all(fresh, OutboxRow) if isinstance(one, OutboxRow) and one.job == "tell_example"]) == 2


def test_two_workers_tell_each_chapter_once(fresh: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(example, "_AT_A_TIME_SECONDS", 0.01)
    barrier = threading.Barrier(2)

    def work() -> None:
        with fresh.app.app_context(), tenant_scope(fresh.tenant_id):
            barrier.wait()
            example.tell_example(lambda: False)

    threads = [threading.Thread(target=work) for _worker in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (row,) = _all(fresh, Example)
    assert isinstance(row, Example) and FIRST_FIGURES <= row.told <= FIRST_FIGURES + 1
    assert len(_all(fresh, Survey)) == 6


def test_a_worker_that_finds_another_at_it_looks_again_when_that_one_may_be_dead(fresh: Cast) -> None:
    with fresh.scope(), db.engine.connect() as other:
        other.execute(select(Example.id).with_for_update())
        example.tell_example(lambda: False)
    (row,) = _all(fresh, Example)
    assert isinstance(row, Example) and row.told == 0
    wanted = [one for one in _all(fresh, OutboxRow) if isinstance(one, OutboxRow) and one.job == "tell_example"]
    first, again = sorted(one.due_at for one in wanted)
    assert again - first >= LEASE


def test_a_removed_example_is_told_no_further(fresh: Cast) -> None:
    with fresh.scope():
        remove_example(fresh.tenant_id)
        example.tell_example(lambda: False)
    (row,) = _all(fresh, Example)
    assert isinstance(row, Example) and row.told == 0


def test_in_a_real_tenant_nothing_is_told(app: OpenAPI) -> None:
    cast = make_cast(app)
    before = rows_of(cast)
    with cast.scope():
        example.tell_example(lambda: False)
    assert rows_of(cast) == before


def test_a_tenant_that_works_in_chinese_finds_it_in_chinese(app: OpenAPI) -> None:
    made = service.create_tenant(
        f"zh-{make_cast(app).slug}", '云"杉', "mei@zh.example", PASSWORD, locale="zh-Hans", timezone="Asia/Shanghai"
    )
    with tenant_scope(made.tenant_id):
        enter_example("mei@zh.example")
    with directory_scope():
        tenant = find_example_of(made.tenant_id)
        assert tenant is not None and tenant.name == '云"杉 · 示例'
    cast = Cast(app, tenant.id, tenant.slug, "")
    with cast.scope():
        example._tell_next(example._story())
        names = [
            row.name for model in (Department, Journey, Stage, Touchpoint) for row in db.session.scalars(select(model))
        ]
        surveys = list(db.session.scalars(select(Survey)))
    assert len(names) == 22
    assert not [name for name in [*names, *(one.name for one in surveys)] if name.isascii()]
    assert {one.draft["default_locale"] for one in surveys} == {"zh-Hans"}
    assert any('云"杉' in str(one.draft) for one in surveys)


def test_one_press_and_the_page_fills_itself_and_one_more_removes_it(
    app: OpenAPI, browser: Browser, address: str
) -> None:
    owner = make_cast(app)
    context = browser.new_context(locale="en-GB", viewport={"width": 320, "height": 700}, reduced_motion="reduce")
    context.set_default_timeout(60_000)
    with watched(context) as page:
        page.goto(f"{address}/sign-in")
        page.fill("[name=email]", owner.email("alice"))
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/t/{owner.slug}/")
        page.goto(f"{address}/t/{owner.slug}/start")
        page.get_by_role("button", name="Look around in a filled example").focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/t/{owner.slug}-example/")
        expect(page.get_by_text("No responses")).to_be_visible()
        assert_open_to_everybody(page)
        with _example_of(owner).scope():
            story = example._story()
            for _chapter in range(FIRST_FIGURES):
                example._tell_next(story)
        # Nobody reloads the page: it is drawn anew when there is something to see.
        expect(page.get_by_text("The year before is being added.")).to_be_visible()
        expect(page.get_by_text("No responses")).to_have_count(0)
        assert_open_to_everybody(page)
        page.get_by_role("link", name="Remove it").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("· example")
        assert_open_to_everybody(page)
        page.get_by_role("button", name="Remove the example").click()
        page.wait_for_url(f"**/t/{owner.slug}/")
        expect(page.get_by_text("The example is removed.")).to_be_visible()
    context.close()
