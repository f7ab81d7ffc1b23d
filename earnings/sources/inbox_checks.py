"""Whether a dropped file is what its name says: by its first bytes, its encoding, its size
when unpacked. What it *means* is the readers' business.

The limits on workbooks are far above any real table of figures (one of 100,000 rows unpacks
to about 30 MB at 12:1) and far below what harms (a bomb unpacks 1000:1).
"""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from pathlib import PurePath

from charset_normalizer import from_bytes

from earnings.regexes import lazy_regex
from earnings.sources.content import CSV, HTML, PDF, PLAIN, XLSX, looks_like_html, magic

TYPES = {
    ".html": HTML,
    ".htm": HTML,
    ".pdf": PDF,
    ".txt": PLAIN,
    ".csv": CSV,
    ".xlsx": XLSX,
}
ACCEPTED = "HTML, PDF, TXT, CSV or XLSX"

MAX_MEMBERS = 5_000
MAX_UNPACKED = 100_000_000
MAX_RATIO = 100
RATIO_COUNTS_FROM = 5_000_000  # a small part may be one long run of blanks

_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CHARSET = lazy_regex(rb"charset\s*=\s*[\"']?\s*([\w.:\-]{2,40})", re.IGNORECASE)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b")) + b"\x7f"
_CONTROLS_PER_THOUSAND = 2
_DETECTED_WITHIN = 200_000


class Unfit(Exception):
    """The file cannot be what its name says; the message is for the person who dropped it."""


def content_type(name: str, content: bytes) -> str:
    """The media type of a file that fits its extension. Raises Unfit."""
    extension = PurePath(name).suffix.lower()
    expected = TYPES.get(extension)
    if expected is None:
        raise Unfit(f"files of type {extension or '(none)'} are not read; drop {ACCEPTED}")
    if not content.strip():
        raise Unfit("it is empty")
    found = magic(content)
    if expected == PDF:
        if found != "a PDF":
            raise Unfit(f"it is {found or 'no PDF'}, not what .pdf says")
    elif expected == XLSX:
        if found != "a ZIP archive (or an Office file)":
            raise Unfit(f"it is {found or 'no workbook'}, not what .xlsx says")
        _check_workbook(content)
    else:
        if found is not None:
            raise Unfit(f"it is {found}, not what {extension} says")
        _check_text(content)
        if expected == HTML and not looks_like_html(content):
            raise Unfit(f"it holds no HTML, whatever {extension} says; drop plain text as .txt")
    return expected


def _check_text(content: bytes) -> None:
    """Raises Unfit unless some usual encoding makes text of it."""
    if content.startswith(_BOMS):
        name = "utf-8" if content.startswith(codecs.BOM_UTF8) else "utf-16"
        if not _decodes(content, name):
            raise Unfit(f"it claims to be {name.upper()} and is not: its text is damaged")
        return
    if b"\0" in content:
        raise Unfit("it holds NUL bytes: binary data, or UTF-16 without its mark")
    controls = len(content) - len(content.translate(None, _CONTROLS))
    if controls * 1000 > len(content) * _CONTROLS_PER_THOUSAND and controls > 2:
        raise Unfit("it holds binary data, not text")
    declared = _CHARSET.search(content[:4096])
    names = ["utf-8", "cp1252"]
    if declared is not None and _is_text_codec(declared.group(1).decode("ascii")):
        names.append(declared.group(1).decode("ascii"))
    if any(_decodes(content, name) for name in names):
        return
    if from_bytes(content[:_DETECTED_WITHIN]).best() is None:
        raise Unfit("its text is in no encoding that could be recognised; save it as UTF-8")


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except (UnicodeError, ValueError):
        return False
    return True


def _is_text_codec(name: str) -> bool:
    try:
        "".encode(name)
    except (LookupError, ValueError):
        return False
    return True


def _check_workbook(content: bytes) -> None:
    """Raises Unfit unless it is a workbook that unpacks to something sane."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as wrong:
        raise Unfit("its packing is damaged; save the workbook again") from wrong
    if len(members) > MAX_MEMBERS:
        raise Unfit(f"it packs {len(members):,} parts, a workbook has a few dozen")
    names = {member.filename for member in members}
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        raise Unfit("it is a ZIP archive, not a workbook")
    if any(member.flag_bits & 0x1 for member in members):
        raise Unfit("it is protected by a password")
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED:
        raise Unfit(
            f"it unpacks to {unpacked / 1e6:,.0f} MB; the limit is {MAX_UNPACKED / 1e6:.0f} MB"
        )
    for member in members:
        ratio = member.file_size / max(1, member.compress_size)
        if member.file_size > RATIO_COUNTS_FROM and ratio > MAX_RATIO:
            raise Unfit(f"{member.filename[:60]!r} in it unpacks {ratio:,.0f}:1, as a bomb does")
    if sum(member.compress_size for member in members) > len(content):
        raise Unfit("its parts overlap, as those of a bomb do")
