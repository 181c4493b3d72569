"""The staff pages of responses: who sees them, filters in the address, one response in full, its release."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.factories.answering import make_customer, make_response, stored
from tests.factories.journeys import make_touchpoint
from tests.factories.partners import make_partner
from tests.factories.surveys import csat_definition, make_version
from tests.queries import count_queries


def test_the_list_shows_scores_and_words(cast: Cast) -> None:
    with cast.scope():
        make_response({"nps": 3, "why": "Call me: +55 11 91234 5678"}, partner="pats")
    page = cast.client("bob").get("responses/").text
    assert "3 of 10" in page and "Call me: [number]" in page and "91234" not in page and "Pat&#39;s Vans" in page
    assert "Nobody has answered yet" in cast.client("bob").get("responses/?band=high").text


def test_filters_stand_in_the_address(cast: Cast) -> None:
    with cast.scope():
        make_version("csat", csat_definition())
        make_touchpoint("call")
        make_response({"nps": 3, "why": "first"})
        make_response({"nps": 8, "why": "second"}, partner="pats")
        make_response({"csat": 5, "comment": "third"}, survey="csat", touchpoint="call")
    make_customer(cast).send(nps="9", why="fourth", heed_website="x")

    def shown(query: str) -> set[str]:
        page = cast.client("dana").get(f"responses/{query}").text
        return {word for word in ("first", "second", "third", "fourth") if f">{word}<" in page}

    assert shown("") == {"first", "second", "third", "fourth"}
    assert (shown("?band=low"), shown("?band=middle"), shown("?band=high")) == (
        {"first"},
        {"second"},
        {"third", "fourth"},
    )
    assert shown("?parked=1") == {"fourth"} and shown("?partner=pats") == {"second"}
    assert shown("?survey=csat&touchpoint=call") == {"third"} and shown("?survey=none") == set()
    assert shown("?band=nonsense") == shown("")
    page = cast.client("dana").get("responses/?survey=csat&touchpoint=call").text
    assert 'responses/?survey=csat"' in page and 'responses/?touchpoint=call"' in page, "each filter can be taken off"


def test_the_list_goes_on_by_its_cursor(cast: Cast) -> None:
    with cast.scope():
        make_version("nps")
        make_touchpoint("delivery")
        for number in range(51):
            make_response({"nps": 3, "why": f"words-{number}-"}, survey="nps", touchpoint="delivery")
    client = cast.client("bob")
    first = client.get("responses/?survey=nps").text
    assert first.count("data-key-item") == 50 and "words-0-" not in first
    following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = client.get(following).text
    assert second.count("data-key-item") == 1 and "words-0-" in second and "survey=nps" in following


def test_the_list_needs_few_statements(cast: Cast) -> None:
    def statements() -> int:
        client = cast.client("bob")
        with count_queries() as found:
            assert client.get("responses/").status_code == 200
        return len(found)

    with cast.scope():
        make_response(partner=make_partner().key)
    few = statements()
    with cast.scope():
        for _ in range(4):
            make_response(partner=make_partner().key)
    assert statements() == few <= 8


def test_one_response_is_shown_in_full(cast: Cast) -> None:
    customer = make_customer(cast)
    customer.send(nps="3", why="Call me: +55 11 91234 5678", late="damaged")
    response = stored(cast, customer)
    assert response is not None
    page = cast.client("bob").get(f"responses/{response.id}").text
    for words in (
        "+55 11 91234 5678",
        "It was damaged",
        "3 of 10",
        "Ana",
        response.interaction.external_id,
        "version 1",
    ):
        assert words in page
    bob = cast.client("bob")
    bob.post("/account/language", {"locale": "zh-Hans"})
    assert "您会推荐吗？" in bob.get(f"responses/{response.id}").text


def test_a_parked_response_is_released_by_those_who_work(cast: Cast) -> None:
    customer = make_customer(cast)
    customer.send(nps="3", heed_website="x")
    response = stored(cast, customer)
    assert response is not None
    path = f"responses/{response.id}"
    assert "let it count" in cast.client("bob").get(path).text
    assert "let it count" not in cast.client("dana").get(path).text
    assert cast.client("dana").post(f"{path}/release").status_code == 403
    assert cast.client("bob").post(f"{path}/release").status_code == 303
    released = stored(cast, customer)
    assert released is not None and released.parked_at is None
    assert cast.client("bob").post(f"{path}/release").status_code == 303, "somebody was faster"
    assert "Parked" not in cast.client("bob").get(path).text


@pytest.mark.parametrize("path", ["responses/", "responses/{id}"])
def test_strangers_and_partners_see_nothing(cast: Cast, others: Cast, path: str) -> None:
    with cast.scope():
        response = make_response(partner="pats").response_id
    path = path.format(id=response)
    assert cast.client("pat").get(path).status_code == 403
    assert others.client("charlie").get(f"/t/{cast.slug}/{path}").status_code == 404
    theirs = others.client("charlie").get(path)
    assert theirs.status_code == (404 if str(response) in path else 200) and "3 of 10" not in theirs.text
