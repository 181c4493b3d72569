"""The follow-up: asked once after a closure, heard once, and "not solved" gives the case to somebody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.customers.service import suppress
from app.kernel import clock
from app.kernel.db import db
from app.loop.cases import service
from app.loop.cases.models import Case, CaseFollowUp
from app.surveys.answering.service import ByInvitation, Submission, submit_response
from app.surveys.design.models import Survey
from app.surveys.design.service import close_survey
from app.surveys.outreach.models import Ask, Invitation
from app.tenants.service import add_member, end_membership
from tests.cast import PASSWORD, Cast
from tests.factories.loop import make_case, make_closed_case
from tests.factories.surveys import follow_up_definition, make_version
from tests.loop.told import alarms, kinds, last_data, now
from tests.smtp import Server, part, serve

Later = Callable[..., None]
AsBob = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def mail(cast: Cast) -> Iterator[Server]:
    with serve(cast.app) as server:
        yield server


def follow_ups() -> list[Invitation]:
    query = select(Invitation).where(Invitation.purpose == "follow_up").order_by(Invitation.created_at)
    return list(db.session.scalars(query))


def close_as_bob(cast: Cast, as_bob: AsBob, **answer: str) -> int:
    with cast.scope(), as_bob():
        number = make_closed_case(email="ana@example.com", **answer).number
    cast.run_jobs()
    return number


def answer(cast: Cast, solved: str, which: int = -1, **more: object) -> None:
    """The customer answers the follow-up, and the jobs run."""
    with cast.scope():
        invitation = follow_ups()[which]
        submit_response(Submission(ByInvitation(invitation.id), {"solved": solved, **more}))
    cast.run_jobs()


# --- asking ---


def test_a_closure_is_followed_up_after_some_days(cast: Cast, as_bob: AsBob, later: Later, mail: Server) -> None:
    number = close_as_bob(cast, as_bob)
    with cast.scope():
        (invitation,) = follow_ups()
        assert invitation.status == "scheduled" and mail.mails == []
        assert timedelta(days=6, hours=23) < invitation.due_at - clock.now() < timedelta(days=8)
        assert kinds(now(number))[-1] == "follow_up_planned"
        # The ask has its place in the ledger, so that nothing else asks shortly before it.
        assert db.session.scalars(select(Ask)).one().is_follow_up
    later(days=8)
    cast.run_jobs()
    # Eight days later it may be night where the customer is: the mail then waits for the morning.
    for _part_of_a_day in range(3):
        later(hours=8)
        cast.run_jobs()
    assert mail.recipients == ["ana@example.com"]
    assert "Is it solved?" in part(mail.mails[0], "plain")


def test_the_job_twice_asks_once(cast: Cast, as_bob: AsBob) -> None:
    number = close_as_bob(cast, as_bob)
    with cast.scope():
        case = now(number)
        service.plan_follow_up(case.id, case.closures[-1].id)
        assert len(follow_ups()) == 1


def test_the_built_in_survey_is_published_once(cast: Cast, as_bob: AsBob) -> None:
    for _n in range(2):
        close_as_bob(cast, as_bob)
    with cast.scope():
        survey = db.session.scalars(select(Survey).where(Survey.kind == "follow_up")).one()
        assert (survey.key, survey.last_version) == ("case-follow-up", 1)


def test_the_tenant_s_own_survey_goes_first(cast: Cast, as_bob: AsBob) -> None:
    with cast.scope():
        version = make_version("solved-yet", follow_up_definition(), kind="follow_up")
    close_as_bob(cast, as_bob)
    with cast.scope():
        assert [invitation.survey_version_id for invitation in follow_ups()] == [version.id]


def test_a_closed_follow_up_survey_asks_nobody(cast: Cast, as_bob: AsBob, later: Later) -> None:
    """Closing it is the tenant's word, so no other survey is published in its place."""
    with cast.scope():
        make_version("solved-yet", follow_up_definition(), kind="follow_up")
        close_survey("solved-yet")
    close_as_bob(cast, as_bob)
    later(days=8)
    cast.run_jobs()
    with cast.scope():
        assert [invitation.status for invitation in follow_ups()] == ["cancelled"]
        assert [survey.key for survey in db.session.scalars(select(Survey).where(Survey.kind == "follow_up"))] == [
            "solved-yet"
        ]


def test_a_draft_under_the_built_in_key_is_left_alone(cast: Cast, as_bob: AsBob) -> None:
    from app.surveys.design.service import save_draft

    with cast.scope():
        save_draft("case-follow-up", "Not finished", "follow_up", False, follow_up_definition())
    close_as_bob(cast, as_bob)
    with cast.scope():
        drafts = {survey.key: survey.last_version for survey in db.session.scalars(select(Survey))}
        assert drafts["case-follow-up"] == 0 and drafts["case-follow-up-built-in"] == 1


@pytest.mark.parametrize("outcome", ["rejected", "merged"])
def test_a_rejection_and_a_merger_are_not_followed_up(cast: Cast, outcome: str) -> None:
    with cast.scope():
        into, number = make_case().number, make_case().number
        service.close_case(number, outcome, "Not ours", into if outcome == "merged" else None)
    cast.run_jobs()
    with cast.scope():
        assert follow_ups() == []


def test_history_is_not_followed_up(cast: Cast) -> None:
    with cast.scope():
        make_closed_case(historic=True, answered_at=clock.now() - timedelta(days=900))
    cast.run_jobs()
    with cast.scope():
        assert follow_ups() == []


