"""How many answers a second the whole stack takes and commits, beside what pgbench commits in the same minute.

Answers go over HTTP to the open link of a survey, one request and one committed transaction each, while workers open
cases for the bad ones beside them. The yardstick is pgbench's simple update with as many clients on the same database
server. The clients of both share the machine with what they measure. Half a minute of each, in turns.
"""

from __future__ import annotations

import http.client
import itertools
import json
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from app.runtime import postgres
from bench.measure import Result
from bench.service import TENANT, running
from tests.kill.load import SURVEY
from tests.kill.service import Service

CLIENTS = 16
SECONDS = 10
ROUNDS = 3
_PER_ADDRESS = 100
"""A client takes another address of this machine after so many answers, as other people have others."""
_TURNS = [itertools.count() for _client in range(CLIENTS)]


def run() -> Iterator[Result]:
    """Answer and measure in turns; the median of the rounds counts."""
    with running(WEB_WORKERS="2", QUEUE_WORKERS="1") as bench:
        pgbench = _PgBench(bench.service.facts()["database_url"])
        _answer_for(bench.service, 3)  # everything has been loaded once before it counts
        rounds = [(_answer_for(bench.service, SECONDS), pgbench.run(SECONDS)) for _round in range(ROUNDS)]
    taken, committed = (sorted(each)[ROUNDS // 2] for each in zip(*rounds, strict=True))
    name = f"answers with {CLIENTS} clients, each committed before it is acknowledged"
    yield Result(name, taken, "/s", "the transactions of pgbench", committed)


class _PgBench:
    """pgbench on a database of its own, on the server that the service uses."""

    def __init__(self, url: str) -> None:
        self._programs = postgres.program_folder()
        self._host = parse_qs(urlsplit(url).query)["host"][0]
        self._command("psql", "-c", "CREATE DATABASE bench", "postgres")
        self._command("pgbench", "--initialize", "--quiet", "--scale=10", "bench")

    def run(self, seconds: int) -> float:
        """Transactions per second."""
        flags = ["--builtin=simple-update", f"--client={CLIENTS}", "--jobs=2", f"--time={seconds}", "--no-vacuum"]
        said = self._command("pgbench", *flags, "bench")
        return float(next(line for line in said.splitlines() if line.startswith("tps = ")).split()[2])

    def _command(self, program: str, *arguments: str) -> str:
        command = [str(self._programs / program), "-h", self._host, "-U", postgres.SUPERUSER, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _answer_for(service: Service, seconds: int) -> float:
    """Answers per second that were acknowledged as new. Raises AssertionError when one was refused."""
    end, taken, refused = time.monotonic() + seconds, [0] * CLIENTS, []

    def answer(number: int) -> None:
        for turn in _TURNS[number]:
            # Every address of 127.0.0.0/8 is this machine.
            source = f"127.{number + 1}.{turn // 250 % 250}.{turn % 250 + 1}"
            line = http.client.HTTPConnection("127.0.0.1", service.port, 30, source_address=(source, 0))
            for _answer in range(_PER_ADDRESS):
                if time.monotonic() > end:
                    return
                body = {"key": uuid.uuid4().hex, "complete": True, "revision": 1}
                body["answers"] = {"nps": 3 if taken[number] % 5 == 0 else 9, "why": "The box was wet." * 5}
                headers = {"Content-Type": "application/json"}
                line.request("POST", f"/s/{TENANT}/{SURVEY}", json.dumps(body), headers)
                got = line.getresponse()
                said = got.read()
                if got.status != 201:
                    refused.append((got.status, said[:300]))
                    return
                taken[number] += 1

    clients = [threading.Thread(target=answer, args=(number,)) for number in range(CLIENTS)]
    began = time.monotonic()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert not refused, refused[0]
    return sum(taken) / (time.monotonic() - began)
