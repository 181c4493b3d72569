"""Reading what is stored: the definition of a version, and of a draft."""

from __future__ import annotations

import hashlib
from typing import Any, Literal

from app.surveys.design.definition import Survey as Definition
from app.surveys.design.grammar import canonical_json, load_definition, parse_definition
from app.surveys.design.models import Survey, SurveyVersion


def read_version(version: SurveyVersion) -> Definition:
    """The definition that this version froze. Versions never change, so it is read once and kept."""
    return load_definition(version.definition)


def read_draft(survey: Survey) -> Definition:
    """The definition as it is being edited; drafts are saved without faults only."""
    return parse_definition(survey.draft)


def fingerprint(definition: dict[str, Any]) -> str:
    """The ETag that a definition has, or would have, as a version."""
    return etag_of(canonical_json(definition))


def etag_of(frozen: str) -> str:
    """The ETag of a frozen definition."""
    return hashlib.sha256(frozen.encode()).hexdigest()[:32]


def state_of(survey: Survey, newest_etag: str | None) -> Literal["unpublished", "published", "changed"]:
    """How a draft stands to the newest version, whose ETag is given: there is none, it is the same, it differs."""
    if newest_etag is None:
        return "unpublished"
    return "published" if fingerprint(survey.draft) == newest_etag else "changed"
