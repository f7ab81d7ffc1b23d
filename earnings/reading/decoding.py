"""Bytes of unknown encoding to characters.

Order of trust: a byte order mark, valid UTF-8, what the document declares about itself, what
the bytes look like, Windows-1252. UTF-8 stands before the declaration because filings that
declare windows-1252 and hold UTF-8 are common and the reverse cannot decode by accident.
"""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from earnings.regexes import lazy_regex

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = lazy_regex(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:\-]{2,40})""", re.I)
_SAMPLE = 64_000


def decode(content: bytes) -> str:
    """The characters of `content`; bytes that fit nothing become U+FFFD, never an error."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace").lstrip("\ufeff")
    wide = _wide(content)
    if wide is not None:
        return content.decode(wide, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = _declared(content)
    if declared is not None:
        return content.decode(declared, "replace")
    guess = from_bytes(content[:_SAMPLE]).best()
    encoding = guess.encoding if guess is not None else "cp1252"
    return content.decode(encoding, "replace")


def _wide(content: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of Western text is zero."""
    sample = content[:2000]
    if len(sample) < 4 or len(content) % 2:
        return None
    half = len(sample) // 2
    if sample[1::2].count(0) > half * 0.6:
        return "utf-16-le"
    if sample[0::2].count(0) > half * 0.6:
        return "utf-16-be"
    return None


def _declared(content: bytes) -> str | None:
    match = _DECLARED.search(content[:4000])
    if match is None:
        return None
    name = match[1].decode("ascii").lower()
    # the HTML standard reads these labels as Windows-1252
    if name in ("iso-8859-1", "latin1", "us-ascii", "ascii", "iso8859-1", "latin-1"):
        return "cp1252"
    try:
        codec = codecs.lookup(name)
    except LookupError:
        return None
    if name.startswith("utf") or codec.name.startswith("utf"):
        return None  # it says UTF, and is not
    return codec.name
