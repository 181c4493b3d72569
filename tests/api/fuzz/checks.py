"""A check of our own beside those of schemathesis: what the document calls good is never refused for its form."""

from __future__ import annotations

import schemathesis
from schemathesis import Case, CheckContext, GenerationMode, Response

FORM = "The request does not have the expected form."
BEYOND_SCHEMAS = ("a time is not before 1900",)
"""JSON Schema cannot compare times; the descriptions say it in words."""


@schemathesis.check
def the_document_says_what_is_refused(_context: CheckContext, response: Response, case: Case) -> None:
    """A good request may be refused for what the tenant has or has not, and for a NUL, but not for its form."""
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    if response.status_code == 422 and response.json()["detail"] == FORM:
        faults = [fault for fault in response.json()["errors"] if fault["detail"] not in BEYOND_SCHEMAS]
        assert not faults, faults
    if response.status_code == 400:
        assert "NUL" in response.text, response.text
