"""The one person behind some identifiers: found, made once, corrected, and never written to again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from app.customers import queries, service
from app.customers.models import Customer, Identifier
from app.kernel.db import atomic, db
from app.kernel.errors import Invalid
from tests.audits import list_audit
from tests.cast import Cast
from tests.threads import at_once

ANA = ("email", "ana@example.com")
PHONE = ("phone", "+5511987654321")


@pytest.fixture(autouse=True)
def _inside(cast: Cast) -> Any:
    with cast.scope():
        yield


def find_or_create(*identifiers: tuple[str, str], **facts: Any) -> tuple[Customer, bool]:
    return service.find_or_create_customer(identifiers, **facts)


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_any_identifier_finds_the_person() -> None:
    made, is_new = find_or_create(ANA, PHONE, name="Ana")
    assert is_new
    for identifier in (PHONE, ("email", " ANA@Example.com ")):
        assert find_or_create(identifier) == (made, False)
    assert count(Customer) == 1


def test_a_new_identifier_is_added_to_the_person() -> None:
    made, _ = find_or_create(ANA)
    assert find_or_create(ANA, PHONE) == (made, False)
    assert find_or_create(PHONE) == (made, False)
    assert {row.type for row in queries.list_identifiers(made.id)} == {"email", "phone"}


def test_a_known_identifier_behind_an_unknown_one_finds_the_person() -> None:
    made, _ = find_or_create(ANA)
    assert find_or_create(("external", "C-1"), ANA) == (made, False)


def test_identifiers_of_two_people_are_not_merged() -> None:
    ana, _ = find_or_create(ANA)
    bea, _ = find_or_create(PHONE)
    assert find_or_create(PHONE, ANA, ("external", "C-2")) == (bea, False)
    assert find_or_create(ANA) == (ana, False)
    assert find_or_create(("external", "c-2")) == (bea, False)


def test_the_same_identifier_twice_in_one_call_is_one() -> None:
    made, _ = find_or_create(ANA, ("email", "ANA@example.com"))
    assert [row.value for row in queries.list_identifiers(made.id)] == ["ana@example.com"]


def test_what_is_given_replaces_and_what_is_not_given_stays() -> None:
    find_or_create(ANA, name="Ana", locale="pt_BR", timezone="America/Sao_Paulo", attributes={"tier": "a", "age": 1})
    changed, _ = find_or_create(ANA, name="Ana Souza", attributes={"tier": "b"})
    assert (changed.name, changed.locale, changed.timezone) == ("Ana Souza", "pt-BR", "America/Sao_Paulo")
    assert changed.attributes == {"tier": "b", "age": 1}
    db.session.expire_all()
    assert queries.get_customer(changed.id).name == "Ana Souza"


@pytest.mark.parametrize(
    ("identifiers", "facts", "pointer"),
    [
        ([], {}, "/identifiers"),
        ([("external", f"C-{number}") for number in range(21)], {}, "/identifiers"),
        ([ANA, ("email", "nobody")], {}, "/identifiers/1/value"),
        ([("phone", "0123")], {}, "/identifiers/0/value"),
        ([ANA], {"name": ""}, "/name"),
        ([ANA], {"name": "a\nb"}, "/name"),
        ([ANA], {"locale": "English"}, "/locale"),
        ([ANA], {"timezone": "Mars/Olympus"}, "/timezone"),
        ([ANA], {"attributes": {"nested": {}}}, "/attributes"),
    ],
)
def test_bad_values_are_refused_with_their_place(
    identifiers: list[tuple[str, str]], facts: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        find_or_create(*identifiers, **facts)
    assert [fault.pointer for fault in refusal.value.faults] == [pointer]
    assert count(Customer) == 0


def test_attributes_that_grow_over_the_limit_are_refused() -> None:
    find_or_create(ANA, attributes={f"a{number}": 1 for number in range(50)})
    with pytest.raises(Invalid) as refusal:
        find_or_create(ANA, name="Other", attributes={"one_more": 1})
    assert refusal.value.faults[0].pointer == "/attributes"
    assert queries.find_customer(find_or_create(ANA)[0].id).name is None


def test_hostile_names_are_kept_as_they_are() -> None:
    for name in ("'\"><script>alert(1)</script>", "{{7*7}}"):
        assert find_or_create(ANA, name=name)[0].name == name


def test_the_same_new_person_at_the_same_moment_is_one_person(cast: Cast) -> None:
    for number in range(5):
        one, two = ("email", f"twin{number}@example.com"), ("external", f"twin-{number}")
        results = at_once(
            cast,
            lambda one=one, two=two: find_or_create(one, two, name="Twin"),
            lambda one=one, two=two: find_or_create(two, one, name="Twin"),
            lambda one=one: find_or_create(one),
            lambda one=one, two=two: find_or_create(two, one),
        )
        assert all(isinstance(result, tuple) for result in results), results
        assert len({customer.id for customer, _ in results}) == 1
        assert [is_new for _, is_new in results].count(True) == 1
    assert (count(Customer), count(Identifier)) == (5, 10)


def test_whoever_waits_for_the_lock_sees_what_was_written_before_it(cast: Cast) -> None:
    ana, _ = find_or_create(ANA, attributes={"visits": 0})

    def visit() -> None:
        with atomic():
            found, _ = find_or_create(ANA)
            found.attributes = {"visits": found.attributes["visits"] + 1}

    assert at_once(cast, *[visit] * 4) == [None] * 4
    db.session.expire_all()
    assert queries.get_customer(ana.id).attributes == {"visits": 4}


def test_a_person_who_does_not_want_mail_is_suppressed_once_and_for_all_addresses() -> None:
    ana, _ = find_or_create(ANA, PHONE)
    assert service.suppress(ana.id, "unsubscribe_link") is True
    assert service.suppress(ana.id, "unsubscribe_link") is False
    assert queries.is_suppressed(ana.id)
    find_or_create(("email", "other@example.com"), PHONE)
    assert queries.is_suppressed(find_or_create(("email", "other@example.com"))[0].id)
    assert queries.suppressed_among([ana.id]) == {ana.id}
    assert service.lift_suppression(ana.id) is True
    assert service.lift_suppression(ana.id) is False
    assert not queries.is_suppressed(ana.id)
    assert service.suppress(ana.id, "staff") is True
    assert [row.action for row in list_audit()][:3] == [
        "customer.suppressed",
        "customer.suppression_lifted",
        "customer.suppressed",
    ]


def test_the_address_given_last_is_the_one_to_write_to() -> None:
    ana, _ = find_or_create(("external", "7"))
    assert queries.find_email(ana.id) is None
    find_or_create(("external", "7"), ("email", "old@example.com"))
    find_or_create(("external", "7"), ("email", "new@example.com"))
    assert queries.find_email(ana.id) == "new@example.com"
    assert queries.reachable_by_email([ana.id]) == {ana.id}


def test_another_tenant_s_person_is_another_person(cast: Cast, others: Cast) -> None:
    ana, _ = find_or_create(ANA)
    db.session.rollback()
    result = at_once(others, lambda: (find_or_create(ANA), queries.find_customer(ana.id)))
    (theirs, is_new), foreign = result[0]
    assert is_new and theirs.id != ana.id and foreign is None
