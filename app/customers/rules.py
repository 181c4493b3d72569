"""How what we are told about people is written down: identifiers, names, attributes and time zones.

Every function takes a plain value and returns it in its one stored form, or raises ValueError with a sentence
for the sender.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple
from zoneinfo import available_timezones

import phonenumbers
from email_validator import EmailNotValidError, validate_email

Scalar = str | int | float | bool

MAX_NAME = 200
MAX_ATTRIBUTES = 50
MAX_ATTRIBUTE_TEXT = 500
MAX_NUMBER = 2**53
"""The largest whole number that every JSON reader keeps exact."""


class NormalisedIdentifier(NamedTuple):
    """An identifier as it is shown (`value`) and the form that all its spellings share (`value_key`)."""

    value: str
    value_key: str


def normalise_identifier(type_: str, value: str, default_region: str | None = None) -> NormalisedIdentifier:
    """Normalise an identifier of type email, phone or external.

    `default_region` is the country (ISO 3166, `CN`) that a phone number without `+` is dialled from.
    """
    if type_ == "email":
        return _normalise_email(value)
    if type_ == "phone":
        return _normalise_phone(value, default_region)
    if type_ == "external":
        return _normalise_external(value)
    raise ValueError("An identifier is of type email, phone or external.")


def _normalise_email(value: str) -> NormalisedIdentifier:
    # Domains reserved for tests are taken: whether mail arrives is not known before it is sent.
    text = _narrow(value).strip()
    try:
        email = validate_email(text, check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError as error:
        raise ValueError(f"This is not an email address: {error}") from None
    if "." not in email.ascii_domain:
        raise ValueError("This is not an email address: its domain has no period.")
    local_part = unicodedata.normalize("NFC", email.local_part.lower())
    return NormalisedIdentifier(email.normalized, f"{local_part}@{email.ascii_domain.lower()}")


_PHONE = re.compile(r"\+?[0-9 ().\-/]{3,40}(?:(?:;ext=|ext\.?|x|#)\s*[0-9]{1,7})?", re.IGNORECASE | re.ASCII)


def _normalise_phone(value: str, default_region: str | None) -> NormalisedIdentifier:
    text = _narrow(value).strip()
    if default_region is not None and default_region not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("This region is not known; give two letters such as CN or BR.")
    if not _PHONE.fullmatch(text):
        raise ValueError("This is not a phone number.")
    if default_region is None and not text.startswith("+"):
        raise ValueError("Give the phone number in its international form, beginning with + and the country.")
    try:
        number = phonenumbers.parse(text, default_region)
    except phonenumbers.NumberParseException:
        raise ValueError("This is not a phone number.") from None
    # Possible, not valid: countries open number ranges faster than any list of them is brought up to date.
    if not phonenumbers.is_possible_number(number):
        raise ValueError("This phone number has too few or too many digits.")
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    extended = f"{plain};ext={number.extension}" if number.extension else plain
    return NormalisedIdentifier(extended, extended)


def _normalise_external(value: str) -> NormalisedIdentifier:
    text = _clean(value, MAX_NAME, "An external id")
    # People type customer numbers in capitals or not; a difference that nobody sees must not make two persons.
    return NormalisedIdentifier(text, unicodedata.normalize("NFC", _narrow(text).lower()))


# Chinese and Japanese keyboards type these wide forms of ASCII and of the space.
_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def _narrow(value: str) -> str:
    return value.translate(_WIDE)


def normalise_name(value: str) -> str:
    """Trim a name and bring it to Unicode NFC: 1 to 200 characters, no control characters."""
    return _clean(value, MAX_NAME, "A name")


def _clean(value: str, most: int, what: str) -> str:
    text = unicodedata.normalize("NFC", value).strip()
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise ValueError(f"{what} has no control characters.")
    if not 1 <= len(text) <= most:
        raise ValueError(f"{what} has 1 to {most} characters.")
    return text


_ATTRIBUTE_KEY = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)


def check_attributes(attributes: Mapping[str, object]) -> dict[str, Scalar]:
    """Take a flat object of at most 50 texts, numbers and truth values; texts come back in Unicode NFC."""
    if len(attributes) > MAX_ATTRIBUTES:
        raise ValueError(f"At most {MAX_ATTRIBUTES} attributes can be kept.")
    return {_attribute_key(key): _attribute_value(key, value) for key, value in attributes.items()}


def _attribute_key(key: str) -> str:
    if not _ATTRIBUTE_KEY.fullmatch(key):
        raise ValueError("An attribute's name has 1 to 64 of the characters A-Z, a-z, 0-9, _ . and -.")
    return key


def _attribute_value(key: str, value: object) -> Scalar:
    if isinstance(value, str):
        return _attribute_text(key, value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) <= MAX_NUMBER:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise ValueError(f"{key} must be a text, a number, true or false.")


def _attribute_text(key: str, value: str) -> str:
    text = unicodedata.normalize("NFC", value)
    if "\x00" in text or any(unicodedata.category(character) == "Cs" for character in text):
        raise ValueError(f"{key} contains characters that cannot be stored.")
    if len(text) > MAX_ATTRIBUTE_TEXT:
        raise ValueError(f"{key} has at most {MAX_ATTRIBUTE_TEXT} characters.")
    return text


def check_timezone(name: str) -> str:
    """Take the name of an IANA time zone such as America/Sao_Paulo."""
    if name not in _timezones():
        raise ValueError("This is not a time zone such as America/Sao_Paulo or Asia/Shanghai.")
    return name


@cache
def _timezones() -> frozenset[str]:
    # These two are in the database without being places: nobody's clock can be told from them.
    return frozenset(available_timezones() - {"Factory", "localtime"})
