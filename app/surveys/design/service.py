"""What can be done with surveys: save a draft, edit one, publish it as a frozen version, close it and open it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.kernel import clock, scope
from app.kernel.db import atomic, db
from app.kernel.errors import Conflict, Fault, Invalid
from app.kernel.inserts import find_or_insert, insert_if_new, insert_named
from app.kernel.naming import checked_key, checked_name
from app.surveys.design import queries
from app.surveys.design.changes import differing_parts
from app.surveys.design.grammar import canonical_json, normal_definition, parse_definition
from app.surveys.design.linter import findings, follow_up_faults
from app.surveys.design.models import Survey, SurveyVersion
from app.surveys.design.reading import etag_of
from app.tenants import audit

KINDS = ("transactional", "relationship", "follow_up", "internal")
LONGEST_REASON = 500

Definition = dict[str, Any]


@dataclass(frozen=True)
class SurveyFacts:
    """What a survey is besides its definition; None leaves a fact as it is (or at its default when new)."""

    name: str
    kind: str | None = None
    is_anonymous: bool | None = None
    has_open_link: bool | None = None


def save_draft(
    key: str,
    name: str,
    kind: str | None,
    is_anonymous: bool | None,
    definition: Definition,
    has_open_link: bool | None = None,
) -> tuple[Survey, bool]:
    """Make the survey `key` with this draft, or replace its draft; returns (survey, whether it is new).

    Published versions stay as they are. Raises Invalid with pointers below /definition, and Conflict for another kind
    or anonymity than the published ones.
    """
    facts = _checked(SurveyFacts(name, kind, is_anonymous, has_open_link))
    key, definition = checked_key(key), _read(definition)
    with atomic():
        survey, is_new = find_or_insert(
            Survey,
            lambda: queries.find_survey_by_key(key, lock=True),
            lambda: {"key": key, **_new_columns(facts, definition)},
        )
        if is_new:
            _record_added(survey)
        else:
            _change(survey, facts, definition)
        return survey, is_new


def add_survey(facts: SurveyFacts, definition: Definition, key: str = "") -> Survey:
    """Make a new survey; without `key` it gets one made from its name.

    Raises Invalid for a bad key, name or definition and Conflict for a key that is taken.
    """
    facts, definition = _checked(facts), _read(definition)
    with atomic():
        columns = _new_columns(facts, definition)
        if key:
            survey = insert_if_new(Survey, key=checked_key(key), **columns)
        else:
            survey = insert_named(Survey, columns.pop("name"), "survey", **columns)
        if survey is None:
            raise Conflict("Another survey has this key.", [Fault("/key", "taken")])
        _record_added(survey)
        return survey


def edit_draft(
    key: str,
    based_on: datetime,
    edit: Callable[[Definition], Definition] = lambda definition: definition,
    facts: SurveyFacts | None = None,
) -> Survey:
    """Change the draft of a survey that still is as the editor saw it: `based_on` is the `updated_at` of then.

    `edit` makes the new definition from the stored one. Raises NotFound, Conflict when somebody changed the survey in
    between, else as save_draft.
    """
    with atomic():
        survey = queries.get_survey_by_key(key, lock=True)
        if survey.updated_at != based_on:
            raise Conflict("Somebody changed this survey in the meantime.", [Fault("/updated_at", "another draft")])
        definition = _read(edit(survey.draft))
        _change(survey, _checked(facts or SurveyFacts(survey.name)), definition)
        return survey


@dataclass(frozen=True)
class Publication:
    """The newest version, and whether this publication made it."""

    version: SurveyVersion
    is_new: bool


def publish_draft(key: str, override: str | None = None) -> Publication:
    """Freeze the draft as the next version; a draft that equals the newest version is that version already.

    `override` is somebody's reason for publishing against the linter's errors; it is kept and audited. Raises NotFound,
    and Invalid with pointers below /definition for faults, or for the linter's errors when there is no reason.
    """
    override = _checked_reason(override)
    with atomic():
        survey = queries.get_survey_by_key(key, lock=True)
        definition = parse_definition(survey.draft)
        newest, frozen = queries.newest_version(survey), canonical_json(survey.draft)
        if newest is not None and newest.definition == frozen:
            return Publication(newest, is_new=False)
        _refuse(follow_up_faults(survey.kind, definition), "The survey cannot be published like this.")
        if override is None:
            errors = [finding for finding in findings(survey.kind, definition) if finding.level == "error"]
            faults = [Fault(finding.pointer, finding.detail) for finding in errors]
            _refuse(faults, 'The linter found errors; publish with {"override": "your reason"} to keep them.')
        return Publication(_freeze(survey, frozen, override), is_new=True)


def publish(key: str, override: str | None = None) -> SurveyVersion:
    """As publish_draft, giving the version alone."""
    return publish_draft(key, override).version


def close_survey(key: str) -> Survey:
    """Take no more answers: links answer that it is closed, rules skip it, and what waits to be sent is not sent.

    What was answered stays. Raises NotFound, and Conflict when it is closed already or was never published.
    """
    with atomic():
        survey = queries.get_survey_by_key(key, lock=True)
        if not survey.last_version:
            raise Conflict("A survey that was never published asks nobody: there is nothing to close.")
        if survey.closed_at is not None:
            raise Conflict("The survey is closed already.")
        survey.closed_at = clock.now()
        audit.record("survey.closed", "survey", survey.id, after={"key": survey.key})
        return survey


def reopen_survey(key: str) -> Survey:
    """Take answers again, over links that went out before too. Raises NotFound, and Conflict when it is open."""
    with atomic():
        survey = queries.get_survey_by_key(key, lock=True)
        if survey.closed_at is None:
            raise Conflict("The survey is open.")
        before = {"key": survey.key, "closed_at": survey.closed_at.isoformat()}
        survey.closed_at = None
        audit.record("survey.reopened", "survey", survey.id, before=before)
        return survey


def _freeze(survey: Survey, frozen: str, override: str | None) -> SurveyVersion:
    actor = scope.actor()
    survey.last_version += 1
    version = SurveyVersion(
        survey_id=survey.id,
        number=survey.last_version,
        definition=frozen,
        etag=etag_of(frozen),
        published_at=clock.now(),
        published_by=actor.id if actor.kind == "user" else None,
        override_reason=override,
    )
    db.session.add(version)
    db.session.flush()
    after = {"key": survey.key, "version": version.number, "etag": version.etag, "override": override}
    audit.record("survey.published", "survey", survey.id, after=after)
    return version


def _read(definition: Definition) -> Definition:
    try:
        return normal_definition(definition)
    except Invalid as refused:
        raise Invalid(str(refused), _below_definition(refused.faults)) from None


def _below_definition(faults: Any) -> list[Fault]:
    return [Fault(f"/definition{fault.pointer}", fault.detail) for fault in faults]


def _refuse(faults: list[Fault], detail: str) -> None:
    if faults:
        raise Invalid(detail, _below_definition(faults))


def _checked(facts: SurveyFacts) -> SurveyFacts:
    if facts.kind is not None and facts.kind not in KINDS:
        raise Invalid("The kind is not known.", [Fault("/kind", f"One of {', '.join(KINDS)}.")])
    return SurveyFacts(checked_name(facts.name), facts.kind, facts.is_anonymous, facts.has_open_link)


def _checked_reason(override: str | None) -> str | None:
    if override is None:
        return None
    reason = override.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        fault = Fault("/override", f"A reason has 1 to {LONGEST_REASON} characters.")
        raise Invalid("To publish against the linter takes a reason.", [fault])
    return reason


def _new_columns(facts: SurveyFacts, definition: Definition) -> dict[str, Any]:
    now = clock.now()
    return {
        "name": facts.name,
        "kind": facts.kind or KINDS[0],
        "is_anonymous": bool(facts.is_anonymous),
        "has_open_link": bool(facts.has_open_link),
        "draft": definition,
        "last_version": 0,
        "created_at": now,
        "updated_at": now,
    }


def _change(survey: Survey, facts: SurveyFacts, definition: Definition) -> None:
    wanted = {
        "name": facts.name,
        "kind": survey.kind if facts.kind is None else facts.kind,
        "is_anonymous": survey.is_anonymous if facts.is_anonymous is None else facts.is_anonymous,
        "has_open_link": survey.has_open_link if facts.has_open_link is None else facts.has_open_link,
    }
    changed = {name: value for name, value in wanted.items() if getattr(survey, name) != value}
    _refuse_fixed(survey, changed)
    before, after = differing_parts(survey.draft, definition)
    before |= {name: getattr(survey, name) for name in changed}
    after |= changed
    if not changed and survey.draft == definition:
        return
    for name, value in changed.items():
        setattr(survey, name, value)
    survey.draft = definition
    survey.updated_at = clock.now()
    audit.record("survey.changed", "survey", survey.id, before=before, after=after)


def _refuse_fixed(survey: Survey, changed: dict[str, Any]) -> None:
    fixed = {"kind": "/kind", "is_anonymous": "/anonymous"}
    faults = [Fault(pointer, "Fixed by the first publication.") for name, pointer in fixed.items() if name in changed]
    if survey.last_version and faults:
        raise Conflict("Kind and anonymity of a survey are fixed by its first publication.", faults)


def _record_added(survey: Survey) -> None:
    after = {"key": survey.key, "name": survey.name, "kind": survey.kind, "draft": survey.draft}
    audit.record("survey.added", "survey", survey.id, after=after)
