"""How often letters are asked for here: by one member, and to one address, however that is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import request

from app.extensions import limiter
from app.kernel.db import find_row
from app.kernel.errors import Invalid
from app.tenants.access import member
from app.tenants.accounts.addresses import checked_address
from app.tenants.joining.models import TeamInvite

P = ParamSpec("P")
R = TypeVar("R")

BY_ONE_MEMBER = "60 per hour; 200 per day"
TO_ONE_ADDRESS = "5 per hour; 10 per day"


def typed_address() -> str:
    """Whom a form writes to, in the one spelling that a letter goes to; what is no address as it was typed."""
    typed = request.form.get("email", "")[:320]
    try:
        return checked_address(typed)
    except Invalid:
        return typed


def few_letters(view: Callable[P, R]) -> Callable[P, R]:
    """For the routes that send invitations, counted together: whoever invites has no end of addresses, and whoever is
    invited never asked for it. The counts of an address are those of all tenants."""
    by_one = limiter.shared_limit(BY_ONE_MEMBER, "inviter", key_func=lambda: str(member().user_id))
    to_one = limiter.shared_limit(TO_ONE_ADDRESS, "invited", key_func=_invited)
    return by_one(to_one(view))


def _invited() -> str:
    """The address of the form, or of the invitation that is to be sent again."""
    invite = find_row(TeamInvite, (request.view_args or {}).get("invite_id"))
    return invite.email if invite else typed_address() or "nobody"
