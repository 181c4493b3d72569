"""How the shop worked on its bad answers: pure plans, each a list of steps with a time, none of them later than now.

Most causes lie behind the counter (a program, a process, a rule, too few people), as they do in real firms; each step
is one verb of the cases' room, and `service` takes them one by one as of their times.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from app.demo.shop.setting import JUN, WEN, Person
from app.demo.shop.words_cases import ACTIONS, CAUSE_NOTES, CONTACTS, ENDS, TRIED
from app.demo.shop.year import Happening
from app.loop.cases import service
from app.loop.causes.rules import RootCause

Causes = tuple[tuple[str, float], ...]

_CAUSES: Mapping[str, tuple[Causes, ...]] = {
    "incident": (
        (("it_system.wrong_data", 0.6), ("process.handover", 0.4)),
        (("it_system.wrong_data", 1.0),),
        (("it_system.defect", 0.5), ("communication.not_informed", 0.5)),
        (("process.no_owner", 1.0),),
    ),
    "late": (
        (("partner.late", 0.7), ("process.handover", 0.3)),
        (("process.delay", 1.0),),
        (("external.weather", 1.0),),
    ),
    "delivery": (
        (("partner.conduct", 1.0),),
        (("design.service", 0.5), ("partner.quality", 0.5)),
        (("process.exception", 1.0),),
        (("it_system.wrong_data", 1.0),),
        (("policy.unclear", 1.0),),
    ),
    "pickup": ((("knowledge.outdated", 1.0),), (("partner.information", 1.0),), (("it_system.defect", 1.0),)),
    "service": (
        (("staffing.too_few", 0.6), ("staffing.scheduling", 0.4)),
        (("knowledge.hard_to_find", 1.0),),
        (("policy.no_discretion", 1.0),),
        (("incentive.handling_time", 1.0),),
    ),
    "shopping": ((("it_system.defect", 1.0),), (("design.options", 1.0),), (("it_system.wrong_data", 1.0),)),
    "returns": (
        (("process.too_many_steps", 1.0),),
        (("policy.too_strict", 0.5), ("process.delay", 0.5)),
        (("staffing.too_few", 1.0),),
    ),
    "product": ((("design.product", 1.0),), (("communication.advertising", 1.0),), (("knowledge.wrong", 1.0),)),
}
_REOPENED_AFTER = timedelta(days=30)
"""Only a case of a while ago was reopened: its second round must have ended long since."""
_ANYTHING = timedelta(days=25)
"""A case of longer ago may have taken any turn; one of less may have taken its usual days …"""
_USUAL = timedelta(days=7)
"""… and one of the last week was closed within hours: it, too, has to be over by now."""


@dataclass(frozen=True)
class Step:
    """One verb at one time, by one of the team; its first argument is the number of the case."""

    at: datetime
    by: Person
    verb: Callable[..., Any]
    facts: dict[str, Any] = field(default_factory=dict)


def plan(draw: Random, bad: Happening, is_incident: bool, now: datetime, zone: ZoneInfo) -> list[Step]:
    """All that was done about this bad answer, in the order of time, until the case was closed for good."""
    assert bad.said is not None
    worker = _Worker(draw, bad, is_incident, zone)
    age = now - bad.said.at
    if age < _ANYTHING:
        worker.is_slow = False
        worker.is_hurried = age < _USUAL
        worker.work_through()
        return worker.steps
    ending = draw.choices(("confirmed", "no_objection", "unreachable", "rejected"), (76, 14, 7, 3))[0]
    {"unreachable": worker.try_in_vain, "rejected": worker.reject}.get(ending, lambda: worker.work_through(ending))()
    if ending == "confirmed" and age > _REOPENED_AFTER and draw.random() < 0.09:
        worker.work_again()
    return worker.steps


class _Worker:
    """One of the team at one case; `at` is where their day has got to."""

    def __init__(self, draw: Random, bad: Happening, is_incident: bool, zone: ZoneInfo) -> None:
        assert bad.said is not None
        self.draw, self.zone, self.at = draw, zone, bad.said.at
        self.language = bad.customer.locale or "en"
        self.kind = "incident" if is_incident and bad.group == "late" else bad.group
        self.by = WEN if self.language == "zh-Hans" else JUN
        self.is_slow = draw.random() < (0.35 if is_incident else 0.1)
        self.is_hurried = False
        self.steps: list[Step] = []

    def work_through(self, outcome: str = "confirmed") -> None:
        """Take it, call, find the cause, mend it, close it."""
        hurried = self.is_hurried
        wait = (26, 40) if self.is_slow else (0.3, 3) if hurried else (0.5, 9)
        self._step(wait, service.record_first_contact, **self._contact("reached"))
        self._find_cause()
        self._mend((1, 4) if hurried else (150, 230) if self.is_slow else (3, 60))
        self._close(outcome, (1, 3) if hurried else (2, 30) if outcome == "confirmed" else (24 * 9, 24 * 11))

    def work_again(self) -> None:
        """It came back, and was mended for good."""
        because = self._words(ENDS["reopened"])
        self._step((24, 90), service.reopen_case, because=because)
        self._step((1, 5), service.record_first_contact, **self._contact("reached"))
        self._mend((3, 20))
        self._close("confirmed", (2, 20))

    def try_in_vain(self) -> None:
        """Three tries on two channels over three days."""
        for wait, channel in (((0.5, 6), "phone"), ((20, 28), "email"), ((30, 40), "phone")):
            contact = {"channel": channel, "outcome": "attempted", "note": self._words(TRIED)}
            self._step(wait, service.record_first_contact, **contact)
        self._find_cause()
        self._close("unreachable", (12, 24))

    def reject(self) -> None:
        """Nothing to mend: the note says why."""
        self._step((0.5, 6), service.record_first_contact, **self._contact("reached"))
        self._close("rejected", (1, 8))

    def _contact(self, outcome: str) -> dict[str, str]:
        channel = self.draw.choice(("phone", "phone", "phone", "email"))
        return {"channel": channel, "outcome": outcome, "note": self._words(CONTACTS[self._subject()])}

    def _find_cause(self) -> None:
        found = self.draw.choice(_CAUSES[self.kind])
        causes = [RootCause(code, share, verified=True) for code, share in found]
        note = CAUSE_NOTES[self.language][found[0][0].partition(".")[0]]
        self._step((0.2, 3), service.set_root_causes, causes=causes, note=note)

    def _mend(self, wait: tuple[float, float]) -> None:
        self._step(wait, service.resolve_case, action_taken=self._words(ACTIONS[self._subject()]))

    def _close(self, outcome: str, wait: tuple[float, float]) -> None:
        self._step(wait, service.close_case, outcome=outcome, note=self._words(ENDS[outcome]))

    def _subject(self) -> str:
        return "late" if self.kind == "incident" else self.kind

    def _words(self, by_language: Mapping[str, tuple[str, ...]]) -> str:
        return self.draw.choice(by_language[self.language])

    def _step(self, hours: tuple[float, float], verb: Callable[..., Any], **facts: Any) -> None:
        """The next thing done, so many hours later, and in the hours in which the team works."""
        self.at = self._at_work(self.at + timedelta(hours=self.draw.uniform(*hours)))
        self.steps.append(Step(self.at, self.by, verb, facts))

    def _at_work(self, moment: datetime) -> datetime:
        local = moment.astimezone(self.zone)
        if 8 <= local.hour < 21 or self.is_hurried:
            return moment
        morning = local.date() if local.hour < 8 else local.date() + timedelta(days=1)
        return datetime.combine(morning, time(8, self.draw.randrange(5, 55)), self.zone)
