"""Plain text, as old filings and mail bodies are, to a `Reading`."""

from __future__ import annotations

from dataclasses import replace

from earnings.reading import plain_blocks
from earnings.reading.assemble import assemble
from earnings.reading.base import Reading, UnreadableDocument
from earnings.reading.characters import clean, invisible_in, without_floods
from earnings.reading.decoding import decode
from earnings.reading.html import exhibit

READER = "plain-3"
MAX_BYTES = 40_000_000
_BINARY_SHARE = 0.02  # of the characters; text has next to no control characters


def read_plain(content: bytes) -> Reading:
    """Raises UnreadableDocument: too large, empty, not text."""
    if len(content) > MAX_BYTES:
        raise UnreadableDocument(
            f"{len(content) / 1e6:.1f} MB of text; the limit is {MAX_BYTES // 1_000_000} MB"
        )
    text = decode(content)
    odd = sum(text.count(chr(code)) for code in range(32) if code not in (9, 10, 12, 13, 26))
    if odd > max(8, len(text) * _BINARY_SHARE):
        raise UnreadableDocument("it holds binary data, not text")
    shown = exhibit(text)
    body, floods = without_floods(clean(shown).replace("\f", "\n\n"))
    reading = assemble(plain_blocks.blocks(body), READER)
    return replace(reading, invisible=invisible_in(shown), floods=floods)
