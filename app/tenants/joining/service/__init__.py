"""What can be done by those who are about to come in, and by those who invite them."""

from __future__ import annotations

from app.tenants.joining.service.inviting import (
    Inviter,
    accept_invite,
    invite_person,
    send_invite_again,
)
from app.tenants.joining.service.signing_up import ask_to_sign_up, finish_sign_up, forget_sign_up, open_sign_up
from app.tenants.joining.withdrawing import withdraw_invite

__all__ = [
    "Inviter",
    "accept_invite",
    "ask_to_sign_up",
    "finish_sign_up",
    "forget_sign_up",
    "invite_person",
    "open_sign_up",
    "send_invite_again",
    "withdraw_invite",
]
