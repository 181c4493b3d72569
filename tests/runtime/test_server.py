"""The web server as it is set here: it answers what it accepted before it stops, and several workers count together."""

from __future__ import annotations

import re
import signal
import socket
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from app.config import Settings
from app.runtime import environment
from tests.runtime.conftest import Processes, alive, descendants, wait_until

REQUESTS = 200
SERVE = """
from app.config import load_settings
from app.runtime import server
settings = load_settings(database_url="postgresql://nobody/nothing", redis_url="redis://nobody", secret_key="x" * 40)
server.serve(settings, "127.0.0.1", {port}, "tests.runtime.standin:app")
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        return str(answer.read().decode())


def answers(port: int) -> bool:
    try:
        return bool(get(port, "/health/live"))
    except OSError:
        return False


def test_a_request_under_way_is_answered_before_the_server_stops(processes: Processes, tmp_path: Path) -> None:
    port = free_port()
    server = processes.python(SERVE.format(port=port), tmp_path)
    wait_until(lambda: answers(port), why=processes.said)
    got: list[str] = []
    asking = threading.Thread(target=lambda: got.append(get(port, "/slow?2")))
    asking.start()
    wait_until(lambda: "a slow request is under way" in processes.said())
    server.send_signal(signal.SIGTERM)
    assert server.wait(20) == 0
    asking.join()
    assert got, "the request was cut off"
    assert not answers(port)


def test_a_killed_worker_is_replaced(processes: Processes, tmp_path: Path) -> None:
    port = free_port()
    processes.python(SERVE.format(port=port), tmp_path)
    wait_until(lambda: answers(port), why=processes.said)
    worker = int(get(port, "/"))
    psutil.Process(worker).kill()
    wait_until(lambda: answers(port) and int(get(port, "/")) != worker, why=processes.said)


def test_workers_end_with_a_killed_main_process(processes: Processes, tmp_path: Path) -> None:
    port = free_port()
    server = processes.python(SERVE.format(port=port), tmp_path)
    wait_until(lambda: answers(port), why=processes.said)
    below = descendants(server.pid)[1:]
    assert below
    server.kill()
    server.wait()
    wait_until(lambda: not alive(below), seconds=15, why=lambda: str(alive(below)))


def test_two_workers_count_their_requests_together(processes: Processes, tmp_path: Path, settings: Settings) -> None:
    port = free_port()
    given = {**environment.variables(settings), "WEB_WORKERS": "2", "HEED_TESTING": "1"}
    given.pop("HEED_HOME")
    server = processes.heed("web", "--port", str(port), home=tmp_path, **given)
    wait_until(lambda: answers(port), why=processes.said)
    with ThreadPoolExecutor(16) as crowd:  # so many at once that one worker cannot take them all
        list(crowd.map(lambda _: get(port, "/health/ready"), range(REQUESTS)))
    pattern = r'heed_requests_total\{endpoint="health.ready",method="GET",status="200"\} (\d+)'
    with ThreadPoolExecutor(8) as crowd:
        scrapes = list(crowd.map(lambda _: get(port, "/metrics"), range(8)))
    assert [int(found) for scrape in scrapes for found in re.findall(pattern, scrape)] == [REQUESTS] * 8
    server.send_signal(signal.SIGTERM)
    assert server.wait(20) == 0
