"""The customers' pages: finding people, one timeline over all channels, corrections that stick, consent."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from app.customers import service
from app.customers.models import Customer
from app.kernel.db import atomic, db
from app.kernel.ids import new_id
from tests.audits import list_audit
from tests.cast import Cast
from tests.factories.histories import Ground, make_histories, make_story
from tests.hostile import strings
from tests.queries import count_queries

ANA = ("email", "Ana.Souza@Example.com")


@pytest.fixture
def ground(cast: Cast) -> Iterator[Ground]:
    with cast.scope():
        yield make_histories()


def _names(cast: Cast, path: str = "", who: str = "bob") -> list[str]:
    answer = cast.client(who).get(f"customers/{path}")
    assert answer.status_code == 200, answer.text
    return re.findall(r"data-key-open><bdi>([^<]*)</bdi>", answer.text)


def _people(cast: Cast) -> dict[str, Customer]:
    with cast.scope():
        people = [
            (("Ana Souza"), [ANA, ("phone", "+5511987654321")]),
            (("王小明"), [("external", "Order-4711")]),
            (("100% Nutrition_Ltd"), [("external", "x-1")]),
        ]
        return {name: service.find_or_create_customer(known, name=name)[0] for name, known in people}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", ["100% Nutrition_Ltd", "王小明", "Ana Souza"]),
        ("ana", ["Ana Souza"]),
        ("souza", ["Ana Souza"]),
        ("小明", ["王小明"]),
        ("ana.souza@example.com", ["Ana Souza"]),
        ("ANA.SOU", ["Ana Souza"]),
        ("ana.souza@example.org", []),
        ("+55 11 98765-4321", ["Ana Souza"]),
        ("0055 11 9876", ["Ana Souza"]),
        ("order-47", ["王小明"]),
        ("ＯＲＤＥＲ－４７", ["王小明"]),
        ("4711", []),
        ("100%", ["100% Nutrition_Ltd"]),
        ("%", ["100% Nutrition_Ltd"]),
        ("_", ["100% Nutrition_Ltd"]),
        ("a\x00na", []),
    ],
)
def test_the_search_finds_names_and_the_beginning_of_identifiers(cast: Cast, typed: str, found: list[str]) -> None:
    _people(cast)
    answer = cast.client("bob").get("customers/", query_string={"q": typed})
    assert re.findall(r"data-key-open><bdi>([^<]*)</bdi>", answer.text) == found


def test_the_list_goes_on_by_keyset(cast: Cast) -> None:
    with cast.scope(), atomic():
        for number in range(60):
            service.find_or_create_customer([("external", f"id-{number}")], name=f"Person {number}")
    first = cast.client("bob").get("customers/?q=Person").text
    assert re.findall(r"<bdi>Person (\d+)</bdi></a>", first) == [str(number) for number in range(59, 9, -1)]
    onward = re.search(r'rel="next" href="([^"]+)"|href="([^"]+)" rel="next"', first)
    assert onward
    second = cast.client("bob").get((onward[1] or onward[2]).replace("&amp;", "&")).text
    assert re.findall(r"<bdi>Person (\d+)</bdi></a>", second) == [str(number) for number in range(9, -1, -1)]


def test_the_list_says_who_opted_out_and_which_language_they_speak(cast: Cast) -> None:
    ana = _people(cast)["Ana Souza"]
    with cast.scope():
        service.suppress(ana.id, "agent")
        service.correct_customer(ana.id, name="Ana Souza", locale="pt-BR", timezone=None)
    page = cast.client("bob").get("customers/").text
    assert page.count("opted out") == 1
    assert "Portuguese (Brazil)" in page


def test_lists_and_pages_need_as_many_statements_for_many_as_for_one(cast: Cast, ground: Ground) -> None:
    ana, busy = ground.customer(), ground.customer("Busy")
    make_story(ground, ana)
    make_story(ground, busy, 12)
    for _number in range(30):
        ground.customer()
    db.session.close()
    counts = {}
    for name, path in {"one": f"customers/{ana.id}", "many": f"customers/{busy.id}", "list": "customers/"}.items():
        with count_queries() as statements:
            assert cast.client("bob").get(path).status_code == 200
        counts[name] = len(statements)
    assert counts["one"] == counts["many"] <= 22, statements
    assert counts["list"] <= 9, statements


def test_one_timeline_over_all_channels(cast: Cast, ground: Ground) -> None:
    ana = ground.customer("Ana", ANA)
    late = ground.interaction(ana, partner_id=cast.partner_id, employee_name="Li")
    ground.decide(late, status="completed")
    skipped = ground.interaction(ana, measures={"late_days": 0, "weight_kg": 2.5})
    ground.decide(skipped, reason="min_gap")
    response = ground.answer(late, "Three days late, and nobody told me")
    ground.case(response)
    ground.invite(ana.id, "bounced")
    service.suppress(ana.id, "unsubscribe_link")
    db.session.close()
    page = cast.client("bob").get(f"customers/{ana.id}").text
    for said in [
        "3 days late", "on time", "Weight kg: 2.5", "Pat&#39;s Vans", "with Li",
        "Delivery NPS: asked by mail, answered",
        "Delivery NPS: not asked, because they were asked about something else too recently",
        "asked by mail, but it was returned",
        "NPS 3 of 10", "Three days late, and nobody told me", "Case 1",
        "by the link in a mail", "Ana.Souza@example.com", "sent by your systems", "They want to be asked again",
    ]:  # fmt: skip
        assert said in page, said


def test_older_entries_stand_on_the_next_page_each_once(cast: Cast, ground: Ground) -> None:
    ana = ground.customer()
    make_story(ground, ana, 25)
    db.session.close()
    seen: list[str] = []
    address: str | None = f"customers/{ana.id}"
    pages = 0
    while address:
        page = cast.client("bob").get(address).text
        seen += re.findall(r"Late again, for the (\d+)\. time</blockquote>", page)
        onward = re.search(r'rel="next" href="([^"]+)"', page)
        address = onward.group(1).replace("&amp;", "&") if onward else None
        pages += 1
    assert sorted(map(int, seen)) == list(range(1, 26))
    assert pages == 3


def test_a_correction_sticks_and_is_audited(cast: Cast, ground: Ground) -> None:
    ana = ground.customer("Anna Suza", ANA, locale="en")
    db.session.close()
    form = {"name": "Ana Souza", "locale": "pt_br", "timezone": ""}
    answer = cast.client("bob").post(f"customers/{ana.id}/correction", form)
    assert answer.status_code == 303
    service.find_or_create_customer([ANA], name="Anna Suza", locale="en", timezone="America/Sao_Paulo")
    found = db.session.get(Customer, (cast.tenant_id, ana.id))
    assert found is not None
    assert (found.name, found.locale, found.timezone) == ("Ana Souza", "pt-BR", "America/Sao_Paulo")
    row = list_audit()[0]
    assert (row.action, row.actor_label, row.after) == ("customer.corrected", "Bob", {"changed": ["name", "locale"]})
    db.session.close()
    assert "corrected by one of you" in cast.client("bob").get(f"customers/{ana.id}").text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("locale", "klingon!", "Write a language"),
        ("timezone", "Mars/Olympus", "Choose a time zone"),
        ("name", "a\x07b", "Write a name"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    cast: Cast, ground: Ground, field: str, value: str, sentence: str
) -> None:
    ana = ground.customer()
    db.session.close()
    form = {"name": "Ana", "locale": "", "timezone": "", field: value}
    answer = cast.client("bob").post(f"customers/{ana.id}/correction", form)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'aria-invalid="true"' in answer.text
    db.session.close()
    assert db.session.get(Customer, (cast.tenant_id, ana.id)).name == "Ana Souza"


def test_consent_is_withdrawn_and_given_again_by_a_press(cast: Cast, ground: Ground) -> None:
    ana = ground.customer()
    db.session.close()
    bob = cast.client("bob")
    assert bob.post(f"customers/{ana.id}/suppression").status_code == 303
    page = bob.get(f"customers/{ana.id}").text
    assert "Asked not to be written to on" in page
    assert "told to one of us" in page
    assert bob.post(f"customers/{ana.id}/suppression/lifting").status_code == 303
    assert "May be asked." in bob.get(f"customers/{ana.id}").text
    with cast.scope():
        assert [row.action for row in list_audit()[:2]] == [
            "customer.suppression_lifted",
            "customer.suppressed",
        ]


def test_who_may_do_what(cast: Cast, ground: Ground) -> None:
    ana = ground.customer()
    db.session.close()
    dana = cast.client("dana")
    page = dana.get(f"customers/{ana.id}").text
    assert "correction" not in page
    assert "suppression" not in page
    assert dana.get(f"customers/{ana.id}/correction").status_code == 403
    assert dana.post(f"customers/{ana.id}/correction", {"name": "X"}).status_code == 403
    assert dana.post(f"customers/{ana.id}/suppression").status_code == 403
    assert cast.client("pat").get(f"customers/{ana.id}").status_code == 403


def test_another_tenants_customer_is_not_there(cast: Cast, others: Cast) -> None:
    with others.scope():
        hers = service.find_or_create_customer([ANA], name="Charlies Kundin")[0]
    bob = cast.client("bob")
    foreign, unknown = bob.get(f"customers/{hers.id}"), bob.get(f"customers/{new_id()}")
    assert (foreign.status_code, foreign.data) == (404, unknown.data)
    assert "Charlies" not in bob.get("customers/?q=Charlies").text.replace('value="Charlies"', "")
    assert bob.post(f"customers/{hers.id}/suppression").status_code == 404
    with others.scope():
        assert not db.session.get(Customer, (others.tenant_id, hers.id)).corrections


def test_nothing_that_is_typed_breaks_the_list_or_runs(cast: Cast) -> None:
    bob = cast.client("bob")
    with cast.scope():
        service.find_or_create_customer([("external", "x")], name="'\"><script>alert(1)</script>{{7*7}}")
    for text in strings():
        typed = text.encode("utf-8", "replace").decode()
        page = bob.get("customers/", query_string={"q": typed})
        assert page.status_code == 200, repr(text)
        assert "<script>alert(1)" not in page.text
