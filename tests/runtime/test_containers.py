"""Heed on other people's databases, as the container files run it: they name what exists, and their commands work."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from app import cli
from app.config import ConfigError, Settings, variable_of
from app.runtime import embedded, roles
from tests.runtime.conftest import ROOT, Processes, wait_until
from tests.runtime.test_server import free_port, get

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
DOCKERFILE = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text("utf-8"))
IGNORED = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
OURS = ("prepare", "web", "worker", "scheduler")
BARE = str(Path(__file__).parent / "bare")


def instructions(name: str) -> list[str]:
    """What follows this instruction in the Dockerfile, in order."""
    return re.findall(rf"^{name} (.+)$", DOCKERFILE, re.MULTILINE)


def for_database(url: str, name: str, password: str = "") -> str:
    """The address of another database on the same server."""
    found = re.sub(r"(/)[^/?]+(\?|$)", rf"\g<1>{name}\2", url, count=1)
    return found.replace("@", f":{password}@", 1) if password else found


def test_the_addresses_of_the_test_are_what_they_seem() -> None:
    assert for_database("postgresql://a@/heed?host=/x", "b", "p") == "postgresql://a:p@/b?host=/x"


def test_the_processes_run_without_the_embedded_packages(services: embedded.Services, processes: Processes) -> None:
    port, home = free_port(), processes.folder / "home"
    named = {
        "DATABASE_URL": for_database(services.database_url, "shipped", "p@ss 1"),
        "DATABASE_OWNER_URL": for_database(services.database_owner_url, "shipped", "p%20w"),
        "DATABASE_SUPERUSER_URL": services.superuser_url,
        "REDIS_URL": services.redis_url,
        "SECRET_KEY": "x" * 40,
        "PYTHONPATH": f"{BARE}:{ROOT}",
    }
    named["DATABASE_URL"] = named["DATABASE_URL"].replace("p@ss 1", "p%40ss%201")
    for arguments in (("db", "provision"), ("db", "provision"), ("db", "upgrade")):
        assert processes.heed(*arguments, home=home, **named).wait(60) == 0, processes.said()
    owner = named.pop("DATABASE_OWNER_URL")
    assert named.pop("DATABASE_SUPERUSER_URL") and owner
    running = [processes.heed("web", "--host", "0.0.0.0", "--port", str(port), home=home, **named)]
    running += [processes.heed(name, home=home, **named) for name in ("worker", "scheduler")]

    def is_ready() -> bool:
        try:
            return '"status":"ok"' in get(port, "/health/ready").replace(" ", "")
        except OSError:
            return False

    wait_until(is_ready, why=processes.said)
    for name in ("worker", "scheduler"):
        wait_until(lambda said=f"the {name} is running": said in processes.said(), why=processes.said)
    for each in running:
        assert each.poll() is None, processes.said()
        each.send_signal(signal.SIGTERM)
    assert [each.wait(60) for each in running] == [0, 0, 0], processes.said()
    assert not home.exists(), "a container keeps nothing on its disk"
    with psycopg.connect(services.superuser_url, autocommit=True) as server:
        with_password = server.execute("SELECT rolname FROM pg_authid WHERE rolpassword IS NOT NULL").fetchall()
        server.execute("DROP DATABASE shipped WITH (FORCE)")
    assert {"heed_app", "heed_owner"} <= {name for (name,) in with_password}


@pytest.mark.parametrize(
    ("app", "owner", "fault"),
    [
        ("postgresql://postgres@h/heed", "postgresql://heed_owner@h/heed", "DATABASE_URL"),
        ("postgresql://heed_app@h/heed", None, "DATABASE_OWNER_URL"),
        ("postgresql://heed_app@h/heed", "postgresql://heed_app@h/heed", "DATABASE_OWNER_URL"),
        ("postgresql://heed_app@h/heed", "postgresql://heed_owner@h/other", "the same database"),
        ("postgresql://heed_app@h", "postgresql://heed_owner@h", "the same database"),
    ],
)
def test_addresses_that_do_not_fit_the_roles(app: str, owner: str | None, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        roles.wanted(app, owner)


def test_a_server_that_cannot_be_reached_is_one_sentence(processes: Processes) -> None:
    named = {
        "DATABASE_URL": "postgresql://heed_app@127.0.0.1:1/heed",
        "DATABASE_OWNER_URL": "postgresql://heed_owner@127.0.0.1:1/heed",
        "DATABASE_SUPERUSER_URL": "postgresql://postgres@127.0.0.1:1/postgres",
        "REDIS_URL": "redis://127.0.0.1:1",
        "SECRET_KEY": "x" * 40,
    }
    failed = processes.heed("db", "provision", home=processes.folder / "home", **named)
    assert failed.wait(60) == 1
    assert "heed: The roles cannot be made" in processes.said() and "Traceback" not in processes.said()


def test_the_image_is_made_of_what_is_there() -> None:
    *_, last = DOCKERFILE.split("\nFROM ")
    assert re.search(r"^USER (?!root)\w+$", last, re.MULTILINE), "the last stage runs as root"
    sent = {line.removeprefix("!") for line in IGNORED if line.startswith("!")}
    for copied in instructions("COPY"):
        *sources, _target = [word for word in copied.split() if not word.startswith("--")]
        for source in () if "--from=" in copied else sources:
            assert (ROOT / source).exists(), source
            assert source in sent, f"{source} is kept from the builder by .dockerignore"
    for command in instructions("RUN"):
        for parts in re.findall(r"tools/setup ([a-z ]+)", command):
            known = (ROOT / "tools" / "setup").read_text("utf-8")
            assert [part for part in parts.split() if f"tools/setup {part} " not in known] == []


def test_the_services_are_what_the_code_knows() -> None:
    known = set(map(variable_of, Settings.model_fields))
    for name in OURS:
        service: dict[str, Any] = COMPOSE["services"][name]
        assert set(service["environment"]) - known <= {"DATABASE_SUPERUSER_URL"}, name
        words = " ".join(service.get("entrypoint", []) + ["heed", *service.get("command", [])])
        assert set(re.findall(r"heed (\w+)", words)) <= set(cli.COMMANDS), name
        assert service["read_only"] and service["cap_drop"] == ["ALL"]
    secrets = {name for name in OURS if "DATABASE_OWNER_URL" in COMPOSE["services"][name]["environment"]}
    assert secrets == {"prepare"}, "only what migrates may own tables"


def test_images_have_versions() -> None:
    images = [service["image"] for service in COMPOSE["services"].values()] + instructions("FROM")
    assert [name for name in images if name != "heed" and not re.search(r":v?\d", name)] == []
