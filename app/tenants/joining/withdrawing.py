"""How invites end before anybody accepts them: taken back one by one, or all with the right of whoever invited."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.kernel import clock
from app.kernel.db import atomic, get_row
from app.tenants import audit
from app.tenants.joining.models import TeamInvite


def withdraw_invite(invite_id: UUID) -> None:
    """End an invite: its link leads nowhere from now on. Twice changes nothing. Raises NotFound."""
    with atomic():
        _withdraw(get_row(TeamInvite, invite_id, lock=True))


def withdraw_invites_of(user_id: UUID) -> None:
    """End every invite that this person has sent and nobody has accepted."""
    unanswered = (TeamInvite.accepted_at.is_(None), TeamInvite.withdrawn_at.is_(None))
    query = select(TeamInvite).where(TeamInvite.invited_by == user_id, *unanswered).order_by(TeamInvite.id)
    with atomic() as session:
        for invite in session.scalars(query.with_for_update().execution_options(populate_existing=True)).all():
            _withdraw(invite)


def _withdraw(invite: TeamInvite) -> None:
    if invite.accepted_at is None and invite.withdrawn_at is None:
        invite.withdrawn_at = clock.now()
        audit.record("invite.withdrawn", "team_invite", invite.id, before={"email": invite.email})