def test_whom_we_must_not_write_to_is_not_asked(cast: Cast) -> None:
    with cast.scope():
        case = make_closed_case()
        assert case.customer_id is not None
        suppress(case.customer_id, "unsubscribe_link")
    cast.run_jobs()
    with cast.scope():
        assert follow_ups() == []
        assert last_data(case, "follow_up_skipped") == {"reason": "suppressed"}


def test_a_reopening_cancels_the_follow_up_that_waits(cast: Cast, as_bob: AsBob, later: Later, mail: Server) -> None:
    number = close_as_bob(cast, as_bob)
    with cast.scope():
        service.reopen_case(number)
    later(days=9)
    with cast.scope():
        assert [(each.status, each.status_reason) for each in follow_ups()] == [("cancelled", "case_reopened")]
        service.record_first_contact(number, "phone", "reached")
        service.resolve_case(number, "Again")
        service.close_case(number, "confirmed")
    cast.run_jobs()
    with cast.scope():
        assert [each.status for each in follow_ups()] == ["cancelled", "scheduled"]
    assert mail.mails == []


# --- hearing ---


def test_not_solved_gives_the_case_to_somebody_else(cast: Cast, as_bob: AsBob) -> None:
    with cast.scope():
        carol = add_member(cast.email("carol"), "agent", PASSWORD, name="Carol")
    number = close_as_bob(cast, as_bob)
    answer(cast, "no", missing="It broke again")
    with cast.scope():
        case = now(number)
        assert (case.status, case.owner_id, case.reopened_count) == ("assigned", carol, 1)
        assert kinds(case)[-3:] == ["follow_up_answered", "reopened", "assigned"]
        assert last_data(case, "follow_up_answered")["solved"] == "no"
        assert db.session.scalar(select(func.count()).select_from(Case)) == 1
        assert case.closures[0].reopened_because == "not_solved"


def test_without_another_agent_it_goes_to_the_admin(cast: Cast, as_bob: AsBob) -> None:
    number = close_as_bob(cast, as_bob)
    answer(cast, "no")
    with cast.scope():
        assert now(number).owner_id == cast.users["alice"]


def test_without_anybody_it_is_nobody_s_and_an_alarm_says_so(cast: Cast) -> None:
    from app.kernel.scope import Actor, acting

    with cast.scope():
        end_membership(cast.users["bob"])
        with acting(Actor("user", cast.users["alice"], "Alice")):
            number = make_closed_case().number
    cast.run_jobs()
    answer(cast, "no")
    with cast.scope():
        case = now(number)
        assert (case.status, case.owner_id) == ("assigned", None)
        assert alarms(case) == [("unassigned", False)]
        assert alarms(service.assign_case(number, cast.users["alice"])) == [("unassigned", True)]


@pytest.mark.parametrize("solved", ["yes", "partly"])
def test_other_answers_are_lines_of_the_timeline(cast: Cast, as_bob: AsBob, solved: str) -> None:
    number = close_as_bob(cast, as_bob)
    answer(cast, solved, nps=9)
    with cast.scope():
        case = now(number)
        assert case.status == "closed"
        assert kinds(case)[-1] == "follow_up_answered"
        assert last_data(case, "follow_up_answered") == {"solved": solved, "nps": 9}


def test_a_bad_score_in_a_follow_up_opens_no_case(cast: Cast, as_bob: AsBob) -> None:
    close_as_bob(cast, as_bob)
    answer(cast, "yes", nps=0)
    with cast.scope():
        assert db.session.scalar(select(func.count()).select_from(Case)) == 1


def test_an_answer_is_heard_once(cast: Cast, as_bob: AsBob) -> None:
    number = close_as_bob(cast, as_bob)
    answer(cast, "no")
    with cast.scope():
        response_id = db.session.scalars(select(Invitation.id).where(Invitation.purpose == "follow_up")).one()
        from app.surveys.answering.models import Response

        response = db.session.scalars(select(Response).where(Response.invitation_id == response_id)).one()
        service.hear_follow_up(response.id)
        service.hear_follow_up(response.id)
        assert now(number).reopened_count == 1


def test_an_answer_that_comes_when_the_case_is_open_again_is_only_noted(
    cast: Cast, as_bob: AsBob, later: Later
) -> None:
    number = close_as_bob(cast, as_bob)
    with cast.scope():
        invitation = follow_ups()[0]
        submit_response(Submission(ByInvitation(invitation.id), {"solved": "no"}))
        service.reopen_case(number)
    cast.run_jobs()
    with cast.scope():
        case = now(number)
        assert case.reopened_count == 1
        assert kinds(case)[-1] == "reopened" and "follow_up_answered" in kinds(case)


def test_a_half_given_answer_counts_once_it_is_left_alone(cast: Cast, as_bob: AsBob, later: Later) -> None:
    number = close_as_bob(cast, as_bob)
    with cast.scope():
        submit_response(Submission(ByInvitation(follow_ups()[0].id), {"solved": "no"}, complete=False, revision=1))
    cast.run_jobs()
    with cast.scope():
        assert now(number).status == "closed"
    later(minutes=11)
    cast.run_jobs()
    with cast.scope():
        assert now(number).status == "assigned"


def test_the_whole_cycle_twice(cast: Cast, as_bob: AsBob) -> None:
    number = close_as_bob(cast, as_bob)
    answer(cast, "no")
    with cast.scope():
        service.record_first_contact(number, "phone", "reached")
        service.resolve_case(number, "A new one, by hand")
        service.close_case(number, "confirmed")
    cast.run_jobs()
    answer(cast, "no")
    with cast.scope():
        case = now(number)
        assert (case.number, case.status, case.reopened_count) == (1, "assigned", 2)
        assert db.session.scalar(select(func.count()).select_from(CaseFollowUp)) == 2
        assert db.session.scalar(select(func.count()).select_from(Case)) == 1
