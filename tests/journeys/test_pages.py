"""The pages of journeys, touchpoints and departments."""

from __future__ import annotations

from typing import Any

import pytest

from app.journeys import queries, service
from app.kernel.errors import Invalid
from tests import hostile
from tests.cast import Cast
from tests.factories.journeys import make_department, make_touchpoint
from tests.factories.partners import make_partner
from tests.queries import count_queries

HOSTILE = ("'\"><script>alert(1)</script>", "{{7*7}}", "顺", "x" * 200)
TOUCHPOINT = {"name": "Home delivery", "stage": "purchase/delivery", "channel": "delivery", "owner": "p:pats"}


def build(cast: Cast) -> None:
    with cast.scope():
        make_department("logistics")
        make_touchpoint("delivery", department="logistics", desired_emotion=14)
        make_touchpoint("order", stage="order", channel="drone")


PAGES = ["journeys/", "journeys/?add", "touchpoints/", "touchpoints/?owner=nobody", "touchpoints/delivery"]
PAGES += ["departments/", "departments/?add", "partners/", "partners/?add", "partners/pats"]
FORMS = ["journeys/purchase/edit", "journeys/purchase/touchpoints/new", "touchpoints/delivery/edit"]
FORMS += ["departments/logistics/edit", "partners/pats/edit"]
POSTS = [*FORMS, "journeys/", "departments/", "partners/", "journeys/purchase/position", "journeys/purchase/removal"]
POSTS += ["touchpoints/delivery/position"]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_read_by_staff(cast: Cast, path: str) -> None:
    build(cast)
    for name in ("alice", "bob", "dana"):
        assert cast.client(name).get(path).status_code == 200


@pytest.mark.parametrize("path", POSTS)
def test_only_an_admin_edits(cast: Cast, path: str) -> None:
    build(cast)
    bob = cast.client("bob")
    assert bob.post(path, {"name": "Changed"}).status_code == 403
    if path in FORMS:
        assert bob.get(path).status_code == 403
        assert cast.client("alice").get(path).status_code == 200


def test_who_may_not_edit_sees_no_buttons(cast: Cast) -> None:
    build(cast)
    for path in PAGES:
        if "add" not in path:
            page = cast.client("bob").get(path).text
            main = page[page.index("<main") : page.index("</main>")]
            assert "<form" not in main and "/edit" not in main and "?add" not in main, path


@pytest.mark.parametrize("path", ["touchpoints/theirs", "touchpoints/theirs/edit", "journeys/theirs/edit"])
def test_another_tenants_things_are_not_there(cast: Cast, others: Cast, path: str) -> None:
    with others.scope():
        make_touchpoint("theirs", journey="theirs")
    foreign, random = cast.client("alice").get(path), cast.client("alice").get(path.replace("theirs", "nothing"))
    assert foreign.status_code == random.status_code == 404
    assert foreign.data == random.data
    assert cast.client("alice").post(path, TOUCHPOINT).status_code in (404, 405)


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_is_shown_inert(cast: Cast, name: str) -> None:
    with cast.scope():
        make_department("logistics", name)
        make_partner("swift", name)
        service.add_journey(name, [name], "buy")
        make_touchpoint("delivery", name=name, department="logistics")
        make_touchpoint("other", name=name, partner="swift", journey="buy")
    shown = name.replace("'", "&#39;").replace('"', "&#34;").replace(">", "&gt;").replace("<", "&lt;")
    paths = [path.replace("pats", "swift") for path in [*PAGES, *FORMS] if "nobody" not in path]
    for path in [*paths, "journeys/buy/edit"]:
        page = cast.client("alice").get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text and ">49<" not in page.text, path
        assert shown in page.text or path == "journeys/purchase/edit", path


def test_the_page_says_who_answers(cast: Cast) -> None:
    build(cast)
    page = cast.client("bob").get("journeys/").text
    assert "Logistics" in page and page.count("Nobody answers for this") == 1
    assert "Nobody answers for 1 touchpoint." in page


def test_a_journey_is_added_edited_and_removed(cast: Cast) -> None:
    alice = cast.client("alice")
    answer = alice.post("journeys/", {"name": "Buy a sofa", "stages": "Search\r\n\r\n Order \r\nDelivery"})
    assert answer.status_code == 303
    edit = {"name": "Buy", "name.search": "Find", "name.order": "Order", "name.delivery": "Delivery"}
    places = {"position.search": "3", "position.order": "2", "position.delivery": "3"}
    saved = alice.post("journeys/buy-a-sofa/edit", {**edit, **places, "remove.delivery": "1", "stages": "Return"})
    assert saved.status_code == 303
    with cast.scope():
        [journey] = queries.list_journeys()
        assert (journey.name, [stage.name for stage in journey.stages]) == ("Buy", ["Order", "Find", "Return"])
    assert alice.post("journeys/buy-a-sofa/removal").status_code == 303
    with cast.scope():
        assert queries.list_journeys() == []


@pytest.mark.parametrize(
    ("typed", "expected"),
    [({"a": "3"}, "bca"), ({"c": "1"}, "cab"), ({"b": "9"}, "acb"), ({"a": "x", "b": ""}, "abc"), ({"b": "1"}, "bac")],
)
def test_stages_go_where_their_numbers_say(cast: Cast, typed: dict[str, str], expected: str) -> None:
    with cast.scope():
        service.add_journey("Buy", ["a", "b", "c"])
    numbers = {f"position.{key}": value for key, value in typed.items()}
    names = {f"name.{key}": key for key in "abc"}
    assert cast.client("alice").post("journeys/buy/edit", {"name": "Buy", **names, **numbers}).status_code == 303
    with cast.scope():
        [journey] = queries.list_journeys()
        assert "".join(stage.name for stage in journey.stages) == expected


