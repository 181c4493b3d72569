"""What a partner may see of the figures of its touchpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from app.metrics.display import can_show_score

FEWEST_CONCEALED = 5
"""A group of answers below this size must not be worked out either (domain: anonymity threshold for scores)."""

Group = TypeVar("Group")


def withheld(answers: Mapping[Group, int]) -> set[Group]:
    """The groups whose score is not shown: those with too few answers, and what a total minus the rest would reveal.

    A partner cannot tell which answers came anonymously, so that every one is treated as if it had.
    """
    hidden = {group for group, n in answers.items() if not can_show_score(n)}
    concealed = sum(answers[group] for group in hidden)
    if 0 < concealed < FEWEST_CONCEALED:
        shown = [group for group in answers if group not in hidden]
        hidden |= {min(shown, key=lambda group: answers[group])} if shown else set()
    return hidden
