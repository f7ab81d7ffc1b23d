"""The account that the service runs as: without a shell, without a password."""

from __future__ import annotations

import grp
import pwd
from dataclasses import dataclass

from deploy.failures import Failure
from deploy.machine.commands import run
from deploy.machine.places import NAME, Places


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int


def find(places: Places) -> Account | None:
    """None where files belong to whoever makes them, or before the account is made."""
    if not places.is_machine:
        return None
    try:
        user, group = pwd.getpwnam(NAME), grp.getgrnam(NAME)
    except KeyError:
        return None
    return Account(user.pw_uid, group.gr_gid)


def make() -> None:
    home = str(Places().state)
    done = run(
        "useradd", "--system", "--user-group", "--no-create-home", "--home-dir", home,
        "--shell", "/usr/sbin/nologin", NAME,
    )  # fmt: skip
    if done.returncode:
        raise Failure(
            f"useradd {NAME}: {done.stderr.strip() or done.returncode}",
            f"make the system account {NAME} with a group of its own, then again",
        )


def remove() -> None:
    run("userdel", NAME)
