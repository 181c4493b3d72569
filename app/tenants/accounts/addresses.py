"""E-mail addresses in the one spelling that people are known by."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

from app.kernel.errors import Fault, Invalid


def checked_address(email: str) -> str:
    """An e-mail address in the one spelling that people are known by. Raises Invalid."""
    try:
        return validate_email(email, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise Invalid(f"{email} is not an e-mail address.", [Fault("/email", str(error))]) from error
