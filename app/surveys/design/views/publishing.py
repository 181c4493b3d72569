"""Publishing a draft after seeing what it changes, the versions that were published, and closing a survey."""

from __future__ import annotations

import json
from typing import Any

from flask import flash, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.kernel.errors import Invalid
from app.surveys.design import queries, service
from app.surveys.design.changes import changes
from app.surveys.design.linter import findings, follow_up_faults
from app.surveys.design.models import Survey
from app.surveys.design.reading import read_draft, state_of
from app.surveys.design.views.blueprints import bp
from app.surveys.design.views.shared import go_to, page
from app.surveys.design.words import change_words, finding_words, language_name
from app.tenants.access import permission
from app.tenants.queries import list_members


@bp.get("/<key>/publications")
@permission("surveys.edit")
def publication(key: str) -> str:
    """What publishing would change, and what the linter says."""
    return _publication(queries.get_survey_by_key(key))


@bp.post("/<key>/publications")
@permission("surveys.edit")
def publish(key: str) -> tuple[str, int] | Response:
    """Freeze the draft as the next version."""
    reason = request.form.get("override", "").strip()
    try:
        made = service.publish_draft(key, reason or None)
    except Invalid:
        return _publication(queries.get_survey_by_key(key), is_refused=True), 422
    flash(_("Version %(number)s is published. New invitations ask it.", number=made.version.number), "success")
    return go_to("survey", key=key)


@bp.post("/<key>/closure")
@permission("surveys.edit")
def close(key: str) -> Response:
    """Take no more answers."""
    service.close_survey(key)
    flash(_("Closed: nobody is asked any more, and links say so. What was answered stays."), "success")
    return go_to("survey", key=key)


@bp.post("/<key>/closure/removal")
@permission("surveys.edit")
def reopen(key: str) -> Response:
    """Take answers again."""
    service.reopen_survey(key)
    flash(_("Open again. Links that have not expired work as before."), "success")
    return go_to("survey", key=key)


@bp.get("/<key>/versions")
@permission("surveys.read")
def versions(key: str) -> str:
    """The published versions, newest first."""
    survey = queries.get_survey_by_key(key)
    names = {user.id: user.name or user.email for _membership, user in list_members()}
    return page("versions.html", survey=survey, versions=queries.list_versions(survey.id), names=names)


def _publication(survey: Survey, is_refused: bool = False) -> str:
    newest, definition = queries.newest_version(survey), read_draft(survey)
    found = findings(survey.kind, definition)
    return page(
        "publication.html",
        survey=survey,
        state=state_of(survey, newest.etag if newest else None),
        definition=definition,
        languages=", ".join(map(language_name, definition.locales)),
        changes=_changes(json.loads(newest.definition), survey.draft) if newest else [],
        is_unfit=bool(follow_up_faults(survey.kind, definition)),
        errors=[finding_words(finding) for finding in found if finding.level == "error"],
        warnings=[finding_words(finding) for finding in found if finding.level == "warning"],
        is_refused=is_refused,
    )


def _changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    wordings = {
        question["key"]: question["text"].get(definition["default_locale"], question["key"])
        for definition in (old, new)
        for question in definition["questions"]
    }
    return [change_words(change, wordings) for change in changes(old, new)]
