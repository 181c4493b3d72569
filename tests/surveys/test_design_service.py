"""The verbs of survey design: drafts, edits, publications and versions that never change."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from app.kernel.errors import Conflict, Invalid, NotFound
from app.surveys.design import queries, service
from app.surveys.design.reading import read_version
from app.surveys.design.service import SurveyFacts
from tests.audits import list_audit
from tests.cast import Cast
from tests.factories.surveys import csat_definition, follow_up_definition, make_survey, make_version, nps_definition


def pointers(refused: pytest.ExceptionInfo[Any]) -> list[str]:
    return [fault.pointer for fault in refused.value.faults]


def test_a_draft_is_saved_and_replaced(cast: Cast) -> None:
    with cast.scope():
        survey, is_new = service.save_draft("nps", "Delivery", None, None, nps_definition())
        assert is_new and (survey.kind, survey.is_anonymous, survey.last_version) == ("transactional", False, 0)
        again, is_new = service.save_draft("nps", "Orders", "relationship", True, csat_definition())
        assert not is_new and again.id == survey.id
        assert (again.name, again.kind, again.is_anonymous, again.draft) == (
            "Orders",
            "relationship",
            True,
            csat_definition(),
        )


def test_the_same_draft_again_changes_nothing(cast: Cast) -> None:
    with cast.scope():
        before = make_survey("nps").updated_at
        rows = len(list_audit())
        assert make_survey("nps").updated_at == before
        assert len(list_audit()) == rows


def test_faults_point_below_the_definition(cast: Cast) -> None:
    definition = nps_definition()
    definition["questions"][2]["options"][1]["key"] = "late"
    del definition["questions"][1]["text"]["en"]
    definition["questions"][1]["text"]["fr"] = "Pourquoi ?"
    with cast.scope(), pytest.raises(Invalid) as refused:
        make_survey("nps", definition)
    assert pointers(refused) == ["/definition/questions/1/text", "/definition/questions/2/options/1/key"]


def test_locales_are_stored_in_their_one_spelling(cast: Cast) -> None:
    with cast.scope():
        survey = make_survey("nps", nps_definition(title={"en": "Delivery", "zh_CN": "配送"}))
        assert survey.draft["title"] == {"en": "Delivery", "zh-Hans": "配送"}


def test_publishing_freezes_and_a_later_draft_changes_no_version(cast: Cast) -> None:
    with cast.scope():
        first = make_version("nps")
        assert (first.number, json.loads(first.definition)) == (1, nps_definition())
        make_survey("nps", csat_definition())
        second = service.publish("nps")
        assert second.number == 2
        survey = queries.get_survey_by_key("nps")
        assert survey.last_version == 2
        assert queries.get_version(survey.id, 1).definition == first.definition != second.definition
        newest = queries.newest_version(survey)
        assert newest is not None and newest.id == second.id
        assert [question.key for question in read_version(first).questions] == ["nps", "why", "late"]


def test_publishing_an_unchanged_draft_is_the_same_version(cast: Cast) -> None:
    with cast.scope():
        first = make_version("nps")
        again = service.publish_draft("nps")
        assert (again.version.id, again.is_new) == (first.id, False)


def test_kind_and_anonymity_are_fixed_by_the_first_publication(cast: Cast) -> None:
    with cast.scope():
        make_version("nps", kind="relationship", is_anonymous=True)
        for kind, is_anonymous, pointer in (("transactional", None, "/kind"), (None, False, "/anonymous")):
            with pytest.raises(Conflict) as refused:
                service.save_draft("nps", "Delivery", kind, is_anonymous, nps_definition())
            assert pointers(refused) == [pointer]
        kept, _ = service.save_draft("nps", "Delivery", None, None, csat_definition())
        assert (kept.kind, kept.is_anonymous) == ("relationship", True)


def test_an_open_link_may_come_and_go(cast: Cast) -> None:
    with cast.scope():
        make_version("nps")
        assert service.save_draft("nps", "Delivery", None, None, nps_definition(), True)[0].has_open_link
        assert service.save_draft("nps", "Delivery", None, None, nps_definition())[0].has_open_link


def test_a_follow_up_survey_asks_whether_it_is_solved(cast: Cast) -> None:
    with cast.scope():
        with pytest.raises(Invalid) as refused:
            make_version("after", nps_definition(), kind="follow_up")
        assert pointers(refused) == ["/definition/questions"]
        definition = follow_up_definition()
        del definition["questions"][0]["options"][2]
        make_survey("after", definition, kind="follow_up")
        with pytest.raises(Invalid) as refused:
            service.publish("after", override="I know better")
        assert pointers(refused) == ["/definition/questions/0/options"]
        assert make_version("after", follow_up_definition(), kind="follow_up").number == 1


def test_too_long_a_survey_needs_a_reason(cast: Cast) -> None:
    definition = nps_definition()
    definition["questions"] += [{"key": f"q{n}", "type": "text", "text": {"en": "Why?"}} for n in range(8)]
    with cast.scope():
        make_survey("nps", definition)
        for override in (None, "   "):
            with pytest.raises(Invalid) as refused:
                service.publish("nps", override)
        with pytest.raises(Invalid) as refused:
            service.publish("nps")
        assert pointers(refused) == ["/definition/questions"]
        version = service.publish("nps", " The board wants it. ")
        assert version.override_reason == "The board wants it."
        published = next(event for event in list_audit() if event.action == "survey.published")
    assert published.after is not None and published.after["override"] == "The board wants it."


def test_an_edit_of_an_older_draft_is_refused(cast: Cast) -> None:
    with cast.scope():
        survey = make_survey("nps")
        seen = survey.updated_at
        retitled = {"en": "Another title"}
        service.edit_draft("nps", seen, lambda definition: {**definition, "title": retitled})
        with pytest.raises(Conflict):
            service.edit_draft("nps", seen, lambda definition: {**definition, "title": {"en": "Mine"}})
        with pytest.raises(Conflict):
            service.edit_draft("nps", seen + timedelta(days=1))
        assert queries.get_survey_by_key("nps").draft["title"] == retitled


def test_an_edit_keeps_what_it_does_not_name(cast: Cast) -> None:
    with cast.scope():
        survey = make_survey("nps", has_open_link=True)
        edited = service.edit_draft("nps", survey.updated_at, facts=SurveyFacts("Orders", kind="internal"))
        assert (edited.name, edited.kind, edited.has_open_link, edited.draft) == (
            "Orders",
            "internal",
            True,
            nps_definition(),
        )
        with pytest.raises(NotFound):
            service.edit_draft("nothing", survey.updated_at)


def test_the_audit_holds_what_differs(cast: Cast) -> None:
    with cast.scope():
        survey = make_survey("nps")
        definition = nps_definition()
        definition["questions"][1]["text"]["en"] = "Why?"
        service.edit_draft("nps", survey.updated_at, lambda _old: definition)
        changed = next(event for event in list_audit() if event.action == "survey.changed")
    old, new = nps_definition()["questions"][1], definition["questions"][1]
    assert (changed.before, changed.after) == ({"questions": {"why": old}}, {"questions": {"why": new}})


def test_another_tenants_survey_is_not_there(cast: Cast, others: Cast) -> None:
    with others.scope():
        make_survey("theirs")
    with cast.scope(), pytest.raises(NotFound):
        service.publish("theirs")


def test_a_survey_is_closed_and_opened_again(cast: Cast) -> None:
    with cast.scope():
        make_version("nps")
        before = queries.get_survey_by_key("nps").updated_at
        closed = service.close_survey("nps")
        assert closed.closed_at is not None and closed.updated_at == before, "an open builder is not disturbed"
        with pytest.raises(Conflict):
            service.close_survey("nps")
        assert service.reopen_survey("nps").closed_at is None
        with pytest.raises(Conflict):
            service.reopen_survey("nps")
        assert [row.action for row in list_audit()[:2]] == ["survey.reopened", "survey.closed"]


def test_only_what_is_there_and_asks_somebody_can_be_closed(cast: Cast) -> None:
    with cast.scope():
        make_survey("draft")
        with pytest.raises(Conflict):
            service.close_survey("draft")
        for verb in (service.close_survey, service.reopen_survey):
            with pytest.raises(NotFound):
                verb("nothing")
