"""One spelling for the characters that look alike in filings.

Every reader passes its text through `clean` before anything is laid out, so offsets count
the cleaned text and a search for a plain space or hyphen finds what a person sees.
"""

from __future__ import annotations

from earnings.regexes import lazy_regex

_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff\ufffd"
_SPACES = (
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f"
    "\u205f\u3000"
)
_LIGATURES = {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl"}
_DRAWN_BULLETS = (
    "\uf0b7\uf0a7\uf0d8\uf0a8\uf06e\uf0fc\u25cf\u25aa\u25ab\u25e6\u2023\u2043\u25a0\u25ba"
)

BULLETS = frozenset("•·*§►▪")  # what a list item begins with, after `clean`


def _table() -> dict[int, str | None]:
    table: dict[int, str | None] = {}
    # numeric references to C1 controls mean Windows-1252 (HTML standard, numeric references)
    for code in range(0x80, 0xA0):
        try:
            table[code] = bytes([code]).decode("cp1252")
        except UnicodeDecodeError:
            table[code] = None
    table.update(dict.fromkeys(code for code in range(0x20) if code not in (9, 10, 12, 13)))
    table[0x7F] = None
    table.update({ord(char): None for char in _INVISIBLE})
    # an alphabet that nobody sees and models read
    table.update(dict.fromkeys(range(0xE0000, 0xE0080)))
    table.update({ord(char): " " for char in _SPACES})
    table.update({ord(char): "•" for char in _DRAWN_BULLETS})
    table.update({ord(char): plain for char, plain in _LIGATURES.items()})
    table.update({0x2010: "-", 0x2011: "-", 0x2212: "-", 0xFF0D: "-", 0x2043: "-"})
    table.update({0x2015: "—", 0x2E3A: "—", 0x2E3B: "—", 0x2028: "\n", 0x2029: "\n", 0x85: "…"})
    return table


_TABLE = _table()
_FLOOD = 4_000  # characters; a word of a filing has under a hundred, an address a few hundred
_LONG_WORD = lazy_regex(rf"\S{{{_FLOOD},}}")
_REPEATED = lazy_regex(r"(?<!\S)(\S{1,40}\s{1,4})\1{399,}\S{0,40}")
_UNSEEN = lazy_regex(f"[{_INVISIBLE[:-1]}\U000e0000-\U000e007f]")  # what clean takes out unseen


def clean(text: str) -> str:
    """Same text, one spelling per look-alike; line ends and runs of spaces are kept."""
    return text.translate(_TABLE)


def invisible_in(text: str) -> int:
    """How many characters `clean` takes out that have no shape."""
    return 0 if text.isascii() else len(_UNSEEN.findall(text))


def without_floods(text: str) -> tuple[str, int]:
    """Without words that no language has and words said hundreds of times over, which bury what
    stands beside them; and how many such floods there were."""
    if len(text) < _FLOOD:
        return text, 0
    text, long_words = _LONG_WORD.subn(" ", text)
    text, repeated = _REPEATED.subn(" ", text)
    return text, long_words + repeated


def squeeze(text: str) -> str:
    """One line: every run of white space becomes one space, none at the ends."""
    return " ".join(text.split())