@pytest.mark.parametrize(
    ("path", "form", "field"),
    [
        ("journeys/", {"name": ""}, "name"),
        ("journeys/", {"name": "\u200b"}, "name"),
        ("journeys/", {"name": "Buy", "key": "Not A Key"}, "key"),
        ("journeys/", {"name": "Buy", "key": "purchase"}, "key"),
        ("journeys/", {"name": "Buy", "stages": "x" * 201}, "stages"),
        ("journeys/purchase/edit", {"name": "Buy", "name.delivery": ""}, "stages"),
        ("departments/", {"name": "x" * 201, "layer": "support"}, "name"),
        ("departments/", {"name": "IT", "layer": "backstage"}, "layer"),
        ("departments/logistics/edit", {"name": " ", "layer": "support"}, "name"),
        ("partners/", {"name": "Swift", "key": "pats"}, "key"),
        ("partners/pats/edit", {"name": ""}, "name"),
        ("journeys/purchase/touchpoints/new", {**TOUCHPOINT, "name": ""}, "name"),
        ("journeys/purchase/touchpoints/new", {**TOUCHPOINT, "stage": "purchase/nowhere"}, "stage"),
        ("journeys/purchase/touchpoints/new", {**TOUCHPOINT, "owner": "p:nobody"}, "owner"),
        ("journeys/purchase/touchpoints/new", {**TOUCHPOINT, "channel": "own."}, "own_channel"),
        ("journeys/purchase/touchpoints/new", {**TOUCHPOINT, "channel": "own.", "own_channel": "A B"}, "own_channel"),
        ("touchpoints/delivery/edit", {**TOUCHPOINT, "desired_emotion": "21"}, "desired_emotion"),
    ],
)
def test_faults_stand_beside_their_field(cast: Cast, path: str, form: dict[str, Any], field: str) -> None:
    build(cast)
    answer = cast.client("alice").post(path, form)
    assert answer.status_code == 422
    assert f'<a href="#{field}">' in answer.text
    assert f'id="{field}-below"' in answer.text


def test_a_touchpoint_is_added_moved_and_edited(cast: Cast) -> None:
    build(cast)
    alice = cast.client("alice")
    form = {**TOUCHPOINT, "key": "", "desired_emotion": "20"}
    assert alice.post("journeys/purchase/touchpoints/new", form).status_code == 303
    assert alice.post("touchpoints/home-delivery/position", {"direction": "earlier"}).status_code == 303
    with cast.scope():
        made = queries.get_touchpoint_by_key("home-delivery")
        assert (made.position, made.partner.key, made.desired_emotion) == (0, "pats", 20)
    changed = {**form, "stage": "purchase/order", "owner": "", "channel": "own.", "own_channel": "drone"}
    assert alice.post("touchpoints/home-delivery/edit", changed).status_code == 303
    with cast.scope():
        made = queries.get_touchpoint_by_key("home-delivery")
        assert (made.stage.key, made.channel, made.partner) == ("order", "drone", None)
    assert 'value="drone"' in alice.get("touchpoints/home-delivery/edit").text


def test_departments_are_added_and_edited(cast: Cast) -> None:
    alice = cast.client("alice")
    assert alice.post("departments/", {"name": "Logistics", "layer": "frontline"}).status_code == 303
    assert alice.post("departments/logistics/edit", {"name": "Transport", "layer": "support"}).status_code == 303
    with cast.scope():
        [department] = queries.list_departments()
        assert (department.key, department.name, department.layer) == ("logistics", "Transport", "support")


def test_a_journey_that_has_touchpoints_is_not_removed(cast: Cast) -> None:
    build(cast)
    assert cast.client("alice").post("journeys/purchase/removal").status_code == 409


@pytest.mark.parametrize("path", ["journeys/", "touchpoints/", "departments/", "partners/", "partners/pats"])
def test_pages_need_the_same_few_queries_however_full(cast: Cast, path: str) -> None:
    def queries_of_page() -> int:
        bob = cast.client("bob")
        with count_queries() as statements:
            assert bob.get(path).status_code == 200
        return len(statements)

    with cast.scope():
        make_department("d")
        make_touchpoint("first", department="d")
        make_touchpoint("second", partner="pats")
    few = queries_of_page()
    with cast.scope():
        for number in range(8):
            make_department(f"d{number}")
            make_partner(f"p{number}")
            owner = {"department": f"d{number}"} if number % 2 else {"partner": "pats"}
            make_touchpoint(f"t{number}", journey=f"j{number % 3}", stage=f"s{number % 4}", **owner)
    assert queries_of_page() == few


@pytest.mark.parametrize(
    "path", ["touchpoints/%00", "partners/%00", "journeys/%00/edit", "departments/%F0%9F%98%80/edit"]
)
def test_what_can_be_no_key_is_the_key_of_nothing(cast: Cast, path: str) -> None:
    assert cast.client("alice").get(path).status_code == 404


def test_hostile_names_are_taken_or_refused_and_never_break_a_page(cast: Cast) -> None:
    taken = 0
    with cast.scope():
        for number, text in enumerate(hostile.strings()):
            try:
                make_partner(f"p{number}", text)
                make_touchpoint(f"t{number}", name=text, partner=f"p{number}")
                taken += 1
            except Invalid as refused:
                assert [fault.pointer for fault in refused.faults] == ["/name"], text
    assert taken > 20
    for path in ("journeys/", "touchpoints/", "partners/"):
        assert cast.client("alice").get(path).status_code == 200
