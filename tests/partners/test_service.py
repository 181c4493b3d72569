"""The verbs of partners."""

from __future__ import annotations

import pytest

from app.kernel.errors import Conflict, Invalid
from app.partners import queries, service
from tests.audits import list_audit
from tests.cast import Cast


def test_a_partner_is_made_changed_and_left_alone(cast: Cast) -> None:
    with cast.scope():
        made, is_new = service.put_partner("swift", "  Swift \t Parcel ")
        assert (made.name, is_new, made.partner_id) == ("Swift Parcel", True, made.id)
        assert service.put_partner("swift", "Swift")[1] is False
        assert service.put_partner("swift", "Swift")[1] is False
        found = queries.find_partner_by_key("swift")
        assert found is not None and found.name == "Swift"
        actions = [event.action for event in list_audit()]
    assert actions.count("partner.added") == 1 and actions.count("partner.changed") == 1


def test_the_audit_holds_before_and_after(cast: Cast) -> None:
    with cast.scope():
        service.put_partner("swift", "Swift")
        service.put_partner("swift", "Swifter")
        changed = next(event for event in list_audit() if event.action == "partner.changed")
    assert (changed.before, changed.after) == ({"name": "Swift"}, {"name": "Swifter"})


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "\u3000", "a\x00b", "x" * 201])
def test_names_nobody_could_read_are_refused(cast: Cast, name: str) -> None:
    with cast.scope(), pytest.raises(Invalid) as refused:
        service.put_partner("swift", name)
    assert [fault.pointer for fault in refused.value.faults] == ["/name"]


@pytest.mark.parametrize("name", ["顺", "x" * 200, "'\"><script>alert(1)</script>", "{{7*7}}"])
def test_any_readable_name_is_taken(cast: Cast, name: str) -> None:
    with cast.scope():
        assert service.put_partner("swift", name)[0].name == name


def test_a_key_is_made_from_the_name(cast: Cast) -> None:
    with cast.scope():
        keys = [service.add_partner(name).key for name in ("Swift Parcel!", "swift parcel", "Café Zoë", "顺丰", "顺丰")]
    assert keys == ["swift-parcel", "swift-parcel-2", "cafe-zoe", "partner", "partner-2"]


def test_a_taken_key_is_a_conflict_and_overwrites_nothing(cast: Cast) -> None:
    with cast.scope():
        service.add_partner("First", "swift")
        with pytest.raises(Conflict):
            service.add_partner("Second", "swift")
        assert queries.get_partner_by_key("swift").name == "First"


def test_a_long_name_gives_a_key_that_fits(cast: Cast) -> None:
    with cast.scope():
        keys = {len(service.add_partner("x" * 200).key) for _ in range(3)}
    assert keys == {64}
