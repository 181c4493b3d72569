"""The taxonomy of root causes, and what a set of them must keep to before it is stored.

`TAXONOMY` lists the first level with its layer and the details we suggest; `validate_root_causes` names every
fault; `with_shares` and `has_verified_cause` read a set without one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum
from typing import Literal

from app.kernel.errors import Fault

Layer = Literal["frontstage", "backstage", "partner", "external"]

SHARE_TOLERANCE = 1e-6
_DETAIL = re.compile(r"[a-z0-9_-]{1,64}")


@dataclass(frozen=True)
class CauseKind:
    """A cause of the first level: where it lies, and the details suggested below it."""

    layer: Layer | None
    details: tuple[str, ...] = ()


TAXONOMY: Mapping[str, CauseKind] = {
    "it_system": CauseKind("backstage", ("outage", "slow", "defect", "wrong_data", "missing_function")),
    "knowledge": CauseKind("backstage", ("missing", "outdated", "wrong", "hard_to_find")),
    "design": CauseKind("backstage", ("product", "service", "pricing", "options")),
    "process": CauseKind("backstage", ("handover", "delay", "too_many_steps", "no_owner", "exception")),
    "policy": CauseKind("backstage", ("too_strict", "unclear", "no_discretion", "regulation")),
    "staffing": CauseKind("backstage", ("too_few", "training", "scheduling", "turnover")),
    "incentive": CauseKind("backstage", ("sales_target", "handling_time", "conflicting_targets")),
    "communication": CauseKind("frontstage", ("promise", "not_informed", "unclear_wording", "advertising")),
    "partner": CauseKind("partner", ("late", "quality", "conduct", "information")),
    "staff_behaviour": CauseKind("frontstage", ("attitude", "careless", "rule_not_followed")),
    "facility": CauseKind("frontstage", ("device", "cleanliness", "access", "capacity")),
    "customer_error": CauseKind("external", ("wrong_order", "wrong_details", "misuse")),
    "external": CauseKind("external", ("weather", "strike", "authority", "fraud")),
    "unknown": CauseKind(None),
}
"""The first level is fixed. The details are suggestions: a tenant's own do as well, if written like a key."""


@dataclass(frozen=True)
class RootCause:
    """One cause of a case: its code (`process` or `process.handover`) and its share of the whole, 0 to 1."""

    code: str
    share: float | None = None
    verified: bool = False


def level_one(code: str) -> str:
    """The first level of a code."""
    return code.partition(".")[0]


def layer(code: str) -> Layer | None:
    """Where a cause lies; None for the unknown one. Raises KeyError for a code outside the taxonomy."""
    return TAXONOMY[level_one(code)].layer


def is_code(code: str) -> bool:
    """Whether this is `level1` or `level1.detail`."""
    level, dot, detail = code.partition(".")
    return level in TAXONOMY and (not dot or _DETAIL.fullmatch(detail) is not None)


def validate_root_causes(causes: Sequence[RootCause], note: str = "") -> list[Fault]:
    """All faults of the causes of one case; empty when they may be stored.

    A verified `staff_behaviour` needs a note with the second why: what let a person act like this?
    """
    if not causes:
        return [Fault("/root_causes", "Name at least one root cause; it may be unknown.")]
    return [*_code_faults(causes), *_share_faults(causes), *_second_why_faults(causes, note)]


def with_shares(causes: Sequence[RootCause]) -> list[RootCause]:
    """The causes with their shares: where none is given, each has the same, so that one alone has all."""
    if any(cause.share is not None for cause in causes):
        return list(causes)
    return [replace(cause, share=1 / len(causes)) for cause in causes]


def has_verified_cause(causes: Sequence[RootCause]) -> bool:
    """Whether somebody found out why; nothing verifies that a cause is unknown."""
    return any(cause.verified and level_one(cause.code) != "unknown" for cause in causes)


def _code_faults(causes: Sequence[RootCause]) -> list[Fault]:
    faults = []
    for index, cause in enumerate(causes):
        if not is_code(cause.code):
            faults.append(Fault(f"/root_causes/{index}/code", f"{cause.code!r} is not a root cause."))
        elif cause.code in (earlier.code for earlier in causes[:index]):
            faults.append(Fault(f"/root_causes/{index}/code", f"{cause.code!r} is named twice."))
    return faults


def _share_faults(causes: Sequence[RootCause]) -> list[Fault]:
    shares = [cause.share for cause in with_shares(causes)]
    faults = []
    for index, share in enumerate(shares):
        if share is None:
            faults.append(Fault(f"/root_causes/{index}/share", "Give a share to every cause or to none."))
        elif not 0 < share <= 1:
            faults.append(Fault(f"/root_causes/{index}/share", "A share is above 0 and at most 1."))
    total = 1.0 if faults else fsum(share for share in shares if share is not None)
    if abs(total - 1) > SHARE_TOLERANCE:
        faults.append(Fault("/root_causes", f"The shares add up to {total:g} and not to 1."))
    return faults


def _second_why_faults(causes: Sequence[RootCause], note: str) -> list[Fault]:
    is_verified = any(cause.verified and level_one(cause.code) == "staff_behaviour" for cause in causes)
    if not is_verified or note.strip():
        return []
    return [Fault("/note", "Say what let a person act like this: training, tools, incentives or rules?")]
