"""The pages on which people sign in and look after their own way in."""

from __future__ import annotations

from app.tenants.accounts.views import passkeys, proof, sessions, sign_in, two_steps, you
from app.tenants.accounts.views.blueprints import bp

__all__ = ["bp", "passkeys", "proof", "sessions", "sign_in", "two_steps", "you"]
