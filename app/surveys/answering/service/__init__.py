"""What can be done with responses: `submit_response`, the one verb for every way in, and `release_response`.

Widgets are set up in `widgets`.

An acknowledged answer is committed: everything one POST causes happens in one transaction under one row lock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.customers.service import find_or_create
from app.kernel import clock
from app.kernel.db import atomic, db, get_row
from app.kernel.errors import Conflict, Fault, Gone, HeedError, Invalid
from app.kernel.events import publish
from app.kernel.inserts import insert_if_new
from app.surveys.answering import queries, rules
from app.surveys.answering.events import FollowUpAnswered, ResponseSaved, ResponseSubmitted
from app.surveys.answering.models import Answer, Response, answers_of, scores_of
from app.surveys.answering.rules import Scores, StoredState
from app.surveys.answering.service.submission import (
    ByInvitation,
    ByOpenLink,
    BySender,
    ByWidget,
    Outcome,
    Submission,
)
from app.surveys.answering.service.targets import Target, find_target, get_open_survey
from app.surveys.answering.service.widgets import add_widget, change_widget
from app.surveys.design import rules as design
from app.surveys.design.definition import Answer as GivenAnswer
from app.surveys.design.definition import Survey as Definition
from app.surveys.design.models import SurveyVersion
from app.surveys.design.question_types import type_of
from app.surveys.design.reading import read_version
from app.surveys.outreach.service import mark_completed, mark_started
from app.tenants import audit
from app.tenants import queries as tenants

__all__ = [
    "ByInvitation",
    "ByOpenLink",
    "BySender",
    "ByWidget",
    "Outcome",
    "Submission",
    "add_widget",
    "change_widget",
    "get_open_survey",
    "release_response",
    "submit_response",
    "submit_responses",
]

Answers = Mapping[str, GivenAnswer]

_OVER = "The time to answer is over. Nothing was saved."


def submit_response(submission: Submission) -> Outcome:
    """Take answers; the same ones again, or old ones that were overtaken, give what is stored.

    Raises NotFound for an unknown ask, Gone for one that is over, Conflict for other answers after completion (or a
    survey without a version), and Invalid with a pointer for each bad answer or reference.
    """
    with atomic():
        target = find_target(submission.way)
        stored = queries.find_by_identity(target.identity, lock=True)
        if stored is None:
            made = _make(target, submission)
            if made is not None:
                return _outcome(made, is_new=True)
            # Another request made it while this one waited; it is there now and can be locked.
            stored = queries.find_by_identity(target.identity, lock=True)
            assert stored is not None
        _take_again(stored, target, submission)
        return _outcome(stored, is_new=False)


def submit_responses(submissions: Sequence[Submission]) -> list[Outcome | HeedError]:
    """Take each of these by itself: what one is refused for does not touch the others."""
    return [_outcome_or_refusal(submission) for submission in submissions]


def release_response(response_id: UUID) -> Response:
    """Let a parked response count, as if it had come now. Raises NotFound, and Conflict when it is not parked, or a
    test."""
    with atomic():
        response = get_row(Response, response_id, lock=True)
        if response.parked_at is None:
            raise Conflict("This response is not parked.")
        if response.parked_reason == "test":
            raise Conflict("This is the answer to a test; it never counts.")
        before = {"parked_at": response.parked_at.isoformat(), "reason": response.parked_reason}
        response.parked_at = response.parked_reason = None
        audit.record("response.released", "response", response.id, before=before)
        _announce(response)
        return response


def submission_columns(definition: Definition, submission: Submission) -> tuple[dict[str, Any], Answers]:
    """(the columns that answers give a new response, the answers as they are stored). Raises Invalid."""
    answers = _accepted(definition, submission, {})
    state = _state(definition, submission, answers, None)
    return {**state, "locale": _locale(definition, submission, None)}, answers


def _outcome_or_refusal(submission: Submission) -> Outcome | HeedError:
    try:
        return submit_response(submission)
    except HeedError as refusal:
        return refusal


def _make(target: Target, submission: Submission) -> Response | None:
    """The first answers of a response; None when another request made it in the meantime."""
    if target.is_over:
        raise _refusal(target)
    definition = read_version(target.version)
    answers = _accepted(definition, submission, {})
    values = {
        **target.identity,
        **target.columns,
        **_customer(target),
        **_state(definition, submission, answers, None),
        **({"parked_at": clock.now(), "parked_reason": "test"} if target.is_test else {}),
        "locale": _locale(definition, submission, target.locale),
        "survey_id": target.survey.id,
        "survey_kind": target.survey.kind,
        "survey_version_id": target.version.id,
        "source": target.source,
        "is_historic": isinstance(submission.way, BySender) and submission.way.is_historic,
    }
    response = insert_if_new(Response, **values)
    if response is not None:
        _store_answers(response, definition, [], answers)
        _tell(response, target, is_new=True)
    return response


def _refusal(target: Target) -> HeedError:
    """Why nothing new is taken: to a customer the time is over, to another system the survey's state is in the way."""
    if target.source in ("invitation", "open_link", "widget"):
        return Gone(_OVER)
    return Conflict("The survey is closed.", [Fault("/survey", "closed")])


