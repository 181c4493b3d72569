"""Responses over the API: sending one and many, reading one, listing; idempotent by the sender's id."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.kernel import clock
from app.kernel.db import db
from app.surveys.answering.models import Response
from app.surveys.design.service import close_survey
from tests.cast import ApiClient, Cast
from tests.factories.answering import make_customer, stored
from tests.factories.journeys import make_department, make_touchpoint
from tests.factories.outreach import make_interaction
from tests.factories.surveys import csat_definition, make_survey, make_version
from tests.queries import count_queries
from tests.surveys.every_type import definition

Body = dict[str, Any]


@pytest.fixture
def body(cast: Cast) -> Body:
    """A response at the touchpoint `delivery`, which the partner `pats` answers for."""
    with cast.scope():
        make_version("nps")
        make_touchpoint("delivery", partner="pats")
    return {"survey": "nps", "touchpoint": "delivery", "answers": {"nps": 3, "why": "Late. Call +55 11 91234 5678"},
            "answered_at": "2026-01-12T14:05:00-03:00"}  # fmt: skip


@pytest.fixture
def api(cast: Cast) -> ApiClient:
    return cast.api(cast.key("responses"))


def count(cast: Cast) -> int:
    with cast.scope():
        return db.session.scalar(db.select(db.func.count()).select_from(Response)) or 0


def test_a_response_is_made_and_read(cast: Cast, api: ApiClient, body: Body) -> None:
    made = api.post("responses", body)
    assert made.status_code == 201
    assert made.json["scores"] == {"nps": 3, "csat": None, "ces": None, "emotion": None}
    read = api.get(f"responses/{made.json['id']}").json
    assert read["scores"] == made.json["scores"] and read["answers"] == body["answers"]
    assert read["comment"] == body["answers"]["why"]
    assert (read["touchpoint"], read["partner"], read["survey"], read["version"]) == ("delivery", "pats", "nps", 1)
    assert (read["customer"], read["interaction"], read["case"], read["parked"]) == (None, None, None, None)
    assert read["answered_at"] == "2026-01-12T17:05:00Z" and read["status"] == "completed"
    row = stored(cast)
    assert row is not None and row.comment_redacted == "Late. Call [number]" and row.source == "api"
    assert row.answered_at == row.completed_at == datetime(2026, 1, 12, 17, 5, tzinfo=UTC)
    assert clock.now() - row.received_at < timedelta(minutes=1)


def test_the_sender_s_id_makes_it_idempotent(cast: Cast, api: ApiClient, body: Body) -> None:
    first, again = (api.post("responses", {"id": "review-1", **body}) for _ in range(2))
    assert first.status_code == again.status_code == 201 and first.json == again.json
    assert first.json["id"] == "review-1"
    same = {"id": "review-1", **body, "answered_at": "2026-01-12T17:05:00Z"}
    assert api.post("responses", same).status_code == 201, "another spelling of the same time"
    for other in ({"answers": {"nps": 9}}, {"historic": True}, {"partner": None, "locale": "pt-BR"}):
        refused = api.post("responses", {"id": "review-1", **body, **other})
        assert (refused.status_code, refused.mimetype) == (409, "application/problem+json")
    assert count(cast) == 1
    assert api.get("responses/review-1").json["answers"] == body["answers"]
    assert api.post("responses", body).status_code == api.post("responses", body).status_code == 201
    assert count(cast) == 3


def test_an_interaction_brings_what_it_knows(cast: Cast, api: ApiClient, body: Body) -> None:
    with cast.scope():
        make_touchpoint("call", department=make_department("care").key)
        interaction = make_interaction("order-1:call", touchpoint="call", partner="pats", email="ana@example.com")
    ours = {"type": "email", "value": "ANA@example.com"}
    about: Body = {**body, "touchpoint": "call", "interaction": "order-1:call", "customer": {"identifiers": [ours]}}
    read = api.get("responses/" + api.post("responses", about).json["id"]).json
    assert (read["interaction"], read["partner"]) == ("order-1:call", "pats")
    assert read["customer"] == str(interaction.customer_id)
    row = stored(cast)
    assert row is not None and row.occurred_at == interaction.occurred_at and row.department_id is not None
    del about["touchpoint"]
    assert api.post("responses", about).status_code == 201
    assert row.touchpoint_id == interaction.touchpoint_id


def test_a_customer_is_found_or_made(cast: Cast, api: ApiClient, body: Body) -> None:
    who = {"identifiers": [{"type": "email", "value": "ana@example.com"}], "name": "Ana"}
    ids = [api.post("responses", {**body, "customer": who}).json["id"] for _ in range(2)]
    customers = {api.get(f"responses/{made}").json["customer"] for made in ids}
    assert len(customers) == 1 and None not in customers


def test_an_anonymous_response_names_nobody(cast: Cast, api: ApiClient, body: Body) -> None:
    with cast.scope():
        make_version("quiet", is_anonymous=True)
        make_interaction("order-1", touchpoint="delivery", email="ana@example.com")
    about = {**body, "survey": "quiet", "interaction": "order-1"}
    for more in (
        {},
        {"interaction": None, "customer": {"identifiers": [{"type": "email", "value": "bo@example.com"}]}},
    ):
        sent = {name: value for name, value in {**about, **more}.items() if value is not None}
        read = api.get("responses/" + api.post("responses", sent).json["id"]).json
        assert (read["customer"], read["interaction"], read["touchpoint"]) == (None, None, "delivery")
        row = stored(cast)
        assert row is not None and row.occurred_at is None


WRONG: dict[str, tuple[Body, str]] = {
    "unknown survey": ({"survey": "other"}, "/survey"),
    "bad key": ({"survey": "Über"}, "/survey"),
    "unknown version": ({"version": 2}, "/version"),
    "version 0": ({"version": 0}, "/version"),
    "unknown touchpoint": ({"touchpoint": "other"}, "/touchpoint"),
    "unknown interaction": ({"interaction": "other"}, "/interaction"),
    "unknown partner": ({"partner": "other"}, "/partner"),
    "naive time": ({"answered_at": "2026-01-12T14:05:00"}, "/answered_at"),
    "no time": ({"answered_at": "yesterday"}, "/answered_at"),
    "bad locale": ({"locale": "not a language"}, "/locale"),
    "score of 11": ({"answers": {"nps": 11}}, "/answers/nps"),
    "score as text": ({"answers": {"nps": "3"}}, "/answers/nps"),
    "score missing": ({"answers": {"why": "Late"}}, "/answers/nps"),
    "unknown question": ({"answers": {"nps": 3, "colour": 1}}, "/answers/colour"),
    "null": ({"answers": {"nps": None}}, "/answers/nps"),
    "answers as a list": ({"answers": []}, "/answers"),
    "unknown field": ({"colour": 1}, "/colour"),
    "id of nothing": ({"id": ""}, "/id"),
    "id with a control character": ({"id": "a\tb"}, "/id"),
    "bad customer": (
        {"customer": {"identifiers": [{"type": "email", "value": "nobody"}]}},
        "/customer/identifiers/0/value",
    ),
    "unknown identifier": (
        {"customer": {"identifiers": [{"type": "fax", "value": "1"}]}},
        "/customer/identifiers/0/type",
    ),
    "text for historic": ({"historic": "yes"}, "/historic"),
}


@pytest.mark.parametrize("case", WRONG)
def test_bad_input_is_named_by_pointer_and_leaves_nothing(cast: Cast, api: ApiClient, body: Body, case: str) -> None:
    change, pointer = WRONG[case]
    refused = api.post("responses", {**body, **change})
    assert (refused.status_code, refused.mimetype) == (422, "application/problem+json")
    assert pointer in [fault["pointer"] for fault in refused.json["errors"]]
    assert count(cast) == 0


def test_the_future_is_refused_beyond_five_minutes(api: ApiClient, body: Body) -> None:
    def at(**ahead: float) -> int:
        return api.post(
            "responses", {**body, "answered_at": (clock.now() + timedelta(**ahead)).isoformat()}
        ).status_code

    assert at(minutes=4) == 201 and at(minutes=6) == 422 and at(days=-5000) == 201


def test_things_must_belong_together(cast: Cast, api: ApiClient, body: Body) -> None:
    with cast.scope():
        make_interaction("order-1", touchpoint="delivery", email="ana@example.com")
        make_touchpoint("call")
        make_interaction("order-2", touchpoint="delivery", email="bo@example.com")
    elsewhere = api.post("responses", {**body, "touchpoint": "call", "interaction": "order-1"})
    assert elsewhere.status_code == 422 and elsewhere.json["errors"][0]["pointer"] == "/touchpoint"
    theirs = {"identifiers": [{"type": "email", "value": "bo@example.com"}]}
    of_another = api.post("responses", {**body, "interaction": "order-1", "customer": theirs})
    assert of_another.status_code == 422 and of_another.json["errors"][0]["pointer"] == "/customer"
    nowhere = api.post("responses", {name: value for name, value in body.items() if name != "touchpoint"})
    assert nowhere.status_code == 422 and nowhere.json["errors"][0]["pointer"] == "/touchpoint"


def test_a_survey_that_cannot_be_answered_is_a_conflict(cast: Cast, api: ApiClient, body: Body) -> None:
    with cast.scope():
        make_survey("draft")
        make_version("closed")
    known = {**body, "survey": "closed", "id": "in-time"}
    first = api.post("responses", known)
    with cast.scope():
        close_survey("closed")
    again = api.post("responses", known)
    assert (again.status_code, again.json) == (first.status_code, first.json), "the same again is the same answer"
    assert api.post("responses", {**body, "survey": "draft"}).status_code == 409
    assert api.post("responses", {**body, "survey": "closed"}).status_code == 409
    assert api.post("responses", {**body, "survey": "closed", "historic": True}).status_code == 201


def test_a_named_version_is_the_one_that_was_asked(cast: Cast, api: ApiClient, body: Body) -> None:
    with cast.scope():
        make_version("nps", csat_definition())
    assert api.post("responses", {**body, "version": 1}).status_code == 201
    assert api.post("responses", {**body, "version": 2, "answers": {"csat": 2}}).json["scores"]["csat"] == 2
    assert api.post("responses", body).status_code == 422


def test_a_batch_keeps_the_good_ones(cast: Cast, api: ApiClient, body: Body) -> None:
    items = [{"id": "a", **body}, {**body, "answers": {"nps": 11}}, "nonsense", {"id": "a", **body},
             {"id": "a", **body, "historic": True}, body]  # fmt: skip
    made = api.post("responses/batch", {"responses": items})
    assert made.status_code == 200
    assert [item["status"] for item in made.json["data"]] == [201, 422, 422, 201, 409, 201]
    assert [item["index"] for item in made.json["data"]] == list(range(6))
    assert made.json["data"][0] == {"index": 0, "status": 201, "id": "a"}
    assert made.json["data"][1]["errors"][0]["pointer"] == "/answers/nps"
    assert all(item["errors"][0]["detail"] for item in made.json["data"] if item["status"] >= 400)
    assert count(cast) == 2


@pytest.mark.parametrize("size", [0, 1001])
def test_a_batch_has_its_limits(api: ApiClient, size: int) -> None:
    assert api.post("responses/batch", {"responses": [{}] * size}).status_code == 422


def test_the_list_is_filtered_and_paged(cast: Cast, api: ApiClient, body: Body) -> None:
    with cast.scope():
        make_touchpoint("call")
        make_version("csat", csat_definition())
    for day in range(1, 6):
        api.post("responses", {**body, "id": f"d{day}", "answered_at": f"2026-01-0{day}T12:00:00Z"})
    api.post("responses", {**body, "id": "c", "survey": "csat", "touchpoint": "call", "answers": {"csat": 5}})

    def ids(query: str) -> list[str]:
        return [row["id"] for row in api.get(f"responses?{query}").json["data"]]

    assert ids("") == ["c", "d5", "d4", "d3", "d2", "d1"]
    assert ids("survey=csat") == ids("touchpoint=call") == ["c"] and ids("survey=other") == []
    assert ids("partner=pats&since=2026-01-04T12:00:00Z") == ["d5", "d4"]
    first = api.get("responses?limit=4").json
    rest = api.get(f"responses?limit=4&cursor={first['next_cursor']}").json
    assert [row["id"] for row in first["data"] + rest["data"]] == ids("") and rest["next_cursor"] is None
    for wrong in ("limit=0", "limit=201", "colour=1", "cursor=x", "since=2026-01-04"):
        assert api.get(f"responses?{wrong}").status_code == 422, wrong


def test_a_page_of_responses_needs_few_statements(cast: Cast, api: ApiClient, body: Body) -> None:
    def statements() -> int:
        with count_queries() as found:
            assert api.get("responses").status_code == 200
        return len(found)

    def who(n: int) -> Body:
        return {"identifiers": [{"type": "email", "value": f"a{n}@example.com"}]}

    api.post("responses", {**body, "customer": who(0)})
    few = statements()
    for number in range(1, 6):
        api.post("responses", {**body, "customer": who(number)})
    assert statements() == few <= 10


def test_ids_of_others_are_unknown(cast: Cast, others: Cast, api: ApiClient, body: Body) -> None:
    made = api.post("responses", {"id": "mine", **body}).json["id"]
    row = stored(cast)
    assert row is not None
    assert api.post("responses", {"id": "shop/1:review", **body}).status_code == 201
    assert api.get("responses/shop/1:review").json["id"] == "shop/1:review"
    for wanted in (made, str(row.id), "nothing", "0" * 36, "shop/1:review"):
        assert others.api().get(f"responses/{wanted}").status_code == 404
    assert api.get(f"responses/{row.id}").json["id"] == "mine"
    assert others.api().get("responses").json["data"] == []


def test_keys_need_the_scope(cast: Cast, body: Body) -> None:
    assert cast.api(cast.key("read")).post("responses", body).status_code == 403
    assert cast.api(cast.key("read")).get("responses").status_code == 200
    assert ApiClient(cast.app, None).get("responses").status_code == 401


def test_what_customers_answer_is_listed_too(cast: Cast, api: ApiClient) -> None:
    customer = make_customer(cast)
    response = customer.save({"nps": 9}, revision=1).json["response"]
    read = api.get(f"responses/{response}").json
    assert (read["status"], read["source"], read["invitation"]) == (
        "started",
        "invitation",
        str(customer.invitation_id),
    )
    assert read["completed_at"] is None and read["interaction"].startswith("order-")


def test_every_type_goes_in_and_out(cast: Cast, api: ApiClient) -> None:
    with cast.scope():
        make_version("all", definition())
        make_touchpoint("call")
    answers = {"ces": 6, "feel": [14, 2], "hoped": {"perceived": 3, "expected": 6}, "some": ["damaged", "late"],
               "wait": 3.0, "day": "2026-01-31", "one": "late", "why": "x"}  # fmt: skip
    made = api.post("responses", {"survey": "all", "touchpoint": "call", "answers": answers})
    assert made.status_code == 201
    assert made.json["scores"] == {"nps": None, "csat": None, "ces": 6, "emotion": -0.2632}
    read = api.get(f"responses/{made.json['id']}")
    assert read.json["scores"] == made.json["scores"]
    assert read.json["answers"] == {**answers, "feel": [2, 14], "some": ["late", "damaged"]}
    assert '"wait":3,' in read.text.replace(" ", ""), "a whole number has no point"
    assert isinstance(read.json["case"], int | None)


@pytest.mark.parametrize(
    ("answers", "key"),
    [
        ({"feel": [2, 6, 11, 14]}, "feel"),
        ({"feel": [2, 2]}, "feel"),
        ({"feel": [1]}, "feel"),
        ({"ces": True}, "ces"),
        ({"hoped": {"expected": 6}}, "hoped"),
        ({"some": "late"}, "some"),
        ({"wait": "3"}, "wait"),
        ({"day": "2025-02-30"}, "day"),
        ({"why": "x" * 500_000}, "why"),
    ],
)
def test_bad_answers_are_named(cast: Cast, api: ApiClient, answers: Body, key: str) -> None:
    with cast.scope():
        make_version("all", definition())
        make_touchpoint("call")
    refused = api.post("responses", {"survey": "all", "touchpoint": "call", "answers": answers})
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json["errors"]] == [f"/answers/{key}"]
    assert count(cast) == 0


@pytest.mark.parametrize("number", ["1e400", "-1e400", "NaN", "Infinity", "1" + "0" * 400])
def test_no_number_is_too_large_to_be_refused(cast: Cast, number: str) -> None:
    with cast.scope():
        make_version("all", definition())
        make_touchpoint("call")
    body = '{"survey": "all", "touchpoint": "call", "answers": {"wait": ' + number + "}}"
    headers = {"Authorization": f"Bearer {cast.api_key}", "Content-Type": "application/json"}
    refused = cast.app.test_client().post("/api/v1/responses", data=body, headers=headers)
    assert refused.status_code in (400, 422)
    assert count(cast) == 0
