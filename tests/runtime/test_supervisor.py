"""The supervisor over small children: restarts, crash loops, the order of stopping, and nobody left behind."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from tests.runtime.conftest import Processes, alive, descendants, wait_until

# A child that writes when it starts and when it is told to stop; `stubborn` ignores being told.
CHILD = """
import signal, sys, time
name, journal, stubborn = sys.argv[1], sys.argv[2], len(sys.argv) > 3
def write(what):
    with open(journal, "a") as file:
        file.write(f"{what} {name}\\n")
def stop(*_):
    write("stop")
    if not stubborn:
        sys.exit(0)
signal.signal(signal.SIGTERM, stop)
write("start")
while True:
    time.sleep(0.05)
"""

SUPERVISE = """
import sys
from app.runtime.supervisor import Program, Signals, Supervisor
child, journal = sys.argv[1], sys.argv[2]
def program(name, *more, **options):
    return Program(name, [sys.executable, "-c", child, name, journal, *more], **options)
supervisor = Supervisor(Signals())
{body}
"""


def supervise(processes: Processes, folder: Path, body: str) -> tuple[int, Path]:
    """Run a supervisor script; returns its process id and the children's journal."""
    journal = folder / "journal"
    journal.touch()
    code = f"import sys; sys.argv = ['-c', {CHILD!r}, {str(journal)!r}]\n" + SUPERVISE.format(body=body)
    return processes.python(code, folder / "home").pid, journal


def lines(journal: Path) -> list[str]:
    return journal.read_text().splitlines()


WATCH_THREE = """
supervisor.lay_out([[program("scheduler")], [program("worker-1"), program("worker-2")], [program("web")]])
supervisor.start()
status = supervisor.watch(lambda: False)
supervisor.stop()
sys.exit(0 if status else 1)
"""


def test_children_stop_tier_by_tier_and_the_web_first(processes: Processes, tmp_path: Path) -> None:
    pid, journal = supervise(processes, tmp_path, WATCH_THREE)
    wait_until(lambda: len(lines(journal)) == 4, why=processes.said)
    everything = descendants(pid)
    processes.started[0].send_signal(signal.SIGTERM)
    assert processes.started[0].wait(20) == 0
    stops = [line.removeprefix("stop ") for line in lines(journal) if line.startswith("stop")]
    assert stops[0] == "web"
    assert sorted(stops[1:3]) == ["worker-1", "worker-2"]
    assert stops[3:] == ["scheduler"]
    assert not alive(everything)


def test_a_dead_child_is_started_again_and_the_others_are_left_alone(processes: Processes, tmp_path: Path) -> None:
    pid, journal = supervise(processes, tmp_path, WATCH_THREE)
    wait_until(lambda: len(lines(journal)) == 4, why=processes.said)
    web = next(one for one in descendants(pid)[1:] if "web" in one.cmdline())
    web.kill()
    wait_until(lambda: lines(journal).count("start web") == 2, why=processes.said)
    assert lines(journal).count("start worker-1") == 1
    assert "stop web" not in lines(journal)


def test_what_a_dead_child_had_started_is_ended_before_it_starts_again(processes: Processes, tmp_path: Path) -> None:
    parent = """
import subprocess, sys, time
subprocess.Popen(["sleep", "61"])
open(sys.argv[1], "a").write("up\\n")
time.sleep(60)
"""
    body = f"""
supervisor.lay_out([[Program("parent", [sys.executable, "-c", {parent!r}, journal])]])
supervisor.start()
supervisor.watch(lambda: False)
supervisor.stop()
"""
    pid, journal = supervise(processes, tmp_path, body)
    wait_until(lambda: len(lines(journal)) == 1 and len(descendants(pid)) == 3, why=processes.said)
    _, parent_process, grandchild = descendants(pid)
    parent_process.kill()
    wait_until(lambda: not alive([grandchild]), seconds=10)
    wait_until(lambda: len(lines(journal)) == 2, why=processes.said)


def test_a_child_that_keeps_dying_stops_everything_with_status_1(processes: Processes, tmp_path: Path) -> None:
    body = """
supervisor.lay_out([[program("steady")], [Program("broken", ["false"])]])
supervisor.start()
status = supervisor.watch(lambda: False)
supervisor.stop()
sys.exit(0 if status else 1)
"""
    pid, _ = supervise(processes, tmp_path, body)
    assert processes.started[0].wait(30) == 1
    assert "a child keeps dying" in processes.said()
    assert processes.said().count("restarting it") == 4
    assert not descendants(pid)


def test_a_second_signal_ends_a_child_that_does_not_listen(processes: Processes, tmp_path: Path) -> None:
    body = """
supervisor.lay_out([[program("deaf", "stubborn", patience_seconds=60.0)]])
supervisor.start()
supervisor.watch(lambda: False)
supervisor.stop()
"""
    pid, journal = supervise(processes, tmp_path, body)
    wait_until(lambda: lines(journal) == ["start deaf"], why=processes.said)
    everything = descendants(pid)
    processes.started[0].send_signal(signal.SIGTERM)
    wait_until(lambda: "stop deaf" in lines(journal))
    time.sleep(0.5)
    assert alive(everything), "one signal waits for the child's patience"
    processes.started[0].send_signal(signal.SIGTERM)
    assert processes.started[0].wait(20) == 0
    assert not alive(everything)


def test_a_child_that_does_not_stop_in_its_time_is_killed(processes: Processes, tmp_path: Path) -> None:
    body = """
supervisor.lay_out([[program("deaf", "stubborn", patience_seconds=0.5)]])
supervisor.start()
supervisor.watch(lambda: False)
supervisor.stop()
"""
    pid, journal = supervise(processes, tmp_path, body)
    wait_until(lambda: lines(journal) == ["start deaf"], why=processes.said)
    everything = descendants(pid)
    processes.started[0].send_signal(signal.SIGTERM)
    assert processes.started[0].wait(20) == 0
    assert not alive(everything)
    assert "does not stop by itself" in processes.said()


def test_no_child_outlives_a_killed_supervisor(processes: Processes, tmp_path: Path) -> None:
    pid, journal = supervise(processes, tmp_path, WATCH_THREE)
    wait_until(lambda: len(lines(journal)) == 4, why=processes.said)
    below = descendants(pid)[1:]
    assert len(below) == 4
    processes.started[0].kill()
    processes.started[0].wait()
    wait_until(lambda: not alive(below), seconds=10, why=lambda: str(alive(below)))


def test_a_signal_while_something_still_starts_is_obeyed(processes: Processes, tmp_path: Path) -> None:
    body = """
import time
from app.runtime.supervisor import StopRequested
try:
    print("starting", flush=True)
    time.sleep(60)
except StopRequested:
    supervisor.stop()
    sys.exit(7)
"""
    supervise(processes, tmp_path, body)
    wait_until(lambda: "starting" in processes.said())
    processes.started[0].send_signal(signal.SIGTERM)
    assert processes.started[0].wait(20) == 7
