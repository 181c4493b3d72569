"""The rows of this room: `case` has the case and what happened to it, `partner` what its partner is asked and says."""

from app.loop.cases.models.case import (
    Case,
    CaseAlarm,
    CaseClosure,
    CaseContact,
    CaseEvent,
    CaseFollowUp,
    CasePause,
    CaseResolution,
    CaseRootCause,
)
from app.loop.cases.models.partner import PartnerQuestion, PartnerStatement

__all__ = [
    "Case",
    "CaseAlarm",
    "CaseClosure",
    "CaseContact",
    "CaseEvent",
    "CaseFollowUp",
    "CasePause",
    "CaseResolution",
    "CaseRootCause",
    "PartnerQuestion",
    "PartnerStatement",
]
