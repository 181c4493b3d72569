"""Outreach rules: put, read, list."""

from __future__ import annotations

from typing import Any

from app.api.base import KeyPath, ListQuery, blueprint, listing, moment
from app.api.schemas.outreach import RuleIn, RuleList, RuleOut
from app.surveys.outreach import queries, service
from app.surveys.outreach.models import OutreachRule
from app.tenants.access import api_scope

bp = blueprint("outreach_rules", "Outreach rules")


@bp.put("/outreach-rules/<key>", responses={200: RuleOut, 201: RuleOut})
@api_scope("admin")
def put_rule(path: KeyPath, body: RuleIn) -> tuple[dict[str, Any], int]:
    """Make a rule or change it; what it decided before stays."""
    _rule, is_new = service.put_rule(path.key, body.given())
    return _out(queries.get_rule_by_key(path.key)), 201 if is_new else 200


@bp.get("/outreach-rules/<key>", responses={200: RuleOut})
@api_scope("read")
def get_rule(path: KeyPath) -> dict[str, Any]:
    """One rule."""
    return _out(queries.get_rule_by_key(path.key))


@bp.get("/outreach-rules", responses={200: RuleList})
@api_scope("read")
def list_rules(query: ListQuery) -> dict[str, Any]:
    """The rules, by key."""
    return listing(queries.page_of_rules(query.cursor, query.limit), _out)


def _out(rule: OutreachRule) -> dict[str, Any]:
    given = vars(service.as_input(rule))
    return {
        "key": rule.key,
        **{name: value for name, value in given.items() if name != "is_active"},
        "touchpoints": list(given["touchpoints"]),
        "active": rule.is_active,
        "created_at": moment(rule.created_at),
        "updated_at": moment(rule.updated_at),
    }
