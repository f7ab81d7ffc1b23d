"""Up to where a channel is known: a time, and what was seen round it.

Uploads are listed newest first by the time they were published, but not reliably so: a film
made public later, or a premiere, may turn up below others. So the last days before the newest
known upload are read again each time, and the ids seen there are kept to tell what is new.
What will be a call once its premiere is over is kept too, until it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from earnings.sources.moments import iso
from earnings.sources.youtube_videos import Upload

OVERLAP = timedelta(days=7)
MOST_SEEN = 300
MOST_AWAITED = 50


class BadCursor(ValueError):
    """It was not written by this program."""


@dataclass(frozen=True)
class Cursor:
    newest: datetime
    seen: frozenset[str] = frozenset()
    awaited: tuple[str, ...] = ()  # calls that are not over yet

    @property
    def reads_to(self) -> datetime:
        return self.newest - OVERLAP

    def is_new(self, upload: Upload) -> bool:
        return upload.published > self.reads_to and upload.video_id not in self.seen

    def text(self) -> str:
        kept = {
            "newest": self.newest.isoformat(),
            "seen": sorted(self.seen),
            "awaited": list(self.awaited),
        }
        return json.dumps(kept, separators=(",", ":"))


def moved(known: Cursor | None, uploads: Iterable[Upload], awaited: Iterable[str]) -> Cursor | None:
    """The cursor after `uploads` were looked at; None if nothing was ever seen."""
    listed = {upload.video_id: upload for upload in uploads}
    times = [upload.published for upload in listed.values()]
    times += [known.newest] if known is not None else []
    if not times:
        return None
    newest = max(times)
    round_it = [one for one in listed.values() if one.published > newest - OVERLAP]
    round_it.sort(key=lambda one: one.published, reverse=True)
    seen = [one.video_id for one in round_it]
    # What was seen before and is not listed now may be hidden for a while.
    seen += [one for one in sorted(known.seen) if one not in listed] if known else []
    waiting = tuple(dict.fromkeys(awaited))[:MOST_AWAITED]
    return Cursor(newest, frozenset(seen[:MOST_SEEN]), waiting)


def read_cursor(text: str) -> Cursor:
    """Raises BadCursor."""
    try:
        kept: Any = json.loads(text)
    except ValueError:
        kept = None
    newest = iso(kept.get("newest")) if isinstance(kept, Mapping) else None
    if newest is None:
        raise BadCursor(text[:80])
    return Cursor(newest, frozenset(_ids(kept, "seen")), tuple(_ids(kept, "awaited")))


def _ids(kept: Mapping[str, Any], name: str) -> list[str]:
    value = kept.get(name)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
