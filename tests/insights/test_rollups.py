"""Rollups: whatever happens in whatever order, they hold what making them anew gives, and no figure waits for them."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import NullPool, create_engine, delete, select, update

from app.config import Settings
from app.insights.figures import commands, jobs, queries, service
from app.insights.figures.models import Rollup, RollupCell, RollupFact
from app.insights.figures.queries.answers import Counted
from app.insights.figures.rollup_rules import Span, spans
from app.insights.figures.rules import FigureQuery, FigureRow
from app.kernel.db import TenantModel, atomic, db
from app.kernel.outbox_model import OutboxRow
from app.kernel.scope import directory_scope, tenant_scope
from app.metrics.figures import METRICS
from app.portal import queries as portal
from app.surveys.answering.models import Response
from app.tenants.models import Tenant
from app.tenants.queries import timezone
from tests.cast import Cast
from tests.factories.figures import NOON, Ground, add_interaction, make_ground
from tests.threads import at_once

QUESTIONS = [
    FigureQuery(),
    FigureQuery(by=("touchpoint", "month")),
    FigureQuery(by=("week",), basis="interaction"),
    FigureQuery(by=("partner",), first=date(2026, 2, 14), last=date(2026, 4, 3)),
    FigureQuery(by=("day",), first=date(2026, 3, 1), last=date(2026, 3, 31)),
    FigureQuery(by=("department", "journey"), kind="relationship"),
]
"""Whole months, edges of months, days, both bases, another kind."""


@pytest.fixture
def ground(cast: Cast) -> Ground:
    return make_ground(cast)


def _rows(model: type[TenantModel]) -> list[dict[str, Any]]:
    columns = [column.key for column in model.__table__.columns]
    found = db.session.scalars(select(model).order_by(model.id).execution_options(populate_existing=True))
    return [{name: getattr(row, name) for name in columns} for row in found]


def _rollups(cast: Cast) -> dict[str, list[dict[str, Any]]]:
    with cast.scope():
        return {model.__tablename__: _rows(model) for model in (RollupFact, RollupCell)}


def _figures(cast: Cast) -> dict[tuple[str, int], list[FigureRow]]:
    with cast.scope():
        return {
            (metric, number): queries.figure(metric, query)
            for metric in ("nps", "emotion")
            for number, query in enumerate(QUESTIONS)
        }


def _from_the_responses(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, int], list[FigureRow]]:
    """The same figures as if there were no rollups."""
    with monkeypatch.context() as without:
        without.setattr(Counted, "now", lambda: Counted(timezone(), None, is_waited_for=True))
        return _figures(cast)


class History:
    """Answers that come, change, are parked and released, at random but the same for the same seed."""

    def __init__(self, cast: Cast, ground: Ground, seed: int) -> None:
        self.cast, self.ground, self.dice = cast, ground, random.Random(seed)
        self.ids: list[UUID] = []
        self.interactions = [add_interaction(ground, f"order-{number}") for number in range(4)]

    def step(self) -> None:
        """One thing happens."""
        happens: list[Callable[[], None]] = [self._answer] * 5 + [self._change] * 4 + [self._park, self._roll_up]
        self.dice.choice(happens)()

    def _scores(self) -> dict[str, object]:
        emotion = self.dice.choice([None, None, 0b1, 0b11, 1 << 19])
        return {
            "nps": self.dice.choice([None, 0, 7, 9, 10]),
            "csat": self.dice.choice([None, None, 1, 5]),
            "ces": self.dice.choice([None, None, 2, 7]),
            "emotion": emotion,
            "valence": None if emotion is None else 0.0,
        }

    def _moment(self) -> Any:
        return NOON + timedelta(days=self.dice.randint(-40, 40), minutes=self.dice.randint(0, 1439))

    def _answer(self) -> None:
        interaction = self.dice.choice([None, *self.interactions])
        self.ids.append(
            self.ground.answer(
                touchpoint=self.dice.choice(["delivery", "call"]),
                at=self._moment(),
                occurred_at=self._moment() if interaction else None,
                interaction_id=interaction,
                survey_kind=self.dice.choice(["transactional", "transactional", "relationship", "follow_up"]),
                **self._scores(),
            )
        )

    def _change(self) -> None:
        if self.ids:
            self._write(answered_at=self._moment(), **self._scores())

    def _park(self) -> None:
        if self.ids:
            self._write(**self.dice.choice([{"parked_at": NOON, "parked_reason": "honeypot"},
                                            {"parked_at": None, "parked_reason": None}]))  # fmt: skip

    def _write(self, **values: object) -> None:
        with self.cast.scope(), atomic() as session:
            row = session.scalars(select(Response).where(Response.id == self.dice.choice(self.ids))).one()
            for name, value in values.items():
                setattr(row, name, value)

    def _roll_up(self) -> None:
        if self.ids:
            with self.cast.scope():
                jobs.roll_up_response(self.cast.tenant_id, response_id=str(self.dice.choice(self.ids)))


@pytest.mark.parametrize("seed", range(3))
def test_any_history_leaves_the_rows_that_making_them_anew_gives(
    cast: Cast, ground: Ground, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "BATCH", 3)
    history = History(cast, ground, seed)
    for number in range(40):
        history.step()
        if number % 13 == 12:
            assert _figures(cast) == _from_the_responses(cast, monkeypatch), "a figure lags"
    for response_id in history.dice.sample(history.ids, len(history.ids)):
        with cast.scope():
            service.roll_up(response_id)
    kept = _rollups(cast)
    with cast.scope():
        facts, cells = service.rebuild()
    assert kept == _rollups(cast)
    assert (facts, cells) == (len(kept["rollup_facts"]), len(kept["rollup_cells"]))
    assert min(cell["n"] for cell in kept["rollup_cells"]) > 0
    assert _figures(cast) == _from_the_responses(cast, monkeypatch)


def test_an_answer_counts_before_any_worker_has_run(cast: Cast) -> None:
    before = {metric: cast.api().get(f"figures/{metric}").json["rows"][0]["n"] for metric in METRICS}
    assert set(before.values()) == {0}
    _post(cast, "a1", nps=9)
    assert cast.api().get("figures/nps").json["rows"][0]["promoters"] == 1
    assert _rollups(cast)["rollup_cells"] == []


def test_an_answer_counts_once_while_the_worker_is_half_way(cast: Cast) -> None:
    for number in range(4):
        _post(cast, f"a{number}", nps=number)
    cast.run_jobs()
    _post(cast, "a4", nps=10)
    assert cast.api().get("figures/nps?by=day").json["rows"][0]["n"] == 5
    cast.run_jobs()
    assert cast.api().get("figures/nps?by=day").json["rows"][0]["n"] == 5
    assert sum(cell["n"] for cell in _rollups(cast)["rollup_cells"] if cell["grain"] == "day") == 5 * 2


def test_a_worker_that_dies_leaves_nothing_half_done(
    cast: Cast, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ground.answer(nps=9)
    with cast.scope():
        service.roll_up(first)
    kept = _rollups(cast)
    second = ground.answer(nps=0)
    monkeypatch.setattr(service, "_row", lambda _fact: 1 / 0)
    with cast.scope(), pytest.raises(ZeroDivisionError):
        service.roll_up(second)
    assert _rollups(cast) == kept
    assert _figures(cast)["nps", 0][0].figure.n == 2
    monkeypatch.undo()
    for _turn in range(2):
        with cast.scope():
            service.roll_up(second)
        assert len(_rollups(cast)["rollup_facts"]) == 2


def test_a_later_answer_to_the_same_interaction_takes_the_place_of_the_first(cast: Cast, ground: Ground) -> None:
    interaction = add_interaction(ground, "order-9")
    first = ground.answer(nps=0, csat=1, interaction_id=interaction, at=NOON)
    with cast.scope():
        service.roll_up(first)
    second = ground.answer(nps=10, interaction_id=interaction, at=NOON + timedelta(hours=1))
    assert _figures(cast)["nps", 0][0].figure.score == 100
    with cast.scope():
        service.roll_up(second)
    facts = {fact["id"]: (fact["nps"], fact["csat"]) for fact in _rollups(cast)["rollup_facts"]}
    assert facts == {first: (None, 1), second: (10, None)}


def test_existing_responses_are_counted_before_and_after_the_first_roll_up(cast: Cast, ground: Ground) -> None:
    known = [ground.answer(nps=score) for score in (0, 9, 10)]
    with cast.scope(), atomic() as session:
        # As the migration leaves what was there before it.
        session.execute(update(Response).values(is_uncounted=False))
    assert _figures(cast)["nps", 0][0].figure.n == 3
    with cast.scope():
        service.roll_up(known[0])
    assert len(_rollups(cast)["rollup_facts"]) == 3
    assert _figures(cast)["nps", 0][0].figure.n == 3


def test_another_time_zone_makes_them_anew_and_figures_are_right_meanwhile(cast: Cast, ground: Ground) -> None:
    late = NOON.replace(hour=2)  # the 9th in São Paulo, the 10th in Shanghai
    known = ground.answer(nps=9, at=late)
    with cast.scope():
        service.roll_up(known)
    _move(cast, "Asia/Shanghai")
    assert cast.api().get("figures/nps?by=day").json["rows"][0]["keys"] == {"day": "2026-03-10"}
    with cast.scope():
        service.roll_up(known)
        assert db.session.scalar(select(Rollup.timezone)) == "Asia/Shanghai"
    assert {cell["day"] for cell in _rollups(cast)["rollup_cells"]} == {date(2026, 3, 10), date(2026, 3, 1)}


def test_a_partner_reads_its_own_cells_and_those_that_wait(cast: Cast, ground: Ground) -> None:
    for _turn in range(12):
        ground.answer(nps=9)
        ground.answer(nps=0, touchpoint="call")
    with cast.scope():
        service.rebuild()
    ground.answer(nps=10)
    with tenant_scope(cast.tenant_id, cast.partner_id):
        measured = portal.measure(METRICS)["nps"]
        assert {cell["partner_id"] for cell in _rows(RollupCell)} == {cast.partner_id}
        assert {fact["partner_id"] for fact in _rows(RollupFact)} == {cast.partner_id}
        with atomic() as session:
            assert session.execute(delete(RollupCell)).rowcount == 0
    assert (measured.total.figure.n, measured.total.figure.score) == (13, 100)


def test_the_command_says_what_there_is(cast: Cast, ground: Ground) -> None:
    ground.answer(nps=9, csat=5)
    db.session.close()
    runner = CliRunner()
    found = runner.invoke(commands.rebuild, ["--tenant", cast.slug, "--json"])
    assert found.output == '{"responses": 1, "cells": 8}\n'
    again = runner.invoke(commands.rebuild, ["--tenant", cast.slug])
    assert again.output == "1 counted responses are in 8 cells.\n"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (FigureQuery(), [Span("month", None, None)]),
        (FigureQuery(by=("week",)), [Span("day", None, None)]),
        (
            FigureQuery(first=date(2026, 1, 15), last=date(2026, 4, 2)),
            [
                Span("month", date(2026, 2, 1), date(2026, 4, 1)),
                Span("day", date(2026, 1, 15), date(2026, 2, 1)),
                Span("day", date(2026, 4, 1), date(2026, 4, 3)),
            ],
        ),
        (
            FigureQuery(first=date(2026, 12, 1), last=date(2026, 12, 31)),
            [Span("month", date(2026, 12, 1), date(2027, 1, 1))],
        ),
        (
            FigureQuery(first=date(2026, 1, 15), last=date(2026, 2, 10)),
            [Span("day", date(2026, 1, 15), date(2026, 2, 11))],
        ),
        (
            FigureQuery(first=date(2026, 1, 15), last=date(2026, 1, 15)),
            [Span("day", date(2026, 1, 15), date(2026, 1, 16))],
        ),
        (
            FigureQuery(last=date(2026, 1, 15)),
            [Span("month", None, date(2026, 1, 1)), Span("day", date(2026, 1, 1), date(2026, 1, 16))],
        ),
    ],
)
def test_whole_months_are_read_as_months(query: FigureQuery, expected: list[Span]) -> None:
    assert spans(query) == expected


def _post(cast: Cast, own_id: str, **answers: int) -> None:
    if not _post.__dict__.get(cast.slug):
        survey = {"title": {"en": "T"}, "default_locale": "en",
                  "questions": [{"key": "nps", "type": "nps", "text": {"en": "How likely?"}}]}  # fmt: skip
        api = cast.api()
        assert api.put("surveys/s", {"name": "S", "definition": survey}).status_code == 201
        assert api.post("surveys/s/publications", {"override": "a test"}).status_code == 201
        touchpoint = {"name": "D", "journey": "purchase", "stage": "delivery", "channel": "email", "partner": "pats"}
        assert api.put("touchpoints/d", touchpoint).status_code == 201
        _post.__dict__[cast.slug] = True
    body = {"id": own_id, "survey": "s", "touchpoint": "d", "answers": answers}
    assert cast.api().post("responses", body).status_code == 201


def _move(cast: Cast, zone: str) -> None:
    with directory_scope(), atomic() as session:
        session.execute(update(Tenant).where(Tenant.id == cast.tenant_id).values(timezone=zone))


def test_workers_at_the_same_moment_count_everything_once(cast: Cast, ground: Ground) -> None:
    interaction = add_interaction(ground, "order-5")
    ids = [ground.answer(nps=turn, interaction_id=interaction, at=NOON + timedelta(hours=turn)) for turn in range(4)]
    ids += [ground.answer(nps=10) for _turn in range(8)]
    db.session.close()
    for works in (
        [partial(service.roll_up, id_) for id_ in ids],
        [service.rebuild, partial(service.roll_up, ids[0])] * 2,
    ):
        assert [found for found in at_once(cast, *works) if isinstance(found, Exception)] == []
        cells = [cell for cell in _rollups(cast)["rollup_cells"] if cell["grain"] == "month"]
        assert {(cell["basis"], cell["value"]): cell["n"] for cell in cells} == {
            ("response", 3): 1,
            ("response", 10): 8,
            ("interaction", 3): 1,
            ("interaction", 10): 8,
        }


def test_the_migration_asks_for_the_rollups_of_each_tenant_that_has_responses(
    cast: Cast, others: Cast, ground: Ground, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground.answer(nps=9)
    migration = import_module("migrations.versions.0012_rollups")
    assert settings.database_owner_url
    owner = create_engine(settings.database_owner_url, poolclass=NullPool)
    with owner.begin() as connection:
        monkeypatch.setattr(migration.op, "get_bind", lambda: connection)
        migration._ask_for_rollups()
    with others.scope():
        assert db.session.scalar(select(OutboxRow.id).where(OutboxRow.done_at.is_(None))) is None
    assert cast.run_jobs() == 1
    assert len(_rollups(cast)["rollup_facts"]) == 1
