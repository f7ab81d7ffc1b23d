"""What bytes are, told from the bytes.

Headers and file names are claims; what a document is read as must not hang on them.
"""

from __future__ import annotations

import re

from earnings.regexes import lazy_regex

HTML = "text/html"
PDF = "application/pdf"
PLAIN = "text/plain"
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# What a file that begins like this is, in a person's words.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive (or an Office file)"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"PK\x07\x08", "a split ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file (.xls, .doc)"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x7fELF", "a program"),
    (b"{\\rtf", "an RTF document"),
)
_TAG = lazy_regex(
    rb"<(?:!doctype\s+html|html|head|body|table|div|p|font|span|h[1-6]|title|document|text)\b",
    re.IGNORECASE,
)
_HTML_WITHIN = 65_536


def magic(content: bytes) -> str | None:
    """What the first bytes prove the content to be; None if they prove nothing."""
    start = content[:1024].lstrip(b"\x00\t\r\n \xef\xbb\xbf")
    if start.startswith(b"%PDF-"):
        return "a PDF"
    if content[257:262] == b"ustar":
        return "a tar archive"
    if content.startswith(b"MZ") and b"\0" in content[:64]:  # two letters alone may be a name
        return "a program"
    for beginning, words in _MAGIC:
        if content.startswith(beginning):
            return words
    return None


def looks_like_html(content: bytes) -> bool:
    """Whether tags of a page stand near the beginning; any encoding whose letters are ASCII,
    and UTF-16."""
    start = content[:_HTML_WITHIN]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = start.replace(b"\x00", b"")
    return _TAG.search(start) is not None


def sniff(content: bytes) -> str:
    """The media type of a document whose origin vouches for it being one."""
    if magic(content) == "a PDF":
        return PDF
    return HTML if looks_like_html(content) else PLAIN
