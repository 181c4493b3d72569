"""The page about webhooks says what is: its snippet runs, it names every kind, and its waits are the schedule."""

from __future__ import annotations

import re
from typing import Any

from app.delivery.webhooks.rules import KINDS, TEST, WAITS
from tests import receiver
from tests.cast import Cast
from tests.delivery.hooks import carry_due, listen, loopback_allowed, told
from tests.house.source import ROOT

PAGE = (ROOT / "docs" / "webhooks.md").read_text("utf-8")


def test_the_snippet_takes_what_is_ours_once_and_nothing_else(cast: Cast, capsys: Any) -> None:
    [snippet] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(snippet, names)
    with loopback_allowed(cast.app), receiver.serve() as server:
        secret = listen(cast, server)
        told(cast, number=4)
        carry_due(cast)
    [got] = server.requests
    assert [names["receive"](secret, got.headers, got.body) for _turn in range(2)] == [204, 204]
    assert capsys.readouterr().out == "case.opened {'number': 4}\n"
    assert names["receive"](secret, got.headers, got.body + b" ") == 401
    assert names["receive"](secret[:-4] + "AAA=", got.headers, got.body) == 401


def test_every_kind_is_in_the_table() -> None:
    table = PAGE.partition("## What is told")[2].partition("```json")[0]
    assert set(re.findall(r"`([a-z]+(?:\.[a-z]+)?)`", table)) - {"data"} == {*KINDS, TEST}


def test_the_waits_are_the_schedule() -> None:
    hours = [wait.total_seconds() / 3600 for wait in WAITS]
    assert hours[5:] == [1, 2, 4, 8, 12, 12, 12]
    assert [wait.total_seconds() for wait in WAITS[:5]] == [5, 30, 120, 600, 1800]
    assert "thirteen tries in about 52 hours" in PAGE and 51 < sum(hours) < 53
