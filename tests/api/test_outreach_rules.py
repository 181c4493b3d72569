"""Outreach rules over the API: put, read, list, and every way in which one cannot be taken."""

from __future__ import annotations

from typing import Any

import pytest

from app.surveys.outreach import queries
from tests.audits import list_audit
from tests.cast import ApiClient, Cast
from tests.factories.journeys import make_touchpoint
from tests.factories.surveys import follow_up_definition, make_survey, make_version

RULE = {"touchpoints": ["delivery"], "survey": "delivery-nps", "channel": "email"}


@pytest.fixture
def api(cast: Cast) -> ApiClient:
    with cast.scope():
        for key in ("delivery", "purchase"):
            make_touchpoint(key)
        make_version("delivery-nps")
        make_survey("solved", follow_up_definition(), kind="follow_up")
    return cast.api()


def test_a_rule_is_made_changed_and_read(cast: Cast, api: ApiClient) -> None:
    made = api.put("outreach-rules/after-delivery", RULE)
    assert made.status_code == 201
    times = {name: made.json[name] for name in ("created_at", "updated_at")}
    assert made.json == RULE | times | {
        "key": "after-delivery",
        "delay_minutes": 0,
        "sample_percent": 100,
        "expires_after_days": 14,
        "quiet_hours": True,
        "min_gap_days": None,
        "active": True,
    }
    changed = RULE | {"touchpoints": ["purchase", "delivery"], "channel": "link", "delay_minutes": 120, "active": False}
    again = api.put("outreach-rules/after-delivery", changed | {"min_gap_days": 60, "sample_percent": 20})
    assert again.status_code == 200 and again.json["touchpoints"] == ["delivery", "purchase"]
    read = api.get("outreach-rules/after-delivery").json
    assert (read["min_gap_days"], read["sample_percent"], read["active"]) == (60, 20, False)
    assert read["created_at"] == times["created_at"] and read == again.json
    back = api.put("outreach-rules/after-delivery", RULE)
    assert back.status_code == 200 and back.json["touchpoints"] == ["delivery"]
    with cast.scope():
        found = [row for row in list_audit() if row.subject_type == "outreach_rule"]
        assert [row.action for row in found] == [
            "outreach_rule.changed",
            "outreach_rule.changed",
            "outreach_rule.created",
        ]
        assert found[0].before["channel"] == "link" and found[0].after["channel"] == "email"


def test_the_same_again_is_the_same_and_leaves_no_audit(cast: Cast, api: ApiClient) -> None:
    assert [api.put("outreach-rules/r", RULE).status_code for _ in range(3)] == [201, 200, 200]
    with cast.scope():
        assert len([row for row in list_audit() if row.subject_type == "outreach_rule"]) == 1


def test_the_list_is_by_key_and_paged(api: ApiClient) -> None:
    for key in ("c", "a", "b"):
        api.put(f"outreach-rules/{key}", RULE)
    first = api.get("outreach-rules?limit=2").json
    assert [rule["key"] for rule in first["data"]] == ["a", "b"]
    rest = api.get(f"outreach-rules?cursor={first['next_cursor']}").json
    assert [rule["key"] for rule in rest["data"]] == ["c"] and rest["next_cursor"] is None


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"touchpoints": []}, "/touchpoints", ""),
    ({"touchpoints": ["delivery", "nowhere"]}, "/touchpoints/1", "no touchpoint"),
    ({"touchpoints": "delivery"}, "/touchpoints", ""),
    ({"survey": "nothing"}, "/survey", "no survey"),
    ({"survey": "solved"}, "/survey", "follow_up"),
    ({"channel": "sms"}, "/channel", "No sender is configured"),
    ({"channel": "webhook"}, "/channel", "No sender is configured"),
    ({"channel": "pigeon"}, "/channel", ""),
    ({"delay_minutes": -1}, "/delay_minutes", ""),
    ({"delay_minutes": 525601}, "/delay_minutes", ""),
    ({"delay_minutes": 1.5}, "/delay_minutes", ""),
    ({"delay_minutes": "5"}, "/delay_minutes", ""),
    ({"sample_percent": 101}, "/sample_percent", ""),
    ({"expires_after_days": 0}, "/expires_after_days", ""),
    ({"min_gap_days": 366}, "/min_gap_days", ""),
    ({"quiet_hours": "yes"}, "/quiet_hours", ""),
    ({"active": None}, "/active", ""),
    ({"priority": 1}, "/priority", "Unknown field"),
]


@pytest.mark.parametrize(("change", "pointer", "words"), BAD)
def test_bad_input_is_refused_with_its_place(
    cast: Cast, api: ApiClient, change: dict[str, Any], pointer: str, words: str
) -> None:
    answer = api.put("outreach-rules/r", RULE | change)
    assert answer.status_code == 422
    [error] = answer.json["errors"]
    assert error["pointer"] == pointer and words in error["detail"]
    with cast.scope():
        assert queries.list_rules() == []


@pytest.mark.parametrize("key", ["Upper", "a b", "x" * 65, "a%00b"])
def test_a_bad_key_is_refused(api: ApiClient, key: str) -> None:
    assert api.put(f"outreach-rules/{key}", RULE).status_code in (404, 422)
    assert api.get(f"outreach-rules/{key}").status_code in (404, 422)


def test_only_an_admin_key_sets_rules(cast: Cast, api: ApiClient) -> None:
    api.put("outreach-rules/r", RULE)
    assert cast.api(cast.key("outreach")).put("outreach-rules/r", RULE).status_code == 403
    assert cast.api(cast.key("read")).get("outreach-rules/r").status_code == 200


def test_another_tenant_s_rule_is_unknown(api: ApiClient, others: Cast) -> None:
    api.put("outreach-rules/r", RULE)
    assert others.api().get("outreach-rules/r").status_code == 404
    assert others.api().put("outreach-rules/r", RULE).status_code == 422


def test_the_same_rule_at_the_same_moment_is_one(cast: Cast, api: ApiClient) -> None:
    works = [lambda: cast.api().put("outreach-rules/r", RULE).status_code] * 4
    with cast.app.app_context():
        statuses = at_once_without_scope(cast, works)
    assert sorted(statuses) == [200, 200, 200, 201]


def at_once_without_scope(cast: Cast, works: list[Any]) -> list[Any]:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result() for future in [pool.submit(work) for work in works]]
