"""The embedded services together: one call starts PostgreSQL and Redis under HEED_HOME, one call stops them.

    services = embedded.start(Path(".heed"))
    ... services.database_url, services.database_owner_url, services.redis_url ...
    services.stop()

Whatever the environment already names (REDIS_URL, DATABASE_URL) is not started: the caller says which are wanted.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from app.runtime import processes, roles
from app.runtime.account import service_account
from app.runtime.home import Home, remove_sockets
from app.runtime.postgres import SUPERUSER, Postgres, rotate
from app.runtime.redis_server import RedisServer

POSTGRES = "postgres"
REDIS = "redis"


class Service(Protocol):
    """What the start and the supervisor need to know of an embedded service."""

    @property
    def name(self) -> str:
        """What logs call it."""

    @property
    def stop_signal(self) -> signal.Signals:
        """What asks it to stop."""

    @property
    def hurry_signal(self) -> signal.Signals:
        """What makes it stop at once."""

    @property
    def patience_seconds(self) -> float:
        """How long it may take to stop."""

    def prepare(self) -> None:
        """Make ready and clear away what a killed predecessor left."""

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the process."""

    def wait_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Return once it answers."""


class Services:
    """Running embedded services and their addresses; an address is empty when its service was not wanted."""

    def __init__(self, home: Home, wanted: Sequence[str]) -> None:
        self.home = home
        self.running: dict[str, tuple[Service, subprocess.Popen[bytes]]] = {}
        account = service_account(home.postgres)
        self.sockets = home.socket_folder(account)
        self.superuser_url = self.database_url = self.database_owner_url = self.redis_url = ""
        self.wanted: list[Service] = []
        if POSTGRES in wanted:
            postgres = Postgres(home.postgres, self.sockets, home.log(POSTGRES), account)
            self.superuser_url = postgres.url(SUPERUSER, "postgres")
            self.database_url = postgres.url(roles.APP_ROLE, roles.DATABASE)
            self.database_owner_url = postgres.url(roles.OWNER_ROLE, roles.DATABASE)
            self.wanted.append(postgres)
        if REDIS in wanted:
            redis = RedisServer(self.sockets, home.log(REDIS), account)
            self.redis_url = redis.url
            self.wanted.append(redis)

    def begin(self) -> None:
        """Start all wanted services side by side and wait until they answer."""
        for service in self.wanted:
            rotate(self.home.log(service.name))
            self.spawn(service)
        for service, process in self.running.values():
            service.wait_ready(process)

    def provision(self) -> None:
        """Bring the database roles of the embedded PostgreSQL up to app/runtime/roles.py."""
        if self.superuser_url:
            roles.provision(self.superuser_url)

    def spawn(self, service: Service) -> None:
        """Start one service, new or again after its death."""
        service.prepare()
        self.running[service.name] = (service, service.spawn())

    def hand_over(self) -> list[tuple[Service, subprocess.Popen[bytes]]]:
        """Give the running services to a supervisor, who stops them from now on."""
        running = list(self.running.values())
        self.running.clear()
        return running

    def stop(self) -> None:
        """Stop what runs (Redis first, PostgreSQL last) and give HEED_HOME back. Safe to call twice."""
        for service, process in reversed(list(self.running.values())):
            processes.stop(process, polite=service.stop_signal, patience_seconds=service.patience_seconds)
        self.running.clear()
        remove_sockets(self.sockets)
        self.home.release()

    def facts(self, role: str) -> dict[str, Any]:
        """What the run file says of these services; `role` is `up` for a supervisor and `command` for all others."""
        return {
            "role": role,
            "pid": os.getpid(),
            "sockets": str(self.sockets),
            "database_url": self.database_url,
            "database_owner_url": self.database_owner_url,
            "redis_url": self.redis_url,
            "services": {name: process.pid for name, (_, process) in self.running.items()},
        }


def start(home: Path | str, *, wanted: Sequence[str] = (POSTGRES, REDIS)) -> Services:
    """Start the wanted services with their state in `home` and return when they answer and the roles stand.

    Call it from a thread that lives as long as the services should: they end with it, even when it is killed.
    Raises AlreadyRunning when another process runs services in this folder, ServiceError when one cannot run here.
    """
    services = open_home(home, wanted, role="command")
    try:
        services.begin()
        services.provision()
        services.home.write_run(services.facts("command"))
    except BaseException:
        services.stop()
        raise
    return services


def open_home(home: Path | str, wanted: Sequence[str], role: str) -> Services:
    """Take the lock of `home` and lay out its services, without starting any. Raises as `start`."""
    folder = Home(Path(home))
    folder.acquire()
    try:
        services = Services(folder, wanted)
        folder.write_run({"role": role, "pid": os.getpid(), "sockets": str(services.sockets)})
    except BaseException:
        folder.release()
        raise
    return services
