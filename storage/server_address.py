"""How a client reaches the embedded server's socket, however long its folder's path is.

The server binds `.s.PGSQL.5432` in its own folder by a relative name, so any path serves.
A client must name it absolutely, and a socket's name holds about 100 bytes: for a longer
path (or one libpq would split) it goes through a short symbolic link of its own in a
private folder under the machine's temporary folder. Each client makes its own link, so a
service with a private /tmp and a command beside it reach the same server.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import tempfile
from pathlib import Path
from urllib.parse import quote

from storage.server_errors import FolderUnusable

ROLE = "retailxai"
DATABASE = "retailxai"
PORT = 5432
_LONGEST = 85  # bytes of the folder; 104 (macOS) less "/.s.PGSQL.5432" and its ".lock"
_PLAIN = re.compile(r"[\w/.+@ -]+", re.ASCII)  # libpq splits hosts at commas


def dsn(cluster: Path, database: str = DATABASE) -> str:
    """A URI that psycopg2, psycopg 3 and SQLAlchemy all take."""
    folder = socket_folder(cluster)
    host = quote(str(folder), safe="")
    return f"postgresql://{ROLE}@/{database}?host={host}&port={PORT}"


def links_folder() -> Path:
    """Of this user alone, for links to folders whose own path is too long for a socket."""
    return Path(tempfile.gettempdir()) / f"retailxai-{os.geteuid()}"


def socket_folder(cluster: Path) -> Path:
    """A short path to `cluster`: itself, or a link to it. Raises FolderUnusable."""
    path = str(cluster)
    if len(os.fsencode(path)) <= _LONGEST and _PLAIN.fullmatch(path):
        return cluster
    private = links_folder()
    _make_private(private)
    link = private / hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
    _point(link, cluster)
    return link


def forget(cluster: Path) -> None:
    """Leave nothing behind in the temporary folder once the server is stopped."""
    folder = socket_folder(cluster)
    if folder != cluster:
        folder.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # links of other data folders are still in it
            folder.parent.rmdir()


def _make_private(folder: Path) -> None:
    """`folder` exists, is a real folder, ours, and closed to others: nobody else made it."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass  # judged below, like one just made
    except OSError as error:
        raise _unusable(folder, error.strerror or "cannot be made") from error
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o77:
        raise _unusable(folder, "is not a private folder of this user")


def _point(link: Path, cluster: Path) -> None:
    if link.is_symlink() and link.readlink() == cluster:
        return
    fresh = link.with_name(f"{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(cluster)
    fresh.replace(link)


def _unusable(folder: Path, why: str) -> FolderUnusable:
    return FolderUnusable(
        f"the path of the data folder is too long for a socket, and {folder} {why}",
        f"Remove {folder}, set TMPDIR to another folder, or use a shorter data folder.",
    )
