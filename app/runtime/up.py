"""`heed up`: the whole of Heed on one machine, from an empty folder to a served page and back to nothing.

services -> mail and web, meanwhile roles, migrations, first start -> ready -> workers, scheduler; then watch. On the
way back the web stops first, then the workers (each finishes its job), the scheduler, mail, Redis and PostgreSQL.
"""

from __future__ import annotations

import http.client
import multiprocessing
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import click

from app.config import ConfigError, Settings
from app.kernel.errors import HeedError
from app.runtime import embedded, environment, mailbox
from app.runtime.embedded import Service, Services
from app.runtime.logs import configure
from app.runtime.processes import die_with_parent
from app.runtime.supervisor import Program, Signals, StopRequested, Supervisor

HOST = "127.0.0.1"
READY_PATIENCE_SECONDS = 120.0
WORKER_PATIENCE_SECONDS = 40.0

FirstStart = Callable[[Settings], Sequence[str]]
"""Runs after the migrations at every start, must notice by itself what is done already, and returns lines to print."""


class StartError(HeedError):
    """Heed does not come up; the text says what failed."""


@dataclass(frozen=True)
class Plan:
    """What `heed up` was asked for. `first_start` names FirstStart callables as module:attribute."""

    port: int | None = None
    first_start: Sequence[str] = ()
    application: str | None = None


def run(plan: Plan) -> int:
    """Start everything, stay until told to stop, stop everything; returns the exit status."""
    signals = Signals()
    outside = environment.look()
    services: Services | None = None
    supervisor = Supervisor(signals)
    try:
        services = embedded.open_home(outside.home, outside.wanted, role="up")
        services.begin()
        facts = services.facts("up")
        supervisor.adopt(services.hand_over())
        return _serve(plan, outside, services, supervisor, facts)
    except StopRequested:
        return 0
    finally:
        if services is not None:
            _say("Stopping …")
            supervisor.stop()
            services.stop()
            _say("Stopped.")


def _serve(
    plan: Plan, outside: environment.Outside, services: Services, supervisor: Supervisor, facts: dict[str, Any]
) -> int:
    facts.update(_own_facts(plan, outside, bool(facts["database_url"])))
    settings = outside.settings(services.home, facts)
    settings = settings.model_copy(update={"port": facts["port"]})
    configure(settings.log_format)

    def publish() -> None:
        services.home.write_run({**facts, "ready": True, "children": supervisor.pids()})

    supervisor.lay_out(_tiers(plan, settings, _child_environment(settings)))
    # The web takes its seconds to load while the database is prepared, and says it is ready only when both are done.
    # Workers come after that: work that is due can wait.
    supervisor.start(lambda name: name in ("mail", "web"))
    lines = _prepare_apart(plan, settings, services)
    if not _wait_ready(supervisor, settings.port):
        return 1 if not supervisor.signals.count else 0
    supervisor.start()
    publish()
    supervisor.on_change = publish
    _welcome(settings, lines)
    return 0 if supervisor.watch(until=lambda: False) else 1


def _own_facts(plan: Plan, outside: environment.Outside, is_embedded: bool) -> dict[str, Any]:
    """The addresses that this run chooses: the port, the public address and the development SMTP server's."""
    wanted = plan.port if plan.port is not None else outside.port
    port = _free_port(wanted)
    facts: dict[str, Any] = {"port": port, "base_url": f"http://{HOST}:{port}", "address": f"http://{HOST}:{port}"}
    if is_embedded and not outside.values.get("SMTP_URL"):
        facts["smtp_url"] = f"smtp://{HOST}:{_free_port(0)}"
    return facts


