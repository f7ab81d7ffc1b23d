"""What a document holds that speaks to programs and not to people, counted.

None of it changes what is read: hidden text, characters without a shape and endless words are
left out by the readers, orders are read past, and an imitation of the marks that a document
travels in to a model closes nothing, because theirs cannot be known.
"""

from __future__ import annotations

import re

from earnings.reading.base import Reading
from earnings.reading.unordered import unordered
from earnings.regexes import lazy_regex

KINDS = ("hidden", "invisible", "endless", "orders", "marks")
_MARKS = lazy_regex(r"<\s*/?\s*document\b|<\|\w+\|>|\[/?INST\]", re.IGNORECASE)


def suspicions(reading: Reading) -> dict[str, int]:
    """By kind, those that were found: places, or characters of `invisible`."""
    kept = unordered(reading).kept
    ends = (0, len(reading.text))
    gaps = zip((ends[0], *(span.end for span in kept)), (*(span.start for span in kept), ends[1]),
               strict=True)  # fmt: skip
    counts = (
        reading.hidden,
        reading.invisible,
        reading.floods,
        sum(start < end for start, end in gaps),
        len(_MARKS.findall(reading.text)),
    )
    return {kind: count for kind, count in zip(KINDS, counts, strict=True) if count}
