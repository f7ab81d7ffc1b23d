"""A file under a passphrase: pieces of AES-256-GCM, each of which can be read alone.

    magic ── salt, cost ── prefix ── check │ piece 0 │ piece 1 │ … │ last piece

The key is scrypt's of the passphrase. A piece's nonce is the prefix, its number, and whether it
is the last (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár): a piece that
was changed, moved, left out or cut off is found, also at a border of pieces. `check` tells a
wrong passphrase from a damaged file. Read by its pieces, nothing of it is ever decrypted onto
a disk.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import os
import secrets
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from storage.archive_errors import Damaged, Locked, NoCipher, WrongPassphrase

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"RetailXAI sealed 1\n"
PIECE = 1 << 16
_TAG = 16
_HEADER = struct.Struct(f"<{len(MAGIC)}s16sB7s16s")  # magic, salt, log2 of the cost, prefix, check
_COST = 16  # 2**16 rounds of 8 blocks: 64 MB and a sixth of a second for each guess
_MOST_COST = 20
_FIX = "Use another copy of the file."


@contextmanager
def sealed(stream: IO[bytes], passphrase: str | None) -> Iterator[IO[bytes]]:
    """What is written to it stands encrypted in `stream`; without a passphrase, as it is."""
    if passphrase is None:
        yield stream
        return
    raw = _Writer(stream, passphrase)
    with io.BufferedWriter(raw, PIECE) as writer:
        try:
            yield writer
        except BaseException:
            raw.is_abandoned = True
            raise


def unsealed(path: Path, passphrase: str | None) -> IO[bytes]:
    """A file as it was before it was sealed, if it was. Raises OSError, Locked, WrongPassphrase,
    Damaged, NoCipher."""
    stream = path.open("rb")
    try:
        if not is_sealed(stream):
            return stream
        if passphrase is None:
            raise Locked(
                f"{path} is encrypted",
                "Name a file that holds its passphrase (--passphrase-file), or set "
                "RETAILXAI_BACKUP_PASSPHRASE_FILE.",
            )
        return io.BufferedReader(_Reader(path, stream, passphrase), PIECE)
    except BaseException:
        stream.close()
        raise


def is_sealed(stream: IO[bytes]) -> bool:
    begin = stream.read(len(MAGIC))
    stream.seek(0)
    return begin == MAGIC


def _keys(passphrase: str, salt: bytes, cost: int) -> tuple[AESGCM, bytes]:
    """The cipher, and the key of the check."""
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError as error:
        raise NoCipher(
            "encrypted backups need the package cryptography, which is not installed",
            "Install what requirements.txt names (make runtime).",
        ) from error
    made = hashlib.scrypt(
        passphrase.encode(), salt=salt, n=1 << cost, r=8, p=1, dklen=64, maxmem=(1 << cost) * 2048
    )
    return AESGCM(made[:32]), made[32:]


def _check(key: bytes, salt: bytes, cost: int, prefix: bytes) -> bytes:
    said = MAGIC + salt + bytes([cost]) + prefix
    return hmac.digest(key, said, "sha256")[:16]


def _nonce(prefix: bytes, number: int, *, is_last: bool) -> bytes:
    return prefix + struct.pack(">IB", number, is_last)


class _Writer(io.RawIOBase):
    def __init__(self, stream: IO[bytes], passphrase: str) -> None:
        self._stream = stream
        self.is_abandoned = False  # what breaks off gets no last piece, and counts as cut off
        self._left = bytearray()
        self._number = 0
        salt, self._prefix = secrets.token_bytes(16), secrets.token_bytes(7)
        self._cipher, key = _keys(passphrase, salt, _COST)
        check = _check(key, salt, _COST, self._prefix)
        stream.write(_HEADER.pack(MAGIC, salt, _COST, self._prefix, check))

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._left += data
        while len(self._left) > PIECE:  # one is always kept back: it may be the last
            self._put(bytes(self._left[:PIECE]), is_last=False)
            del self._left[:PIECE]
        return len(data)

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._put(bytes(self._left), is_last=True)

    def _put(self, piece: bytes, *, is_last: bool) -> None:
        if self.is_abandoned:
            return
        nonce = _nonce(self._prefix, self._number, is_last=is_last)
        self._stream.write(self._cipher.encrypt(nonce, piece, None))
        self._number += 1


class _Reader(io.RawIOBase):
    def __init__(self, path: Path, stream: IO[bytes], passphrase: str) -> None:
        self._path, self._stream = path, stream
        header = stream.read(_HEADER.size)
        if len(header) < _HEADER.size:
            raise Damaged(f"{path} was cut off", _FIX)
        _, salt, cost, self._prefix, check = _HEADER.unpack(header)
        if cost > _MOST_COST:
            raise Damaged(f"{path}: its first bytes make no sense", _FIX)
        self._cipher, key = _keys(passphrase, salt, cost)
        if not hmac.compare_digest(check, _check(key, salt, cost, self._prefix)):
            raise WrongPassphrase(
                f"{path} was not encrypted with this passphrase",
                "Give the one it was made with; if that is this one, the file's first bytes are "
                "damaged: use another copy.",
            )
        body = os.fstat(stream.fileno()).st_size - _HEADER.size
        self._pieces = -(-body // (PIECE + _TAG))
        self._size = body - self._pieces * _TAG
        self._at = 0
        self._kept: tuple[int, bytes] = (-1, b"")
        self._piece(self._pieces - 1)  # cut off, this is not the last

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at}.get(whence, self._size))
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._size:
            return 0
        number, within = divmod(self._at, PIECE)
        found = self._piece(number)[within : within + len(buffer)]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def close(self) -> None:
        self._stream.close()
        super().close()

    def _piece(self, number: int) -> bytes:
        from cryptography.exceptions import InvalidTag

        if number < 0:
            raise Damaged(f"{self._path} was cut off", _FIX)
        if self._kept[0] != number:
            is_last = number == self._pieces - 1
            self._stream.seek(_HEADER.size + number * (PIECE + _TAG))
            there = self._stream.read(PIECE + _TAG)
            try:
                if len(there) < _TAG:
                    raise InvalidTag
                nonce = _nonce(self._prefix, number, is_last=is_last)
                self._kept = (number, self._cipher.decrypt(nonce, there, None))
            except InvalidTag as error:
                what = "is damaged, or it was cut off there" if is_last else "is damaged"
                raise Damaged(f"{self._path}: piece {number} {what}", _FIX) from error
        return self._kept[1]
