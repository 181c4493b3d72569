"""Look-ups of surveys and their versions."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.inserts import find_by_key
from app.kernel.pagination import DEFAULT_LIMIT, Page, paginate
from app.surveys.design.models import Survey, SurveyVersion

_HIGHEST_NUMBER = 2**31 - 1


def find_survey_by_key(key: str, *, lock: bool = False) -> Survey | None:
    """The survey with this key; `lock` keeps it from changing until the transaction ends."""
    return find_by_key(Survey, key, lock=lock)


def get_survey_by_key(key: str, *, lock: bool = False) -> Survey:
    """As find_survey_by_key, raising NotFound."""
    found = find_survey_by_key(key, lock=lock)
    if found is None:
        raise NotFound(f"There is no survey {key}.")
    return found


def page_of_surveys(cursor: str | None, limit: int = DEFAULT_LIMIT) -> Page[Survey]:
    """Some surveys, by key. Raises Invalid on a bad cursor."""
    return paginate(select(Survey), [Survey.key], cursor, limit, newest_first=False)


def page_of_surveys_by_change(cursor: str | None, limit: int = DEFAULT_LIMIT) -> Page[Survey]:
    """Some surveys, the one changed last first. Raises Invalid on a bad cursor."""
    return paginate(select(Survey), [Survey.updated_at, Survey.id], cursor, limit)


def find_version(survey_id: UUID, number: int) -> SurveyVersion | None:
    """This version of a survey; a number that no version can have is that of none."""
    if not 0 < number <= _HIGHEST_NUMBER:
        return None
    query = select(SurveyVersion).where(SurveyVersion.survey_id == survey_id, SurveyVersion.number == number)
    return db.session.scalar(query)


def get_version(survey_id: UUID, number: int) -> SurveyVersion:
    """As find_version, raising NotFound."""
    found = find_version(survey_id, number)
    if found is None:
        raise NotFound(f"The survey has no version {number}.")
    return found


def newest_version(survey: Survey) -> SurveyVersion | None:
    """The version that customers are asked now; None before the first publication."""
    return find_version(survey.id, survey.last_version)


def list_versions(survey_id: UUID) -> list[SurveyVersion]:
    """The versions of a survey, newest first."""
    query = select(SurveyVersion).where(SurveyVersion.survey_id == survey_id).order_by(SurveyVersion.number.desc())
    return list(db.session.scalars(query))


def newest_etags(surveys: list[Survey]) -> dict[UUID, str]:
    """The fingerprint of the newest version of each of these surveys that has one, by the survey's id."""
    query = (
        select(SurveyVersion.survey_id, SurveyVersion.etag)
        .join(SurveyVersion.survey)
        .where(
            SurveyVersion.survey_id.in_([survey.id for survey in surveys]), SurveyVersion.number == Survey.last_version
        )
    )
    return {row[0]: row[1] for row in db.session.execute(query)}
