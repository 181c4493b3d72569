"""The doctor: every fault is named with its remedy, and a healthy installation has none."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from app import cli
from app.config import Settings
from app.runtime import doctor, embedded, roles
from app.runtime.doctor import Finding
from tests.runtime.conftest import OWN_SETTINGS


@pytest.fixture
def named(
    services: embedded.Services, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[pytest.MonkeyPatch]:
    """An environment that names the running databases; each test spoils one thing."""
    for name in OWN_SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("DATABASE_OWNER_URL", str(settings.database_owner_url))
    monkeypatch.setenv("REDIS_URL", settings.redis_url)
    monkeypatch.setenv("SECRET_KEY", "s" * 40)
    yield monkeypatch


def examined() -> dict[str, Finding]:
    return {finding.name: finding for finding in doctor.examine()}


def test_a_healthy_installation_lacks_only_a_mail_server(named: pytest.MonkeyPatch) -> None:
    found = examined()
    assert [name for name, finding in found.items() if not finding.ok] == ["smtp"]
    assert "SMTP_URL is not set" in found["smtp"].detail
    assert found["role"].detail == "heed_app works under row-level security"


def test_a_superuser_as_application_role_is_a_fault(named: pytest.MonkeyPatch, services: embedded.Services) -> None:
    named.setenv("DATABASE_URL", services.superuser_url.replace("/postgres?", "/heed?"))
    role = examined()["role"]
    assert not role.ok
    assert "is a superuser and bypasses row-level security" in role.detail
    assert "heed doctor --sql" in role.remedy


def test_the_owner_as_application_role_is_a_fault(named: pytest.MonkeyPatch, settings: Settings) -> None:
    named.setenv("DATABASE_URL", str(settings.database_owner_url))
    role = examined()["role"]
    assert not role.ok
    assert role.detail == "heed_owner owns tables"


def test_a_database_without_migrations_is_a_fault(named: pytest.MonkeyPatch, services: embedded.Services) -> None:
    named.setenv("DATABASE_OWNER_URL", services.superuser_url)
    migrations = examined()["migrations"]
    assert not migrations.ok
    assert migrations.detail.startswith("at nothing, not at ")
    assert migrations.remedy == "run `heed db upgrade`"


def test_what_cannot_be_reached_is_named_with_its_variable(named: pytest.MonkeyPatch) -> None:
    named.setenv("DATABASE_URL", "postgresql://heed_app@127.0.0.1:1/heed")
    named.setenv("REDIS_URL", "redis://127.0.0.1:1")
    named.setenv("SMTP_URL", "smtp://127.0.0.1:1")
    found = examined()
    for name, variable in (("database", "DATABASE_URL"), ("redis", "REDIS_URL"), ("smtp", "SMTP_URL")):
        assert not found[name].ok
        assert variable in found[name].remedy


def test_a_missing_setting_is_named(named: pytest.MonkeyPatch) -> None:
    named.delenv("SECRET_KEY")
    found = examined()
    assert found["settings"].detail == "SECRET_KEY is not set"
    assert "database" not in found


def test_the_exit_status_says_whether_something_is_missing(
    named: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    healthy = [Finding("python", True, "3.11.7")]
    broken = [*healthy, Finding("redis", False, "away", "start it")]
    for findings, status in ((healthy, 0), (broken, 1)):
        named.setattr(doctor, "examine", lambda findings=findings: findings)
        with pytest.raises(SystemExit) as leaving:
            cli.main(["doctor", "--json"])
        assert leaving.value.code == status
        assert [found["name"] for found in json.loads(capsys.readouterr().out)] == [one.name for one in findings]
    with pytest.raises(SystemExit):
        cli.main(["doctor"])
    assert "MISSING  redis: away\n         -> start it" in capsys.readouterr().out


def test_the_sql_it_prints_is_the_sql_that_the_embedded_start_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor", "--sql"]) == 0
    printed = capsys.readouterr().out
    assert roles.CLUSTER_SQL in printed
    assert roles.DATABASE_SQL.format(database="heed") in printed
