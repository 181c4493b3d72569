"""Which system user the embedded services run as, and what that user may reach.

PostgreSQL refuses to run as root. When Heed is started by root (a container, usually) the services therefore run as
another, unprivileged user; their state folders belong to that user. Started by anybody else, nothing changes hands.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from app.kernel.errors import HeedError
from app.runtime import processes

CANDIDATES = ("heed", "postgres", "pgserver")


class ServiceError(HeedError):
    """An embedded service cannot run here; the text says why and what to do."""


@dataclass(frozen=True)
class Account:
    """A system user that the services run as."""

    name: str
    uid: int
    gid: int


def service_account(state: Path) -> Account | None:
    """The user for services whose state is in `state`; None means the current user.

    Raises ServiceError with the remedy when root has no other user to hand over to.
    """
    if os.geteuid() != 0:
        return None
    for name in [_owner(state), *CANDIDATES]:
        with contextlib.suppress(KeyError):
            return _account(name)
    return _create("heed")


def _owner(state: Path) -> str:
    """The owner of existing state: the services must keep running as the user who made it. Root counts as nobody."""
    if not state.exists() or state.stat().st_uid == 0:
        return ""
    with contextlib.suppress(KeyError):
        return pwd.getpwuid(state.stat().st_uid).pw_name
    raise ServiceError(
        f"{state} belongs to user {state.stat().st_uid}, who is not known on this system: "
        f"create that user, or give the folder to one that exists (chown -R postgres {state})"
    )


def _account(name: str) -> Account:
    entry = pwd.getpwnam(name)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _create(name: str) -> Account:
    command = [
        "useradd",
        "--system",
        "--user-group",
        "--no-create-home",
        "--shell",
        "/usr/sbin/nologin",
        name,
    ]
    if shutil.which(command[0]) is not None:
        processes.run(command)
        with contextlib.suppress(KeyError):
            return _account(name)
    raise ServiceError(
        "PostgreSQL does not run as root and no other system user is at hand: "
        f"create one ({' '.join(command)}), or start Heed as an ordinary user"
    )


def own_folder(folder: Path, account: Account | None) -> None:
    """Make `folder` a private folder of the account that the services run as."""
    folder.mkdir(parents=True, exist_ok=True)
    if account is not None:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)


def open_way(target: Path, account: Account | None) -> None:
    """Let the account pass through the parents of `target`: adds the search bit for others, never the right to list.

    Only root comes here with an account; a checkout in root's home, closed to all others, is the usual reason.
    """
    if account is None:
        return
    for parent in target.resolve().parents:
        mode = stat.S_IMODE(parent.stat().st_mode)
        if not _may_search(parent.stat(), account):
            parent.chmod(mode | stat.S_IXOTH)


def _may_search(folder: os.stat_result, account: Account) -> bool:
    if folder.st_uid == account.uid:
        return bool(folder.st_mode & stat.S_IXUSR)
    if folder.st_gid == account.gid:
        return bool(folder.st_mode & stat.S_IXGRP)
    return bool(folder.st_mode & stat.S_IXOTH)


def open_program(folder: Path, account: Account | None) -> None:
    """Let the account read and run the programs in `folder`, which a strict umask may have closed at installation."""
    if account is None:
        return
    open_way(folder, account)
    for path in [folder, *folder.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if wanted != mode:
            path.chmod(wanted)
