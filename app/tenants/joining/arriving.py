"""Whether whoever has opened a link is the person whom its letter was for."""

from __future__ import annotations

from flask_login import current_user


def is_signed_in_as(email: str) -> bool:
    """Whether this browser is signed in with the log-in of this address, in a way that speaks for that person."""
    return bool(current_user.is_authenticated and current_user.is_proved) and current_user.email == email


def stranger_words(email: str, is_known: bool, here: str) -> dict[str, object]:
    """What joining/_stranger.html needs: who has to sign in first, who is here instead, and where it goes on."""
    other = current_user.email if current_user.is_authenticated else ""
    return {"is_stranger": is_known and not is_signed_in_as(email), "email": email, "other": other, "here": here}
