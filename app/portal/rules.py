"""What a partner may see of the figures of its touchpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from app.metrics.display import can_show_score

FEWEST_CONCEALED = 5
"""A group of answers below this size must not be worked out either (domain: anonymity threshold for scores)."""

Group = TypeVar("Group")


def withheld(answers: Mapping[Group, int], nameless: Mapping[Group, int]) -> set[Group]:
    """The groups whose score is not shown: those with too few answers, and what a total minus the rest would reveal.

    A partner cannot see which surveys are anonymous; `nameless` counts the answers without a customer, which is what
    the answers to an anonymous one are.
    """
    hidden = {group for group, n in answers.items() if not can_show_score(n)}
    concealed = sum(nameless[group] for group in hidden)
    shown = [group for group in answers if group not in hidden]
    if 0 < concealed < FEWEST_CONCEALED and shown:
        hidden.add(min(shown, key=lambda group: answers[group]))
    return hidden