def _take_again(stored: Response, target: Target, submission: Submission) -> None:
    """A further POST for a response that is there."""
    state = StoredState(stored.status == "completed", stored.revision, stored.content_hash)
    verdict = rules.judge(state, submission.posted_state())
    if verdict == "same":
        return
    if verdict == "conflict":
        raise Conflict("This was answered already. The first answer stands; nothing was changed.")
    if target.is_over:
        raise _refusal(target)
    # A survey may have been published anew since the first answer: a response stays with the version it began with.
    version = get_row(SurveyVersion, stored.survey_version_id)
    definition = read_version(version)
    kept = {} if submission.is_form else _as_json(definition, answers_of(stored))
    answers = _accepted(definition, submission, kept)
    for name, value in _state(definition, submission, answers, stored).items():
        setattr(stored, name, value)
    stored.locale = _locale(definition, submission, stored.locale)
    _store_answers(stored, definition, stored.answers, answers)
    _tell(stored, target, is_new=False)


def _as_json(definition: Definition, answers: Answers) -> dict[str, Any]:
    """Stored answers as their sender would give them again."""
    return {
        question.key: type_of(question).as_json(answers[question.key])
        for question in definition.questions
        if question.key in answers
    }


def _accepted(definition: Definition, submission: Submission, kept: Mapping[str, Any]) -> Answers:
    """The answers as they will be stored. Raises Invalid."""
    validate = design.validate_form if submission.is_form else design.validate_answers
    dated = design.with_today(definition, _answered_at(submission) or clock.now())
    answers, faults = validate(dated, {**kept, **submission.answers}, submission.complete)
    if submission.complete and not answers and not faults:
        faults = [Fault("/answers", "Answer at least one question.")]
    if faults:
        raise Invalid("Some answers are missing or cannot be taken.", faults)
    return answers


def _customer(target: Target) -> dict[str, Any]:
    if target.customer is None:
        return {}
    try:
        customer, _is_new = find_or_create(target.customer, target.source)
    except Invalid as refused:
        raise Invalid(
            str(refused), [Fault(f"/customer{fault.pointer}", fault.detail) for fault in refused.faults]
        ) from None
    return {"customer_id": customer.id}


def _state(definition: Definition, submission: Submission, answers: Answers, stored: Response | None) -> dict[str, Any]:
    """The columns that each accepted POST writes."""
    now, posted = clock.now(), submission.posted_state()
    answered_at = _answered_at(submission) or now
    scores = Scores(**design.scores(definition, answers))
    before = StoredState(False, stored.revision, stored.content_hash) if stored else None
    return {
        "content_hash": posted.content_hash,
        "status": "completed" if submission.complete else "started",
        "revision": rules.next_revision(before, posted),
        "answered_at": answered_at,
        "received_at": now,
        "completed_at": answered_at if submission.complete else None,
        "comment_redacted": rules.redact(design.comment(definition, answers)),
        **asdict(scores),
        "valence": scores.valence,
        **_parked(submission, scores, stored),
    }


def _answered_at(submission: Submission) -> datetime | None:
    return submission.way.answered_at if isinstance(submission.way, BySender) else None


def _locale(definition: Definition, submission: Submission, asked_in: str | None) -> str:
    """The language the customer read: one of the survey's, unless a sender knows of another."""
    if isinstance(submission.way, BySender):
        return submission.locale or definition.default_locale
    wanted = (submission.locale, asked_in, *submission.preferred)
    return rules.choose_locale(definition.locales, *wanted) or definition.default_locale


def _parked(submission: Submission, scores: Scores, stored: Response | None) -> dict[str, Any]:
    if stored is not None and stored.parked_at is not None:
        return {}
    earlier = rules.Earlier(scores_of(stored), stored.received_at) if stored else None
    reason = rules.parked_reason(submission.is_trapped, submission.is_form, earlier, scores, clock.now())
    return {"parked_at": clock.now(), "parked_reason": reason} if reason else {}


def _store_answers(response: Response, definition: Definition, rows: Sequence[Answer], answers: Answers) -> None:
    """Make the stored `rows` equal to `answers`; what did not change keeps its time."""
    stored = {row.question_key: row for row in rows}
    for key, row in stored.items():
        if key not in answers:
            db.session.delete(row)
    for key, answer in answers.items():
        row = stored.get(key) or _new_answer(response, definition, key)
        if (row.number, row.text) != (answer.number, answer.text):
            row.number, row.text, row.answered_at = answer.number, answer.text, response.answered_at


def _new_answer(response: Response, definition: Definition, key: str) -> Answer:
    question = definition.find_question(key)
    assert question is not None
    row = Answer(response_id=response.id, question_key=key, type=question.type)
    db.session.add(row)
    return row


def _tell(response: Response, target: Target, *, is_new: bool) -> None:
    """Let the invitation and everybody who listens know."""
    if target.invitation_id is not None:
        if response.status == "completed":
            mark_completed(target.invitation_id)
        elif is_new:
            mark_started(target.invitation_id)
    if response.parked_at is None:
        _announce(response)


def _announce(response: Response) -> None:
    is_complete, is_follow_up = response.status == "completed", response.survey_kind == "follow_up"
    event = FollowUpAnswered if is_follow_up else ResponseSubmitted if is_complete else ResponseSaved
    settled_at = None if is_complete else clock.now() + timedelta(minutes=tenants.settings().settle_minutes)
    publish(event(response.id), due_at=settled_at, is_history=response.is_historic)


def _outcome(response: Response, *, is_new: bool) -> Outcome:
    return Outcome(
        response.id,
        queries.public_id(response),
        response.status,
        response.revision,
        scores_of(response),
        is_new,
    )
