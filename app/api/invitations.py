"""Invitations: what became of one."""

from __future__ import annotations

from typing import Any

from flask import g

from app.api.base import blueprint, moment
from app.api.schemas.outreach import InvitationOut, InvitationPath
from app.kernel.ids import parse_id
from app.surveys.outreach import queries
from app.surveys.outreach.mail import respond_url
from app.surveys.outreach.models import Invitation
from app.tenants.access import api_scope
from app.tenants.rules import scope_allows

bp = blueprint("invitations", "Invitations")


@bp.get("/invitations/<id>", responses={200: InvitationOut})
@api_scope("read")
def get_invitation(path: InvitationPath) -> dict[str, Any]:
    """One invitation; its link only for keys that may ask."""
    found = queries.get_invitation(parse_id(path.id))
    return _out(found) | {"respond_url": respond_url(found) if scope_allows(g.api_scopes, "outreach") else None}


def _out(row: Invitation) -> dict[str, Any]:
    times = ("created_at", "due_at", "sent_at", "expires_at", "started_at", "completed_at")
    return {
        "id": str(row.id),
        "status": row.status,
        "reason": row.status_reason,
        "channel": row.channel,
        "purpose": row.purpose,
        "survey": row.version.survey.key,
        "version": row.version.number,
        "customer": str(row.customer_id),
        "interaction": row.interaction.external_id if row.interaction else None,
        "rule": row.rule.key if row.rule else None,
        "locale": row.locale,
        **{name: moment(getattr(row, name)) for name in times},
    }
