"""What nobody should send and somebody will: refused in words with the right status, and nothing is half-written."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from app.kernel.pagination import next_cursor
from tests.cast import Cast
from tests.factories.answering import make_passer_by, make_response
from tests.factories.journeys import make_touchpoint
from tests.factories.outreach import make_rule
from tests.factories.surveys import make_version

TOO_EARLY = ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "1899-12-31T23:59:59Z"]


@pytest.fixture
def furnished(cast: Cast) -> Cast:
    """A tenant with a touchpoint, a survey, a rule and a response."""
    with cast.scope():
        make_touchpoint("delivery")
        make_version("nps")
        make_rule("one")
        make_response(survey="nps", touchpoint="delivery")
    return cast


@pytest.mark.parametrize("when", TOO_EARLY)
def test_a_time_that_no_calendar_here_reaches_is_refused(furnished: Cast, when: str) -> None:
    """Taken, it could not be shown in zones west of Greenwich, and its case would never get its clocks."""
    api = furnished.api()
    answer: dict[str, Any] = {"survey": "nps", "touchpoint": "delivery", "answers": {"nps": 1}, "answered_at": when}
    for body in (answer, {**answer, "historic": True}):
        refused = api.post("responses", body)
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/answered_at")
    happened = {
        "id": "order-1",
        "touchpoint": "delivery",
        "occurred_at": when,
        "customer": {"identifiers": [{"type": "external", "value": "7"}]},
    }
    refused = api.post("interactions", happened)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/occurred_at")
    assert api.post("responses", {**answer, "answered_at": "1900-01-02T00:00:00Z"}).status_code == 201
    furnished.run_jobs()
    assert furnished.client("alice").get("responses/").status_code == 200


@pytest.mark.parametrize("query", ["to=9999-12-31", "from=0001-01-01", "from=0001-01-01&to=0001-01-01"])
def test_days_that_no_calendar_here_reaches_are_refused(furnished: Cast, query: str) -> None:
    refused = furnished.api().get(f"figures/nps?{query}")
    assert refused.status_code == 422 and refused.json["errors"][0]["pointer"] in ("/from", "/to")
    assert furnished.client("alice").get(f"figures/?{query}").status_code == 422


@pytest.mark.parametrize("day", ["86400", "20260101", "2026-01-01T00:00:00Z", "2026-02-30", ""])
def test_a_day_is_written_in_one_way(furnished: Cast, day: str) -> None:
    assert furnished.api().get(f"figures/nps?from={day.replace(':', '%3A')}").status_code == 422


@pytest.mark.parametrize(
    "path", ["figures/nps?touchpoint=%00", "cases?owner=%00", "partners?cursor=%00", "interactions/a%00b"]
)
def test_nul_in_an_address_of_the_api_is_refused(furnished: Cast, path: str) -> None:
    answer = furnished.api().get(path)
    assert answer.status_code in (400, 404) and answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("cases", ["99999999999"]),
        ("cases", ["-99999999999"]),
        ("cases", ["9" * 5000]),
        ("audit", ["0001-01-01T00:00:00+14:00", str(UUID(int=1))]),
        ("audit", ["9999-12-31T23:59:59-14:00", str(UUID(int=1))]),
    ],
)
def test_a_cursor_out_of_all_bounds_is_refused_or_leads_nowhere(furnished: Cast, path: str, keys: list[str]) -> None:
    cursor = next_cursor(keys)
    answer = furnished.api().get(f"{path}?cursor={cursor}")
    assert answer.status_code == (422 if path == "cases" else 200), answer.text
    assert furnished.client("bob").get(f"{path}/?cursor={cursor}").status_code != 500


@pytest.mark.parametrize("path", ["cases/?q=%00", "cases/rows?q=%00", "responses/?survey=%00", "customers/?q=a%00b"])
def test_nul_in_an_address_of_a_page_finds_nothing(furnished: Cast, path: str) -> None:
    answer = furnished.client("bob").get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")


def test_nul_in_a_name_is_an_address_that_is_not_there(furnished: Cast) -> None:
    stranger, bob = make_passer_by(furnished), furnished.client("bob")
    nowhere = bob.get("/t/nobody/")
    assert (nowhere.status_code, bob.get("/t/%00/").data) == (404, nowhere.data)
    for path in ("/t/%00/", f"/t/{furnished.slug}/cases/?q=%00"):
        stranger.path = path
        assert stranger.get().status_code == 303
    for path in ("/s/%00/nps", f"/s/{furnished.slug}/%00", "/r/%00", "/u/%00"):
        stranger.path = path
        assert stranger.get().status_code == 404


@pytest.mark.parametrize(("path", "field"), [("settings/", "min_gap_days"), ("outreach/", "delay")])
@pytest.mark.parametrize("number", ["9" * 400, "-" + "9" * 400, "1e400", "NaN", "٣"])
def test_a_number_that_no_field_takes_is_refused_beside_it(furnished: Cast, path: str, field: str, number: str) -> None:
    answer = furnished.client("alice").post(path, {field: number})
    assert answer.status_code == 422
    assert f'id="{field}"' in answer.text


def test_a_field_that_is_named_twice_is_refused(cast: Cast) -> None:
    """Two readers of such a body may read different values."""
    answer = cast.api().put("partners/swift", data=b'{"name": "Swift", "name": "Rival"}')
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    nested = b'{"identifiers": [{"type": "external", "value": "1", "value": "2"}]}'
    assert cast.api().post("customers", data=nested).status_code == 422
    assert cast.api().get("partners/swift").status_code == 404


def test_a_customer_s_link_works_whatever_was_added_to_it(furnished: Cast) -> None:
    assert make_passer_by(furnished).get("?lang=%00&score=%00&x=%00").status_code == 200
