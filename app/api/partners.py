"""Partners: put, read, list."""

from __future__ import annotations

from typing import Any

from app.api.base import ApiModel, Key, KeyPath, ListQuery, Name, blueprint, listing
from app.partners import queries, service
from app.partners.models import Partner
from app.tenants.access import api_scope

bp = blueprint("partners", "Partners")


class PartnerIn(ApiModel):
    """A partner as it is sent."""

    name: Name


class PartnerOut(ApiModel):
    """A partner, a firm that delivers a part of the experience in the tenant's name."""

    key: Key
    name: Name


class PartnerList(ApiModel):
    """Some partners."""

    data: list[PartnerOut]
    next_cursor: str | None


@bp.put("/partners/<key>", responses={200: PartnerOut, 201: PartnerOut})
@api_scope("admin")
def put_partner(path: KeyPath, body: PartnerIn) -> tuple[dict[str, Any], int]:
    """Make a partner, or give it this name."""
    partner, is_new = service.put_partner(path.key, body.name)
    return _out(partner), 201 if is_new else 200


@bp.get("/partners/<key>", responses={200: PartnerOut})
@api_scope("read")
def get_partner(path: KeyPath) -> dict[str, Any]:
    """One partner."""
    return _out(queries.get_partner_by_key(path.key))


@bp.get("/partners", responses={200: PartnerList})
@api_scope("read")
def list_partners(query: ListQuery) -> dict[str, Any]:
    """The partners, by key."""
    return listing(queries.page_of_partners(query.cursor, query.limit), _out)


def _out(partner: Partner) -> dict[str, Any]:
    return {"key": partner.key, "name": partner.name}