def _free_port(wanted: int) -> int:
    """The wanted port, or any when it is 0. Raises StartError when another program has it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except OSError:
            raise StartError(
                f"Port {wanted} is in use by another program: end that, or choose one with --port"
            ) from None
        return int(probe.getsockname()[1])


def _child_environment(settings: Settings) -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if key != "DATABASE_OWNER_URL"}
    # Heed may be started from any folder, and its children must still find the code.
    code = os.pathsep.join(filter(None, [str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH")]))
    return {**inherited, **environment.variables(settings), "PYTHONPATH": code, "PYTHONUNBUFFERED": "1"}


def _tiers(plan: Plan, settings: Settings, env: Mapping[str, str]) -> list[list[Service]]:
    """The children, in the reverse of the order in which they stop: the web stops first, mail last."""
    heed = [sys.executable, "-m", "app.cli"]
    mail: list[Service] = []
    if settings.embedded and not os.environ.get("SMTP_URL"):
        mail = [Program("mail", [*heed, "mailbox"], env)]
    workers: list[Service] = [
        Program(f"worker-{number}", [*heed, "worker"], env, patience_seconds=WORKER_PATIENCE_SECONDS)
        for number in range(1, settings.queue_workers + 1)
    ]
    scheduler = Program("scheduler", [*heed, "scheduler"], env)
    application = [] if plan.application is None else ["--application", plan.application]
    web = Program("web", [*heed, "web", *application], env, patience_seconds=15.0)
    return [mail, [scheduler], workers, [web]]


def _wait_ready(supervisor: Supervisor, port: int) -> bool:
    """Whether the web says it is ready before anybody stops the start and before patience ends."""
    deadline = time.monotonic() + READY_PATIENCE_SECONDS
    ready = False

    def until() -> bool:
        nonlocal ready
        ready = ready or _answers_ready(port)
        return ready or time.monotonic() > deadline

    if not supervisor.watch(until, pulse_seconds=0.2):
        return False
    if not ready and not supervisor.signals.count:
        _say(f"The web did not get ready within {READY_PATIENCE_SECONDS:.0f} s; `heed doctor` may know why.")
    return ready


def _answers_ready(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _prepare_apart(plan: Plan, settings: Settings, services: Services) -> list[str]:
    """Roles, migrations and first start, in a forked process: their modules would stay in the supervisor's memory."""
    fork = multiprocessing.get_context("fork")
    receiver, sender = fork.Pipe(duplex=False)
    child = fork.Process(target=_prepare, args=(plan, settings, services, sender))
    child.start()
    sender.close()
    try:
        failure, lines = receiver.recv()
    except EOFError:
        failure, lines = "Preparing the database was interrupted", []
    finally:
        if child.is_alive() and sys.exc_info()[0] is not None:
            child.terminate()
        child.join()
        receiver.close()
    if failure:
        raise StartError(failure)
    return list(lines)


def _prepare(plan: Plan, settings: Settings, services: Services, sender: Connection) -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    die_with_parent(signal.SIGTERM)
    try:
        sender.send(("", _prepare_database(plan, settings, services)))
    except (HeedError, ConfigError) as error:
        sender.send((str(error), []))
    except Exception:
        traceback.print_exc()
        sender.send(("Preparing the database failed; the reason stands above", []))


def _prepare_database(plan: Plan, settings: Settings, services: Services) -> list[str]:
    from app.kernel import migrate

    services.provision()
    if settings.database_owner_url and migrate.applied(settings.database_owner_url) != migrate.head():
        migrate.upgrade(settings)
    lines: list[str] = []
    for name in plan.first_start:
        module, _, attribute = name.partition(":")
        first_start: FirstStart = getattr(import_module(module), attribute)
        lines += first_start(settings)
    return lines


def _welcome(settings: Settings, lines: Sequence[str]) -> None:
    _say("")
    _say(f"  Heed is ready at http://{HOST}:{settings.port}")
    if mailbox.is_ours(settings):
        _say(f"  Mail it sends is kept at http://{HOST}:{settings.port}/dev/mail")
    for line in lines:
        _say(f"  {line}")
    _say("  Ctrl-C stops it.")
    _say("")


def _say(text: str) -> None:
    click.echo(text)
    sys.stdout.flush()
