"""A recorded call as it is kept: who published it, what they wrote, what was said when.

The bytes are JSON of our own. What came from the captions stands in there as it came, so the
text can be derived anew by a better reader.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

RECORDING = "application/vnd.retailxai.recording+json"
_FORMAT = 1


class NotARecording(ValueError):
    """The bytes are none; the message says what is wrong."""


@dataclass(frozen=True)
class Caption:
    """Words, and when they begin and for how long they are shown, in seconds. Captions that
    a machine wrote overlap."""

    start_s: float
    duration_s: float
    text: str


@dataclass(frozen=True)
class Recording:
    """`by_machine`: nobody has read what the captions say. `missing`: why there are none."""

    video_id: str
    title: str
    channel: str
    published: str  # ISO 8601
    duration_s: int | None
    description: str
    captions: tuple[Caption, ...] = ()
    language: str = ""
    by_machine: bool = False
    missing: str = ""

    def to_bytes(self) -> bytes:
        """The same recording gives the same bytes."""
        kept: dict[str, Any] = {
            "format": _FORMAT,
            **{name: value for name, value in vars(self).items() if name != "captions"},
            "captions": [[one.start_s, one.duration_s, one.text] for one in self.captions],
        }
        return json.dumps(kept, ensure_ascii=False, sort_keys=True, indent=1).encode()


def recording_of(content: bytes) -> Recording:
    """Raises NotARecording."""
    try:
        kept = json.loads(content)
    except (ValueError, RecursionError) as wrong:
        raise NotARecording(f"it is no JSON ({wrong})") from None
    if not isinstance(kept, Mapping) or kept.get("format") != _FORMAT:
        raise NotARecording(f"it is not of format {_FORMAT}")
    duration = kept.get("duration_s")
    try:
        return Recording(
            **{name: str(kept[name]) for name in ("video_id", "title", "channel", "published")},
            duration_s=None if duration is None else int(duration),
            description=str(kept["description"]),
            captions=tuple(Caption(float(s), float(d), str(t)) for s, d, t in kept["captions"]),
            language=str(kept["language"]),
            by_machine=bool(kept["by_machine"]),
            missing=str(kept["missing"]),
        )
    except (KeyError, TypeError, ValueError) as wrong:
        raise NotARecording(f"a part of it is missing or wrong ({wrong})") from None
