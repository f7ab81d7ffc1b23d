"""Text as PostgreSQL can hold it.

It has no NUL character and no half of a surrogate pair; documents and file names have
both. Each is replaced by one other character, so that no offset into a text moves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_UNHOLDABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\ufffd"
_NUL = "\\u0000"  # as JSON writes it


def clean_text(text: str) -> str:
    """`text` of the same length, holdable."""
    return _UNHOLDABLE.sub(_REPLACEMENT, text)


def clean(value: Any) -> Any:
    """`value` with every text in it cleaned, also inside lists and mappings."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, Mapping):
        return {clean(key): clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    return value


def as_text(value: Any) -> str:
    """`value` as JSON, cleaned; what JSON has no type for as a string. Few values need it, so
    the text is looked through once, and the value taken apart only then."""
    text = json.dumps(value, default=str, ensure_ascii=False)
    if _NUL in text or _UNHOLDABLE.search(text):
        return json.dumps(clean(value), default=str, ensure_ascii=False)
    return text
