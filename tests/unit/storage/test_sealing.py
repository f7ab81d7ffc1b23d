"""storage.sealing: nothing of it is read without the passphrase, and no change goes unseen."""

from __future__ import annotations

import io
import random
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import sealing
from storage.archive_errors import Damaged, Locked, WrongPassphrase
from storage.archive_file import ArchiveReader, ArchiveWriter, Manifest, TableEntry
from storage.sealing import MAGIC, PIECE, sealed, unsealed

WORDS = "correct horse battery"
HEADER = len(MAGIC) + 16 + 1 + 7 + 16


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slow derivation of a key is for guessers."""
    monkeypatch.setattr(sealing, "_COST", 4)


def seal(path: Path, content: bytes) -> bytes:
    with path.open("wb") as stream, sealed(stream, WORDS) as sink:
        sink.write(content)
    return path.read_bytes()


def read(path: Path, words: str | None = WORDS) -> bytes:
    with unsealed(path, words) as stream:
        return stream.read()


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 5])
def test_it_comes_back_as_it_was(tmp_path: Path, size: int) -> None:
    content = random.Random(size).randbytes(size)
    there = seal(tmp_path / "a", content)
    assert read(tmp_path / "a") == content
    assert content[:40] not in there or size < 4
    assert len(there) == HEADER + size + 16 * max(1, -(-size // PIECE))
    assert there != seal(tmp_path / "b", content), "every file has a key of its own"


@given(data=st.data())
def test_any_place_can_be_read_alone(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """As zip does, from its end."""
    path = tmp_path_factory.mktemp("sealed") / "a"
    content = random.Random(1).randbytes(2 * PIECE + 77)
    seal(path, content)
    same = io.BytesIO(content)
    with unsealed(path, WORDS) as stream:
        for _ in range(5):
            whence = data.draw(st.sampled_from([io.SEEK_SET, io.SEEK_CUR, io.SEEK_END]))
            low = {io.SEEK_SET: 0, io.SEEK_CUR: -same.tell(), io.SEEK_END: -len(content)}[whence]
            offset = data.draw(st.integers(low, 2 * PIECE))
            assert stream.seek(offset, whence) == same.seek(offset, whence) == stream.tell()
            size = data.draw(st.integers(0, PIECE + 3))
            assert stream.read(size) == same.read(size)


def test_without_the_passphrase(tmp_path: Path) -> None:
    path = tmp_path / "a"
    seal(path, b"Net sales rose.")
    assert b"Net sales" not in path.read_bytes()
    with pytest.raises(Locked, match="is encrypted"):
        read(path, None)
    with pytest.raises(WrongPassphrase, match="not encrypted with this passphrase"):
        read(path, WORDS + ".")


def test_what_is_not_sealed_is_read_as_it_is(tmp_path: Path) -> None:
    for words in (None, WORDS):
        path = tmp_path / "a"
        path.write_bytes(b"PK plain")
        assert read(path, words) == b"PK plain"


def test_cut_off_anywhere(tmp_path: Path) -> None:
    """Also exactly between two pieces, where the rest is sound in itself."""
    whole, cut = seal(tmp_path / "a", bytes(3 * PIECE)), tmp_path / "cut"
    border = HEADER + PIECE + 16
    for keep in (len(MAGIC), HEADER - 1, HEADER, HEADER + 5, border, border + 1, len(whole) - 1):
        cut.write_bytes(whole[:keep])
        with pytest.raises(Damaged, match=r"cut off|damaged"):
            read(cut)


def test_a_flipped_bit_anywhere(tmp_path: Path) -> None:
    """In the header it may look like another passphrase; in a piece it is named."""
    whole, changed = seal(tmp_path / "a", random.Random(2).randbytes(2 * PIECE)), tmp_path / "b"
    chance = random.Random(3)
    places = [*range(len(MAGIC), HEADER), *chance.sample(range(HEADER, len(whole)), 60)]
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        changed.write_bytes(damaged)
        kind = Damaged if place >= HEADER else (Damaged, WrongPassphrase)
        with pytest.raises(kind):
            read(changed)


def test_pieces_in_another_order_or_of_another_file(tmp_path: Path) -> None:
    whole = seal(tmp_path / "a", random.Random(4).randbytes(3 * PIECE))
    other = seal(tmp_path / "o", random.Random(4).randbytes(3 * PIECE))
    piece = PIECE + 16
    first, second, third = (whole[HEADER + n * piece : HEADER + (n + 1) * piece] for n in range(3))
    for pieces in ((second, first, third), (first, third), (first, first, third)):
        (tmp_path / "b").write_bytes(whole[:HEADER] + b"".join(pieces))
        with pytest.raises(Damaged):
            read(tmp_path / "b")
    (tmp_path / "b").write_bytes(whole[: HEADER + piece] + other[HEADER + piece :])
    with pytest.raises(Damaged):
        read(tmp_path / "b")


def test_an_archive_under_it(tmp_path: Path) -> None:
    """A zip is written into it as it comes, and read from its end."""
    path, row = tmp_path / "a.zip.sealed", b"1\tx\n"
    entry = TableEntry("company", ("id", "name"), 1, 4, "")
    with path.open("wb") as stream, sealed(stream, WORDS) as sink, ArchiveWriter(sink) as writer:
        with writer.table("company") as member:
            member.write(row)
        entry = TableEntry("company", ("id", "name"), 1, 4, member.sha256)
        writer.finish(Manifest("1", "2026-11-22T00:00:00+00:00", "0001", None, "18", (entry,), ()))
    assert not zipfile.is_zipfile(path)
    with closing(ArchiveReader(path, WORDS)) as reader:
        assert reader.manifest.tables == (entry,)
        with reader.table(entry) as member:
            assert member.read() == row


def test_what_breaks_off_has_no_last_piece(tmp_path: Path) -> None:
    """So it cannot be taken for a whole one."""
    path = tmp_path / "a"

    def broken_off() -> None:
        with path.open("wb") as stream, sealed(stream, WORDS) as sink:
            sink.write(bytes(2 * PIECE))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    with pytest.raises(Damaged):
        read(path)
