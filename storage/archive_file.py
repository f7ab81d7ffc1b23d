"""The file a whole database is moved in: a zip with a member for each table and a manifest.

Each table is what COPY writes, as text: any later PostgreSQL reads it. The manifest comes last
and holds rows and SHA-256 of each, so a file that is cut off has none, and one that is changed
does not fit it. Nothing of a table is held in memory but the piece that is on its way.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from storage.archive_errors import Damaged, FileExists, FileUnusable, TooNew
from storage.sealing import unsealed

FORMAT = 1
_MANIFEST = "manifest.json"
_MOST_MANIFEST_BYTES = 10_000_000
_LEVEL = 1  # documents and JSON shrink well at any; the processor is the bottleneck
_FIX = "Export again, or use another copy of the file."
Check = Callable[[Path], None]


@dataclass(frozen=True)
class TableEntry:
    """`name` as SQL has it, with the schema if it is not ours: dbos.workflow_status."""

    name: str
    columns: tuple[str, ...]
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class SequenceEntry:
    table: str
    column: str
    last: int
    is_called: bool


@dataclass(frozen=True)
class Manifest:
    """`schema` is the revision of our tables, `engine` that of the durable engine's, None if
    none ever ran there."""

    version: str
    created_at: str
    schema: str
    engine: int | None
    server: str
    tables: tuple[TableEntry, ...]
    sequences: tuple[SequenceEntry, ...]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)


class Counted:
    """What COPY writes to or reads from: counts rows, bytes and their hash on the way."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._sha256 = hashlib.sha256()
        self.rows = 0
        self.bytes = 0
        self.error: BaseException | None = None  # COPY reports it as its own

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    def write(self, data: bytes) -> int:
        self._count(data)
        return self._stream.write(data)

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._stream.read(size)
        except BaseException as error:
            self.error = error
            raise
        self._count(data)
        return data

    def _count(self, data: bytes) -> None:
        self._sha256.update(data)
        self.rows += data.count(b"\n")  # one in a value is written as \n, two characters
        self.bytes += len(data)


class ArchiveWriter:
    """A context: what breaks off leaves nothing that writes to `stream` later."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)

    @contextmanager
    def table(self, name: str) -> Iterator[Counted]:
        with self._zip.open(_info(_member(name)), "w", force_zip64=True) as member:
            yield Counted(member)

    def finish(self, manifest: Manifest) -> None:
        body = {"format": FORMAT, "program": "RetailXAI", **asdict(manifest)}
        self._zip.writestr(_info(_MANIFEST), json.dumps(body, indent=1).encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._zip.close()
            return
        with suppress(OSError, ValueError):  # the file is thrown away
            self._zip.close()


class ArchiveReader:
    """An open file, its manifest read and understood. Raises Damaged, TooNew, FileUnusable."""

    def __init__(self, path: Path, passphrase: str | None = None) -> None:
        """`passphrase`: of a sealed one; also raises Locked, WrongPassphrase."""
        self.path = path
        try:
            self._stream = unsealed(path, passphrase)
        except OSError as error:
            raise FileUnusable(f"{path}: {error.strerror or error}") from error
        try:
            self._zip = zipfile.ZipFile(self._stream)
        except OSError as error:
            self._stream.close()
            raise FileUnusable(f"{path}: {error.strerror or error}") from error
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            self._stream.close()
            raise Damaged(f"{path} is no export, or it was cut off ({error})", _FIX) from error
        try:
            self.manifest = self._manifest()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._zip.close()
        self._stream.close()

    @contextmanager
    def table(self, entry: TableEntry) -> Iterator[Counted]:
        """What was exported of a table; at its end it is compared with the manifest."""
        with self.reading(entry.name):
            with self._zip.open(_member(entry.name)) as member:
                counted = Counted(member)
                yield counted
                while counted.read(1 << 16):
                    pass  # the checksum of what nobody asked for counts too
            found = (counted.rows, counted.bytes, counted.sha256)
            if found != (entry.rows, entry.bytes, entry.sha256):
                raise Damaged(f"{self.path}: table {entry.name} is not what was exported", _FIX)

    @contextmanager
    def reading(self, what: str) -> Iterator[None]:
        try:
            yield
        except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError) as error:
            raise Damaged(f"{self.path}: {what} cannot be read ({error})", _FIX) from error

    def _manifest(self) -> Manifest:
        with self.reading(_MANIFEST):
            info = self._zip.getinfo(_MANIFEST)
            if info.file_size > _MOST_MANIFEST_BYTES:
                raise Damaged(f"{self.path}: its manifest is too large to be one", _FIX)
            text = self._zip.read(info)
        try:
            body = json.loads(text)
            if body["program"] != "RetailXAI":
                raise ValueError("another program's")
            if int(body["format"]) > FORMAT:
                raise TooNew(
                    f"{self.path} has format {body['format']}, this program knows {FORMAT}",
                    "Import it with the version that wrote it, or a newer one.",
                )
            return _understood(body)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Damaged(f"{self.path}: its manifest makes no sense ({error})", _FIX) from error


@contextmanager
def new_file(path: Path, *, force: bool, check: Check = lambda part: None) -> Iterator[IO[bytes]]:
    """A file that appears under its name when it is whole, on the disk and not refused by
    `check`, and not before; only its owner may read it. Raises FileExists, FileUnusable."""
    if path.is_dir():
        raise FileUnusable(f"{path} is a folder", "Name a file in it.")
    if path.exists() and not force:
        raise _exists(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                fcntl.flock(descriptor, fcntl.LOCK_EX)  # says that its writer lives
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
                check(part)
            _name(part, path, force=force)
            _sync_folder(path.parent)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        fix = "Free some space there." if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
        raise FileUnusable(f"{path}: {error.strerror or error}", fix) from error


def sweep(folder: Path, name: re.Pattern[str]) -> None:
    """Away with what writers that were killed left of files of such a name."""
    for part in folder.glob(".*.part"):
        whole, _, pid = part.name[1:].removesuffix(".part").rpartition(".")
        if not (pid.isdigit() and name.fullmatch(whole)):
            continue
        with suppress(OSError), part.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink()


def _name(part: Path, path: Path, *, force: bool) -> None:
    if force:
        part.replace(path)
        return
    try:
        os.link(part, path)  # unlike a rename it never takes another file's place
    except FileExistsError:
        raise _exists(path) from None
    except OSError:  # a file system without hard links
        if path.exists():
            raise _exists(path) from None
        part.replace(path)


def _exists(path: Path) -> FileExists:
    return FileExists(f"{path} exists already", "Name another file, or say --force.")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems have nothing to sync
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


def _member(table: str) -> str:
    return f"tables/{table}.copy"


def _understood(body: Mapping[str, Any]) -> Manifest:
    engine = body["engine"]
    return Manifest(
        version=str(body["version"]),
        created_at=str(body["created_at"]),
        schema=str(body["schema"]),
        engine=None if engine is None else int(engine),
        server=str(body["server"]),
        tables=tuple(
            TableEntry(
                name=str(one["name"]),
                columns=tuple(str(column) for column in one["columns"]),
                rows=int(one["rows"]),
                bytes=int(one["bytes"]),
                sha256=str(one["sha256"]),
            )
            for one in body["tables"]
        ),
        sequences=tuple(
            SequenceEntry(
                str(one["table"]), str(one["column"]), int(one["last"]), bool(one["is_called"])
            )
            for one in body["sequences"]
        ),
    )
