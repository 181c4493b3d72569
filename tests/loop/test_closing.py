"""What must exist to close a case, and what closing and reopening do; the sentences of the contract one by one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.kernel.errors import Conflict, Invalid
from app.loop.cases import service
from app.loop.cases.queries import list_root_causes
from app.loop.cases.service import NotClosable, WrapUp
from app.loop.causes.rules import RootCause
from tests.cast import Cast
from tests.factories.loop import make_case, make_closed_case, make_worked_case
from tests.loop.told import alarms, kinds, last_data, now

Later = Callable[..., None]


def missing(number: int, outcome: str, note: str = "", into: int | None = None) -> list[str]:
    """The codes of what keeps the case from being closed like this; nothing of it may have been written."""
    with pytest.raises(NotClosable) as refused:
        service.close_case(number, outcome, note, into)
    assert len(refused.value.faults) == len(refused.value.missing)
    assert now(number).status != "closed"
    return [each.code for each in refused.value.missing]


def reach(number: int) -> None:
    service.record_first_contact(number, "phone", "reached")


# --- what must exist ---


def test_confirmed_takes_a_reached_contact_a_verified_cause_and_a_resolution(cast: Cast) -> None:
    with cast.scope():
        number = make_case().number
        assert missing(number, "confirmed") == ["reached_contact", "verified_root_cause", "resolution"]
        service.record_first_contact(number, "phone", "attempted")
        assert missing(number, "confirmed") == ["reached_contact", "verified_root_cause", "resolution"]
        reach(number)
        assert missing(number, "confirmed") == ["verified_root_cause", "resolution"]
        service.set_root_causes(number, [RootCause("process")])
        assert missing(number, "confirmed") == ["verified_root_cause", "resolution"]
        service.set_root_causes(number, [RootCause("process", verified=True)])
        assert missing(number, "confirmed") == ["resolution"]
        service.resolve_case(number, "Refunded")
        case = service.close_case(number, "confirmed", "Very happy now")
        assert (case.status, case.closure_outcome) == ("closed", "confirmed")
        assert case.closed_at is not None


def test_a_verified_unknown_verifies_nothing(cast: Cast) -> None:
    with cast.scope():
        number = make_case().number
        reach(number)
        service.set_root_causes(number, [RootCause("unknown", verified=True)])
        service.resolve_case(number, "Refunded")
        assert missing(number, "confirmed") == ["verified_root_cause"]


def test_no_objection_takes_five_business_days_of_silence(cast: Cast, later: Later) -> None:
    with cast.scope():
        number = make_case().number
        assert missing(number, "no_objection") == ["reached_contact", "verified_root_cause", "resolution"]
        number = make_worked_case().number
        assert missing(number, "no_objection") == ["silence"]
    later(days=4)
    with cast.scope():
        assert missing(number, "no_objection") == ["silence"]
    later(days=6)
    with cast.scope():
        assert service.close_case(number, "no_objection").closure_outcome == "no_objection"


def test_a_second_resolution_begins_the_silence_anew(cast: Cast, later: Later) -> None:
    with cast.scope():
        first = make_worked_case()
        number = first.number
    later(days=9)
    with cast.scope():
        case = service.resolve_case(number, "And a voucher")
        assert case.resolved_at == first.resolved_at
        assert missing(number, "no_objection") == ["silence"]


def test_unreachable_takes_three_attempts_on_two_channels_over_three_days(cast: Cast, later: Later) -> None:
    with cast.scope():
        number = make_case().number
        assert missing(number, "unreachable") == ["attempts", "channels", "days", "root_cause"]
        for _n in range(3):
            service.record_first_contact(number, "phone", "attempted")
        assert missing(number, "unreachable") == ["channels", "days", "root_cause"]
    later(days=1)
    with cast.scope():
        service.record_first_contact(number, "email", "attempted")
        assert missing(number, "unreachable") == ["days", "root_cause"]
        service.set_root_causes(number, [RootCause("unknown")])
        assert missing(number, "unreachable") == ["days"]
    later(days=1)
    with cast.scope():
        service.record_first_contact(number, "phone", "attempted")
        assert service.close_case(number, "unreachable").status == "closed"


@pytest.mark.parametrize("note", ["", "   "])
def test_rejected_and_merged_take_a_note(cast: Cast, note: str) -> None:
    with cast.scope():
        into, number = make_case().number, make_case().number
        assert missing(number, "rejected", note) == ["note"]
        assert missing(number, "merged", note, into) == ["note"]
        assert service.close_case(number, "rejected", "Not ours").status == "closed"


def test_merged_goes_into_another_case(cast: Cast, others: Cast) -> None:
    with others.scope():
        foreign = [make_case().number for _n in range(3)][-1]
    with cast.scope():
        into, number = make_case().number, make_case().number
        assert missing(number, "merged", "Same parcel") == ["into"]
        assert missing(number, "merged", "Same parcel", number) == ["into"]
        with pytest.raises(Invalid):
            service.close_case(number, "merged", "Same parcel", foreign)
        service.close_case(number, "merged", "Same parcel", into)
        assert last_data(now(number), "closed") == {"outcome": "merged", "into": into}
        assert last_data(now(into), "case_merged") == {"number": number}
        with pytest.raises(Invalid, match="itself been merged"):
            service.close_case(into, "merged", "Round and round", number)


def test_an_unknown_outcome_is_refused(cast: Cast) -> None:
    with cast.scope(), pytest.raises(Invalid):
        service.close_case(make_case().number, "forgotten", "x")


# --- one panel ---


def test_the_panel_keeps_everything_or_nothing(cast: Cast) -> None:
    with cast.scope():
        number = make_case().number
        before = kinds(now(number))
        whole = WrapUp(
            "confirmed", action_taken="Refunded", causes=[RootCause("process", verified=True)], seen_causes=[]
        )
        with pytest.raises(NotClosable) as refused:
            service.wrap_up(number, whole)
        assert [each.code for each in refused.value.missing] == ["reached_contact"]
        assert kinds(now(number)) == before and list_root_causes(now(number)) == []
        reach(number)
        case = service.wrap_up(number, whole)
        assert case.status == "closed"
        assert kinds(case) == ["opened", "contacted", "causes_set", "resolved", "closed"]


def test_the_panel_may_leave_the_case_open(cast: Cast) -> None:
    with cast.scope():
        number = make_case().number
        case = service.wrap_up(number, WrapUp("confirmed", action_taken="Refunded"), closes=False)
        assert case.status == "resolved"
        with pytest.raises(Invalid):
            service.wrap_up(number, WrapUp("confirmed"), closes=False)


# --- reopening ---


def test_reopening_starts_the_contact_anew_and_lets_the_resolution_run_on(cast: Cast, later: Later) -> None:
    with cast.scope():
        number = make_case().number
        service.assign_case(number, cast.users["bob"])
        reach(number)
        service.set_root_causes(number, [RootCause("process", verified=True)])
    later(days=2)
    with cast.scope():
        service.resolve_case(number, "Refunded")
        closed = service.close_case(number, "confirmed")
        due = closed.resolution_due_at
    later(days=3)
    with cast.scope():
        case = service.reopen_case(number, "The refund bounced")
        assert (case.status, case.owner_id, case.reopened_count) == ("assigned", cast.users["bob"], 1)
        assert case.closed_at is case.closure_outcome is case.resolved_at is case.first_contact_at is None
        assert case.resolution_due_at > due
        assert timedelta(hours=23) < case.first_contact_due_at - closed.opened_at - timedelta(days=5)
        # What it takes to close is asked for anew; the cause stays known.
        assert missing(number, "confirmed") == ["reached_contact", "resolution"]
        with pytest.raises(Conflict, match="is open"):
            service.reopen_case(number)


def test_attempts_of_before_do_not_count_after_a_reopening(cast: Cast, later: Later) -> None:
    with cast.scope():
        number = make_case().number
        service.set_root_causes(number, [RootCause("unknown")])
    for channel in ("phone", "email", "phone"):
        with cast.scope():
            service.record_first_contact(number, channel, "attempted")
        later(days=1)
    with cast.scope():
        service.close_case(number, "unreachable")
        service.reopen_case(number)
        assert missing(number, "unreachable") == ["attempts", "channels", "days"]


def test_a_late_case_that_is_reopened_stays_late(cast: Cast, later: Later) -> None:
    with cast.scope():
        number = make_worked_case().number
        service.resume_work(number)
    later(days=30)
    with cast.scope():
        service.resolve_case(number, "At last")
        due = service.close_case(number, "confirmed").resolution_due_at
        case = service.reopen_case(number)
        assert case.resolution_due_at == due


def test_a_case_may_be_closed_and_reopened_many_times(cast: Cast) -> None:
    with cast.scope():
        number = make_closed_case().number
        for count in range(1, 4):
            assert service.reopen_case(number).reopened_count == count
            reach(number)
            service.resolve_case(number, "Again")
            assert service.close_case(number, "confirmed").status == "closed"
        assert alarms(now(number)) == []
