"""Surveys: drafts, publications, and versions that never change."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response, request
from pydantic import Field
from werkzeug.wrappers import Response as AnyResponse

from app.api.base import KeyPath, ListQuery, NoFields, blueprint, listing, moment
from app.api.schemas.surveys import (
    PublicationIn,
    PublicationOut,
    SurveyIn,
    SurveyList,
    SurveyOut,
    VersionList,
)
from app.kernel.pagination import Page
from app.surveys.design import queries, service
from app.surveys.design.linter import findings
from app.surveys.design.models import Survey, SurveyVersion
from app.surveys.design.reading import fingerprint, read_version
from app.surveys.design.schema import json_schema
from app.tenants.access import api_scope, public

bp = blueprint("surveys", "Surveys")


class VersionPath(KeyPath):
    """One version of a survey."""

    number: Annotated[int, Field(ge=1, le=2_147_483_647, description="The number of the version, from 1.")]


@bp.get("/schemas/survey.json", responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}})
@public
def survey_schema() -> dict[str, Any]:
    """The grammar of a survey definition, as a JSON Schema."""
    return json_schema()


@bp.put("/surveys/<key>", responses={200: SurveyOut, 201: SurveyOut})
@api_scope("admin")
def put_survey(path: KeyPath, body: SurveyIn) -> tuple[dict[str, Any], int]:
    """Save the draft of a survey; published versions stay as they are."""
    survey, is_new = service.save_draft(
        path.key, body.name, body.kind, body.anonymous, body.definition, has_open_link=body.open_link
    )
    return _whole(survey), 201 if is_new else 200


@bp.get("/surveys/<key>", responses={200: SurveyOut})
@api_scope("read")
def get_survey(path: KeyPath) -> dict[str, Any]:
    """One survey with its draft."""
    return _whole(queries.get_survey_by_key(path.key))


@bp.get("/surveys", responses={200: SurveyList})
@api_scope("read")
def list_surveys(query: ListQuery) -> dict[str, Any]:
    """The surveys, by key, without their definitions."""
    page = queries.page_of_surveys(query.cursor, query.limit)
    etags = queries.newest_etags(list(page.rows))
    return listing(page, lambda survey: _summary(survey, etags.get(survey.id)))


@bp.post("/surveys/<key>/publications", responses={200: PublicationOut, 201: PublicationOut})
@api_scope("admin")
def publish_survey(path: KeyPath, body: PublicationIn) -> tuple[dict[str, Any], int]:
    """Freeze the draft as the next version (201); a draft that equals the newest version is that version (200)."""
    publication = service.publish_draft(path.key, body.override)
    survey, version = queries.get_survey_by_key(path.key), publication.version
    found = findings(survey.kind, read_version(version))
    warnings = [{"pointer": f"/definition{finding.pointer}", "detail": finding.detail} for finding in found]
    return {"survey": survey.key, **_version(version), "warnings": warnings}, 201 if publication.is_new else 200


@bp.post("/surveys/<key>/closure", responses={201: SurveyOut})
@api_scope("admin")
def close_survey(path: KeyPath, body: NoFields) -> tuple[dict[str, Any], int]:
    """Take no more answers; what was answered stays. 409 when it is closed already, or was never published."""
    return _whole(service.close_survey(path.key)), 201


@bp.delete("/surveys/<key>/closure", responses={204: None})
@api_scope("admin")
def delete_closure(path: KeyPath) -> tuple[str, int]:
    """Take answers again, over links that went out before too. 409 when it is open."""
    service.reopen_survey(path.key)
    return "", 204


@bp.get("/surveys/<key>/versions", responses={200: VersionList})
@api_scope("read")
def list_versions(path: KeyPath) -> dict[str, Any]:
    """The published versions of a survey, newest first."""
    survey = queries.get_survey_by_key(path.key)
    return listing(Page(queries.list_versions(survey.id), None), _version)


@bp.get("/surveys/<key>/versions/<int:number>", responses={200: {"description": "The definition as it was frozen."}})
@api_scope("read")
def get_version(path: VersionPath) -> AnyResponse:
    """The frozen definition of a version: the same bytes for ever, with an ETag."""
    version = queries.get_version(queries.get_survey_by_key(path.key).id, path.number)
    response = Response(version.definition, mimetype="application/json")
    response.set_etag(version.etag)
    response.cache_control.private = True
    response.cache_control.max_age = 365 * 24 * 3600
    response.cache_control.immutable = True
    return response.make_conditional(request)


def _whole(survey: Survey) -> dict[str, Any]:
    etag = queries.newest_etags([survey]).get(survey.id)
    return {**_summary(survey, etag), "definition": survey.draft}


def _summary(survey: Survey, etag: str | None) -> dict[str, Any]:
    return {
        "key": survey.key,
        "name": survey.name,
        "kind": survey.kind,
        "anonymous": survey.is_anonymous,
        "open_link": survey.has_open_link,
        "version": survey.last_version or None,
        "draft_differs": etag != fingerprint(survey.draft),
        "updated_at": moment(survey.updated_at),
        "closed_at": moment(survey.closed_at),
    }


def _version(version: SurveyVersion) -> dict[str, Any]:
    return {
        "version": version.number,
        "etag": version.etag,
        "published_at": moment(version.published_at),
        "override": version.override_reason,
    }
