"""The verbs of journeys: departments, journeys with stages, touchpoints."""

from __future__ import annotations

import pytest

from app.journeys import queries, service
from app.journeys.rules import StageInput, TouchpointInput
from app.kernel.errors import Conflict, Invalid, NotFound
from tests.audits import list_audit
from tests.cast import Cast
from tests.factories.journeys import make_department, make_touchpoint
from tests.queries import count_queries


def stage_names(journey: str) -> list[str]:
    return [stage.name for stage in queries.list_stages(queries.get_journey_by_key(journey).id)]


def test_journey_and_stage_are_made_with_readable_names(cast: Cast) -> None:
    with cast.scope():
        touchpoint = make_touchpoint("order-done", journey="online-purchase", stage="check_out")
        assert (touchpoint.stage.name, touchpoint.stage.journey.name) == ("Check out", "Online purchase")


def test_a_department_or_a_partner_answers_never_both(cast: Cast) -> None:
    with cast.scope():
        make_department("logistics")
        owned = make_touchpoint("a", department="logistics")
        assert owned.department.key == "logistics" and owned.partner is None
        with pytest.raises(Invalid) as refused:
            make_touchpoint("a", department="logistics", partner="pats")
        assert [fault.pointer for fault in refused.value.faults] == ["/partner"]
        moved = make_touchpoint("a", partner="pats")
        assert moved.department is None and moved.partner.key == "pats"


def test_unknown_departments_and_partners_are_faults(cast: Cast) -> None:
    with cast.scope():
        for field in ("department", "partner"):
            with pytest.raises(Invalid) as refused:
                make_touchpoint("a", **{field: "nobody"})
            assert [fault.pointer for fault in refused.value.faults] == [f"/{field}"]
        assert queries.find_touchpoint_by_key("a") is None
        assert queries.find_journey_by_key("purchase") is None, "nothing is half-written"


def test_another_tenants_department_is_unknown(cast: Cast, others: Cast) -> None:
    with others.scope():
        make_department("theirs")
    with cast.scope(), pytest.raises(Invalid):
        make_touchpoint("a", department="theirs")


@pytest.mark.parametrize(
    ("field", "value"),
    [("channel", "Mail"), ("channel", ""), ("channel", "x" * 33), ("desired_emotion", 0), ("desired_emotion", 21)],
)
def test_bad_channels_and_emotions_are_refused(cast: Cast, field: str, value: object) -> None:
    with cast.scope(), pytest.raises(Invalid) as refused:
        make_touchpoint("a", **{field: value})
    assert [fault.pointer for fault in refused.value.faults] == [f"/{field}"]


def test_a_touchpoint_moves_between_stages_and_goes_last(cast: Cast) -> None:
    with cast.scope():
        make_touchpoint("there", stage="care")
        make_touchpoint("a")
        moved = make_touchpoint("a", stage="care")
        assert (moved.stage.key, moved.position) == ("care", 1)
        changed = next(event for event in list_audit() if event.action == "touchpoint.changed")
    assert (changed.before, changed.after) == ({"stage": "delivery"}, {"stage": "care"})


def test_putting_the_same_again_changes_and_records_nothing(cast: Cast) -> None:
    with cast.scope():
        make_touchpoint("a")
        rows = len(list_audit())
        assert service.put_touchpoint("a", TouchpointInput("Delivery", "purchase", "delivery", "delivery"))[1] is False
        assert len(list_audit()) == rows


def test_touchpoints_are_ordered_within_their_stage(cast: Cast) -> None:
    with cast.scope():
        for key in "abc":
            make_touchpoint(key)
        service.move_touchpoint("c", -1)
        service.move_touchpoint("a", -1)
        service.move_touchpoint("b", 5)
    with cast.scope():
        [journey] = queries.list_journeys()
        assert [touchpoint.key for touchpoint in journey.stages[0].touchpoints] == ["a", "c", "b"]


def test_a_journey_is_added_with_stages_and_edited(cast: Cast) -> None:
    with cast.scope():
        journey = service.add_journey("顺", ["Search", "Order", "Search"])
        assert journey.key == "journey"
        stages = queries.list_stages(journey.id)
        assert [stage.key for stage in stages] == ["search", "order", "search-2"]
        wanted = [StageInput("Buy", "order"), StageInput("Receive"), StageInput("Find", "search")]
        service.edit_journey("journey", "Shopping", wanted, removed=["search-2"])
        assert stage_names("journey") == ["Buy", "Receive", "Find"]
        assert queries.get_journey_by_key("journey").name == "Shopping"


def test_a_stage_nobody_mentioned_is_kept(cast: Cast) -> None:
    with cast.scope():
        service.add_journey("Purchase", ["Search", "Order"])
        service.edit_journey("purchase", "Purchase", [StageInput("Order", "order")])
        assert stage_names("purchase") == ["Order", "Search"]


def test_stages_and_journeys_with_touchpoints_are_kept(cast: Cast) -> None:
    with cast.scope():
        make_touchpoint("a")
        with pytest.raises(Conflict):
            service.edit_journey("purchase", "Purchase", [], removed=["delivery"])
        with pytest.raises(Conflict):
            service.remove_journey("purchase")
        assert stage_names("purchase") == ["Delivery"]


def test_an_empty_journey_is_removed(cast: Cast) -> None:
    with cast.scope():
        service.add_journey("Purchase", ["Search"])
        service.remove_journey("purchase")
        assert queries.list_journeys() == []
        with pytest.raises(NotFound):
            service.remove_journey("purchase")


def test_journeys_are_ordered(cast: Cast) -> None:
    with cast.scope():
        for name in ("One", "Two", "Three"):
            service.add_journey(name)
        service.move_journey("three", -2)
        assert [journey.key for journey in queries.list_journeys()] == ["three", "one", "two"]


def test_an_unknown_stage_cannot_be_renamed(cast: Cast) -> None:
    with cast.scope():
        service.add_journey("Purchase", ["Search"])
        with pytest.raises(Invalid):
            service.edit_journey("purchase", "Purchase", [StageInput("Other", "other")])
        assert stage_names("purchase") == ["Search"]


def test_the_board_needs_the_same_few_queries_however_large(cast: Cast) -> None:
    def board() -> int:
        with cast.scope(), count_queries() as statements:
            for journey in queries.list_journeys():
                for stage in journey.stages:
                    for touchpoint in stage.touchpoints:
                        assert touchpoint.partner or touchpoint.department
        return len(statements)

    with cast.scope():
        make_department("d")
        make_touchpoint("a", department="d")
    small = board()
    with cast.scope():
        for number in range(12):
            make_touchpoint(f"t{number}", journey=f"j{number % 3}", stage=f"s{number % 4}", partner="pats")
    assert board() == small <= 3
