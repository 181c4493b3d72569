"""The pages of survey design: list, builder, preview, publishing, versions."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.kernel.db import db
from app.surveys.design import queries, service
from app.surveys.design.models import Survey
from app.surveys.outreach.models import Invitation
from tests.cast import Cast
from tests.factories.surveys import csat_definition, follow_up_definition, make_survey, make_version, nps_definition
from tests.queries import count_queries

HOSTILE = ("'\"><script>alert(1)</script>", "{{7*7}}", "顺", "x" * 200)
READ = ["surveys/", "surveys/?add", "surveys/nps", "surveys/nps/questions/nps", "surveys/nps/questions/late"]
READ += ["surveys/nps/preview", "surveys/nps/preview/page", "surveys/nps/preview/page?heed.question=late"]
READ += ["surveys/nps/preview?heed.version=1&width=desktop", "surveys/nps/versions"]
WRITE = ["surveys/", "surveys/nps", "surveys/nps/questions", "surveys/nps/questions/why", "surveys/nps/languages"]
WRITE += ["surveys/nps/questions/why/position", "surveys/nps/questions/why/removal", "surveys/nps/languages/removal"]
WRITE += ["surveys/nps/publications", "surveys/nps/closure", "surveys/nps/closure/removal"]


@pytest.fixture
def published(cast: Cast) -> Cast:
    """A tenant with the survey `nps`, published once."""
    with cast.scope():
        make_version("nps")
    return cast


def find(cast: Cast, key: str = "nps") -> Survey:
    with cast.scope():
        return queries.get_survey_by_key(key)


def based_on(cast: Cast, key: str = "nps") -> str:
    return find(cast, key).updated_at.isoformat()


def question_form(cast: Cast, **fields: str) -> dict[str, str]:
    return {"based_on": based_on(cast), "key": "why", "text.en": "Why?", **fields}


def raw(cast: Cast, question: str) -> dict[str, Any]:
    return next(row for row in find(cast).draft["questions"] if row["key"] == question)


@pytest.mark.parametrize("path", READ)
def test_every_page_is_read_by_staff(published: Cast, path: str) -> None:
    for name in ("alice", "bob", "dana"):
        assert published.client(name).get(path).status_code == 200


@pytest.mark.parametrize("path", WRITE)
def test_only_an_admin_edits(published: Cast, path: str) -> None:
    before = find(published).draft
    assert published.client("bob").post(path, {"name": "Changed"}).status_code == 403
    assert published.client("pat").post(path).status_code == 403
    assert find(published).draft == before
    assert published.client("bob").get("surveys/nps/publications").status_code == 403


def test_who_may_not_edit_sees_no_buttons(published: Cast) -> None:
    for path in [path for path in READ if "preview/page" not in path and "add" not in path]:
        page = published.client("bob").get(path).text
        main = page[page.index("<main") : page.index("</main>")]
        assert "<form" not in main and "publications" not in main and "?add" not in main, path


@pytest.mark.parametrize("path", [path for path in READ if "/nps" in path])
def test_another_tenants_survey_is_not_there(cast: Cast, others: Cast, path: str) -> None:
    with others.scope():
        make_version("nps")
    alice = cast.client("alice")
    foreign, random = alice.get(path), alice.get(path.replace("surveys/nps", "surveys/nothing"))
    assert foreign.status_code == random.status_code == 404
    assert foreign.data == random.data


@pytest.mark.parametrize("path", [path for path in WRITE if "/nps" in path])
def test_another_tenants_survey_cannot_be_written(cast: Cast, others: Cast, path: str) -> None:
    with others.scope():
        make_version("nps")
    assert cast.client("alice").post(path, {"type": "nps", "locale": "fr", "name": "x"}).status_code == 404


@pytest.mark.parametrize("words", HOSTILE)
def test_any_words_are_shown_inert(cast: Cast, words: str) -> None:
    definition = nps_definition(title={"en": words}, intro={"en": words}, thanks={"en": words})
    for question in definition["questions"]:
        question |= {"text": {"en": words}, "help": {"en": words}}
    definition["questions"][2]["options"][0]["text"] = {"en": words}
    with cast.scope():
        make_version("nps", definition, name=words)
        make_survey("nps", {**definition, "title": {"en": words + "!" if len(words) < 200 else "!"}}, name=words)
    for path in [*READ, "surveys/nps/publications"]:
        page = cast.client("alice").get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text and ">49<" not in page.text, path


@pytest.mark.parametrize("starter", ["nps", "csat", "ces", "emotion", "expectation", "follow_up"])
def test_a_survey_begins_with_a_starter_and_can_be_published(cast: Cast, starter: str) -> None:
    alice = cast.client("alice")
    answer = alice.post("surveys/", {"name": "After delivery", "starter": starter})
    assert answer.headers["Location"] == f"/t/{cast.slug}/surveys/after-delivery"
    found = find(cast, "after-delivery")
    assert found.kind == ("follow_up" if starter == "follow_up" else "transactional")
    assert set(found.draft["title"]) == {"en", "zh-Hans"}
    assert alice.get(f"surveys/{found.key}").status_code == 200
    assert alice.post(f"surveys/{found.key}/publications").status_code == 303
    assert find(cast, found.key).last_version == 1


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "\u200b"}, "name"),
        ({"name": "Again", "key": "nps"}, "key"),
        ({"name": "Again", "key": "No Key"}, "key"),
        ({"name": "Again", "starter": "date"}, "starter"),
    ],
)
def test_a_new_survey_names_its_faults(published: Cast, form: dict[str, str], field: str) -> None:
    answer = published.client("alice").post("surveys/", {"starter": "nps", **form})
    assert answer.status_code == 422
    assert f'<a href="#{field}">' in answer.text and f'id="{field}-below"' in answer.text


def test_a_question_is_edited_in_every_language(published: Cast) -> None:
    form = question_form(published, **{"text.zh-Hans": "为什么？", "help.en": "In short.", "required": "1"})
    answer = published.client("alice").post("surveys/nps/questions/why", form)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/t/{published.slug}/surveys/nps/questions/why")
    assert raw(published, "why") == {
        "key": "why",
        "type": "text",
        "text": {"en": "Why?", "zh-Hans": "为什么？"},
        "help": {"en": "In short."},
        "required": True,
    }
    with published.scope():
        version = queries.newest_version(queries.get_survey_by_key("nps"))
        assert version is not None and "为什么" not in version.definition


def test_saving_a_form_as_it_came_changes_nothing(published: Cast) -> None:
    options = {"option.0.key": "late", "option.0.en": "It came late", "option.1.key": "damaged"}
    form = {"based_on": based_on(published), "key": "late", "text.en": "What went wrong?", **options}
    form |= {"option.1.en": "It was damaged", "when.question": "nps", "when.operator": "<=", "when.value": "6"}
    assert published.client("alice").post("surveys/nps/questions/late", form).status_code == 303
    assert find(published).draft == nps_definition()


def test_options_are_added_emptied_and_named(published: Cast) -> None:
    form = {"based_on": based_on(published), "key": "late", "text.en": "What went wrong?"}
    form |= {"option.0.key": "late", "option.0.en": "", "option.1.key": "damaged", "option.1.en": "Broken"}
    form |= {"option.2.key": "", "option.2.en": "It never came!", "option.3.en": "Damaged", "option.4.en": " "}
    assert published.client("alice").post("surveys/nps/questions/late", form).status_code == 303
    options = [(option["key"], option["text"]["en"]) for option in raw(published, "late")["options"]]
    assert options == [("damaged", "Broken"), ("it-never-came", "It never came!"), ("damaged-2", "Damaged")]
    assert "show_if" not in raw(published, "late"), "no question was chosen"


@pytest.mark.parametrize(
    ("question", "operator", "value", "rule"),
    [
        ("nps", "<=", "6", {"<=": [{"var": "nps"}, 6]}),
        ("nps", ">=", "9", {">=": [{"var": "nps"}, 9]}),
        ("nps", "answered", "3", {"!=": [{"var": "nps"}, None]}),
        ("why", "answered", "", {"!=": [{"var": "why"}, None]}),
    ],
)
def test_a_condition_is_a_sentence(published: Cast, question: str, operator: str, value: str, rule: object) -> None:
    options = {"option.0.key": "late", "option.0.en": "Late", "option.1.key": "damaged", "option.1.en": "Broken"}
    form = {"based_on": based_on(published), "key": "late", "text.en": "What?", **options}
    form |= {"when.question": question, "when.operator": operator, "when.value": value}
    alice = published.client("alice")
    assert alice.post("surveys/nps/questions/late", form).status_code == 303
    assert raw(published, "late")["show_if"] == rule
    page = alice.get("surveys/nps/questions/late").text
    assert f'<option value="{question}" selected>' in page
    assert f'<option value="{operator.replace("<", "&lt;").replace(">", "&gt;")}" selected>' in page


def test_a_condition_that_is_no_sentence_is_kept(cast: Cast) -> None:
    definition, rule = nps_definition(), {"and": [{">=": [{"var": "nps"}, 7]}, {"<=": [{"var": "nps"}, 8]}]}
    definition["questions"][1]["show_if"] = rule
    with cast.scope():
        make_survey("nps", definition)
    alice = cast.client("alice")
    assert "written by API" in alice.get("surveys/nps/questions/why").text
    alice.post("surveys/nps/questions/why", question_form(cast, **{"when.kept": "1"}))
    assert raw(cast, "why")["show_if"] == rule
    alice.post("surveys/nps/questions/why", question_form(cast))
    assert "show_if" not in raw(cast, "why")


@pytest.mark.parametrize(
    ("question", "change", "field"),
    [
        ("why", {"text.en": ""}, "text"),
        ("why", {"text.en": "", "text.zh-Hans": "为什么？"}, "text"),
        ("why", {"text.en": "x" * 501}, "text"),
        ("why", {"key": "nps"}, "key"),
        ("why", {"key": "No key"}, "key"),
        ("why", {"when.question": "late", "when.operator": "==", "when.value": "late"}, "show_if"),
        ("why", {"when.question": "nps", "when.operator": "<=", "when.value": "many"}, "show_if"),
        ("late", {"key": "late", "option.0.en": "Only one"}, "options"),
        (
            "late",
            {"key": "late", "option.0.key": "a", "option.0.en": "1", "option.1.key": "a", "option.1.en": "2"},
            "options",
        ),
    ],
)
def test_faults_stand_beside_the_question(cast: Cast, question: str, change: dict[str, str], field: str) -> None:
    with cast.scope():
        before = make_survey("nps").draft
    answer = cast.client("alice").post(f"surveys/nps/questions/{question}", question_form(cast, **change))
    assert answer.status_code == 422
    assert f'<a href="#{field}">' in answer.text and "field-error" in answer.text
    assert find(cast).draft == before
    assert change.get("text.en", "") in answer.text, "what was typed is not lost"


def test_questions_are_added_moved_and_removed(published: Cast) -> None:
    alice = published.client("alice")

    def post(path: str, **form: str) -> int:
        return alice.post(f"surveys/nps/questions{path}", {"based_on": based_on(published), **form}).status_code

    for type_ in ("choice", "text", "csat", "nps"):
        assert post("", type=type_) == 303
    assert post("/csat/position", direction="earlier") == 303
    assert post("/why-2/removal") == 303
    keys = [question["key"] for question in find(published).draft["questions"]]
    assert keys == ["nps", "why", "late", "choice", "csat", "nps-2"]
    assert raw(published, "nps-2")["score"] is False
    assert post("", type="stars") == 422
    assert post("/nothing/removal") == 404


def test_what_stands_in_the_way_names_the_question(published: Cast) -> None:
    alice, form = published.client("alice"), {"based_on": based_on(published)}
    before = find(published).draft
    removed = alice.post("surveys/nps/questions/nps/removal", form)
    assert removed.status_code == 422
    assert "Question 3: This condition does not fit" in removed.text
    moved = alice.post("surveys/nps/questions/late/position", {**form, "direction": "earlier"})
    assert moved.status_code == 303, "before the open question it still follows the score"
    form = {"based_on": based_on(published), "direction": "earlier"}
    moved = alice.post("surveys/nps/questions/late/position", form)
    assert moved.status_code == 422 and "Question 2: This condition" in moved.text
    assert [row["key"] for row in before["questions"]] == ["nps", "why", "late"]


def test_renaming_a_key_is_followed_by_conditions(cast: Cast) -> None:
    with cast.scope():
        make_survey("nps")
    form = {"based_on": based_on(cast), "key": "likely", "text.en": "How likely?", "required": "1"}
    answer = cast.client("alice").post("surveys/nps/questions/nps", form)
    assert answer.headers["Location"].endswith("/questions/likely")
    assert raw(cast, "late")["show_if"] == {"<=": [{"var": "likely"}, 6]}


def test_the_survey_itself_is_edited(cast: Cast) -> None:
    with cast.scope():
        make_survey("nps")
    form = {"based_on": based_on(cast), "name": "Orders", "title.en": "Your order", "intro.en": "Short.\r\nReally."}
    form |= {"default_locale": "en", "kind": "relationship", "anonymous": "1", "open_link": "1"}
    assert cast.client("alice").post("surveys/nps", form).status_code == 303
    found = find(cast)
    assert (found.name, found.kind, found.is_anonymous, found.has_open_link) == ("Orders", "relationship", True, True)
    assert found.draft["title"] == {"en": "Your order"}
    assert found.draft["intro"] == {"en": "Short.\nReally."}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"title.en": ""}, "title"),
        ({"title.en": "x" * 201}, "title"),
        ({"intro.en": "x" * 501}, "intro"),
        ({"default_locale": ""}, "default_locale"),
        ({"kind": "nps"}, "kind"),
    ],
)
def test_faults_of_the_survey_stand_beside_their_field(cast: Cast, change: dict[str, str], field: str) -> None:
    with cast.scope():
        make_survey("nps")
    form = {"based_on": based_on(cast), "name": "Orders", "title.en": "Your order", "default_locale": "en"}
    answer = cast.client("alice").post("surveys/nps", {**form, "kind": "internal", **change})
    assert answer.status_code == 422
    assert f'<a href="#{field}">' in answer.text


def test_kind_is_fixed_once_published(published: Cast) -> None:
    form = {"based_on": based_on(published), "name": "Orders", "title.en": "Your order", "default_locale": "en"}
    answer = published.client("alice").post("surveys/nps", {**form, "kind": "internal", "anonymous": "1"})
    assert answer.status_code == 303
    assert (find(published).kind, find(published).is_anonymous) == ("transactional", False)


def test_languages_come_and_go(published: Cast) -> None:
    alice = published.client("alice")

    def post(path: str, locale: str) -> int:
        form = {"based_on": based_on(published), "locale": locale}
        return alice.post(f"surveys/nps/{path}", form).status_code

    assert post("languages", "pt_br") == 303
    assert find(published).draft["title"]["pt-BR"] == "Your delivery"
    assert post("languages/removal", "zh-Hans") == 303
    assert find(published).draft["title"] == {"en": "Your delivery", "pt-BR": "Your delivery"}
    assert list(raw(published, "nps")["text"]) == ["en"]
    assert post("languages", "no language") == 422
    assert post("languages/removal", "en") == 422


@pytest.mark.parametrize("path", ["nps", "nps/questions/why", "nps/questions/why/removal", "nps/languages"])
def test_nobody_overwrites_a_colleague(published: Cast, path: str) -> None:
    seen = based_on(published)
    with published.scope():
        service.save_draft("nps", "Theirs", None, None, csat_definition() | {"title": {"en": "Theirs"}})
        theirs = nps_definition(title={"en": "Theirs"})
        service.save_draft("nps", "Theirs", None, None, theirs)
    form = {"based_on": seen, "key": "why", "text.en": "Mine!", "name": "Mine!", "title.en": "Mine!", "locale": "fr"}
    answer = published.client("alice").post(f"surveys/{path}", {**form, "default_locale": "en"})
    assert answer.status_code == 409
    assert "Somebody changed this survey" in answer.text
    assert find(published).draft == theirs and find(published).name == "Theirs"
    if path in ("nps", "nps/questions/why"):
        assert "Mine!" in answer.text, "what was typed is not lost"
        assert based_on(published) in answer.text.replace("&#43;", "+"), "the next save is against what stands now"


def test_a_form_without_its_draft_is_refused(published: Cast) -> None:
    for moment in ("", "nonsense", "2026-01-01T00:00:00"):
        form = {**question_form(published), "based_on": moment}
        assert published.client("alice").post("surveys/nps/questions/why", form).status_code == 409


def test_a_question_that_was_removed_meanwhile(published: Cast) -> None:
    form = question_form(published)
    with published.scope():
        definition = nps_definition()
        del definition["questions"][1]
        service.save_draft("nps", "Delivery", None, None, definition)
    assert published.client("alice").post("surveys/nps/questions/why", form).status_code == 404


def test_publishing_shows_the_difference(published: Cast) -> None:
    alice = published.client("alice")
    alice.post("surveys/nps/questions/why", question_form(published))
    page = alice.get("surveys/nps/publications").text
    assert "What changes since version 1" in page and "“Why?” changed: wording" in page
    assert alice.post("surveys/nps/publications").status_code == 303
    assert find(published).last_version == 2
    assert "Nothing to publish" in alice.get("surveys/nps/publications").text
    versions = alice.get("surveys/nps/versions").text
    assert "Version 2" in versions and "Version 1" in versions
    old = alice.get("surveys/nps/preview/page?heed.version=1").text
    assert "What is the main reason for your score?" in old and "Why?" not in old


def test_publishing_against_the_linter_takes_a_reason(cast: Cast) -> None:
    definition = nps_definition()
    definition["questions"] += [{"key": f"q{n}", "type": "text", "text": {"en": "Why?"}} for n in range(8)]
    with cast.scope():
        make_survey("nps", definition)
    alice = cast.client("alice")
    assert "At most 10 questions" in alice.get("surveys/nps/publications").text
    refused = alice.post("surveys/nps/publications", {"override": " "})
    assert refused.status_code == 422 and "Give a reason." in refused.text
    assert find(cast).last_version == 0
    assert alice.post("surveys/nps/publications", {"override": "The board."}).status_code == 303
    assert "“The board.”" in alice.get("surveys/nps/versions").text


def test_a_survey_after_a_case_must_ask_whether_it_is_solved(cast: Cast) -> None:
    with cast.scope():
        make_survey("nps", kind="follow_up")
        make_survey("case", follow_up_definition(), kind="follow_up")
    alice = cast.client("alice")
    assert "“solved”" in alice.get("surveys/nps/publications").text
    assert alice.post("surveys/nps/publications").status_code == 422
    assert alice.post("surveys/case/publications").status_code == 303


def test_the_preview_is_in_the_language_asked_for_and_counts_nothing(published: Cast) -> None:
    bob = published.client("bob")
    page = bob.get("surveys/nps/preview/page?heed.locale=zh-CN&nps=3")
    assert "您会推荐吗？" in page.text and '<span lang="en">What went wrong?' in page.text
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in bob.get("surveys/nps/preview").headers["Content-Security-Policy"]
    with published.scope():
        assert db.session.scalars(select(Invitation)).all() == []


def test_the_preview_shows_what_follows_an_answer(published: Cast) -> None:
    bob = published.client("bob")

    def is_hidden(query: str) -> bool:
        page = bob.get(f"surveys/nps/preview/page{query}").text
        tag = page[page.index('<fieldset data-question="late"') :]
        return " hidden" in tag[: tag.index(">", tag.index("data-show-if"))]

    assert is_hidden("") and is_hidden("?nps=9") and is_hidden("?nps=11")
    assert not is_hidden("?nps=3") and not is_hidden("?heed.question=late")


def test_versions_and_locales_that_are_not_there(published: Cast) -> None:
    bob = published.client("bob")
    assert bob.get("surveys/nps/preview?heed.version=7").status_code == 404
    assert bob.get("surveys/nps/preview/page?heed.locale=xx").status_code == 200
    assert bob.get("surveys/nps/preview/page?heed.locale=%00&heed.version=one").status_code == 200
    assert bob.get("surveys/nps/questions/nothing").status_code == 404


def test_the_list_tells_the_state(cast: Cast) -> None:
    with cast.scope():
        make_survey("a", name="First")
        make_version("b", name="Second")
        make_version("c", name="Third")
        make_survey("c", csat_definition(), name="Third")
    page = cast.client("bob").get("surveys/").text
    assert page.count("draft, asks nobody") == 1
    assert page.count("version 1") == 2 and page.count("draft has changes") == 1


@pytest.mark.parametrize("path", ["surveys/", "surveys/s1", "surveys/s1/versions"])
def test_pages_need_the_same_few_queries_however_full(cast: Cast, path: str) -> None:
    def queries_of_page() -> int:
        bob = cast.client("bob")
        with count_queries() as statements:
            assert bob.get(path).status_code == 200
        return len(statements)

    with cast.scope():
        make_version("s1")
    few = queries_of_page()
    with cast.scope():
        make_version("s1", csat_definition())
        for number in range(2, 10):
            make_version(f"s{number}")
    assert queries_of_page() == few


@pytest.mark.parametrize(
    "path",
    [
        "surveys/%00",
        "surveys/%F0%9F%98%80/preview",
        "surveys/nps/questions/%00",
        "surveys/nps/preview?heed.version=99999999999999999999",
        "surveys/nps/preview?heed.version=-1",
    ],
)
def test_what_can_be_no_key_or_number_is_nothing(published: Cast, path: str) -> None:
    assert published.client("alice").get(path).status_code == 404


def test_a_survey_is_closed_and_opened_again_in_the_builder(published: Cast) -> None:
    alice = published.client("alice")
    assert f'action="/t/{published.slug}/surveys/nps/closure"' in alice.get("surveys/nps").text
    answer = alice.post("surveys/nps/closure")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/t/{published.slug}/surveys/nps")
    assert find(published).closed_at is not None
    alice.get("surveys/nps")  # reads the message, which says "closed" too
    page = alice.get("surveys/nps").text
    assert f'action="/t/{published.slug}/surveys/nps/closure/removal"' in page and "closed</span>" in page
    assert "closed</span>" in alice.get("surveys/").text
    assert alice.post("surveys/nps/closure").status_code == 409
    assert alice.post("surveys/nps/closure/removal").status_code == 303
    assert find(published).closed_at is None


def test_a_draft_that_asks_nobody_has_nothing_to_close(cast: Cast) -> None:
    with cast.scope():
        make_survey("nps")
    assert "/closure" not in cast.client("alice").get("surveys/nps").text
