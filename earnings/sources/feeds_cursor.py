"""What is kept of a feed between two looks: its validators, what it held, whether it rests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from earnings.headlines import link_key

REMEMBERED = 2_000  # entries; a feed holds a few dozen
_LONGEST_VALIDATOR = 500
FIRST_REST, LONGEST_REST = timedelta(days=1), timedelta(days=7)


class BadCursor(ValueError):
    """It is none of ours."""


@dataclass(frozen=True)
class FeedCursor:
    """`url` is the address all of it is about: another one begins anew. `rests_until` and
    `rests_why`: it is not asked before; `rests` counts how often in a row."""

    url: str
    etag: str = ""
    modified: str = ""
    seen: tuple[str, ...] = ()
    rests_until: datetime | None = None
    rests_why: str = ""
    rests: int = 0

    def has(self, link: str) -> bool:
        return mark(link) in self.seen

    def with_seen(self, links: Iterable[str]) -> FeedCursor:
        """Those of now behind those of before, the oldest forgotten."""
        seen = dict.fromkeys(self.seen)
        for link in links:
            seen.pop(mark(link), None)
            seen[mark(link)] = None
        return replace(self, seen=tuple(seen)[-REMEMBERED:])

    def with_validators(self, etag: str, modified: str) -> FeedCursor:
        """As they came: they are sent back and never read."""
        kept = [one if len(one) <= _LONGEST_VALIDATOR and one.isprintable() else ""
                for one in (etag, modified)]  # fmt: skip
        return replace(self, etag=kept[0], modified=kept[1])

    def resting(self, now: datetime, why: str, *, at_least: timedelta = FIRST_REST) -> FeedCursor:
        """For longer each time in a row. Its validators go: it is read whole when it is back."""
        rest = max(at_least, min(LONGEST_REST, FIRST_REST * 2**self.rests))
        return replace(self, etag="", modified="", rests_until=now + rest, rests_why=why,
                       rests=self.rests + 1)  # fmt: skip

    def awake(self) -> FeedCursor:
        return replace(self, rests_until=None, rests_why="", rests=0)

    def text(self) -> str:
        table = asdict(self)
        table["rests_until"] = self.rests_until.isoformat() if self.rests_until else None
        return json.dumps({name: value for name, value in table.items() if value})


def read_cursor(text: str) -> FeedCursor:
    """Raises BadCursor."""
    try:
        table = json.loads(text)
        until = table.get("rests_until")
        return FeedCursor(
            url=str(table["url"]),
            etag=str(table.get("etag", "")),
            modified=str(table.get("modified", "")),
            seen=tuple(str(one) for one in table.get("seen", ())),
            rests_until=datetime.fromisoformat(until) if until else None,
            rests_why=str(table.get("rests_why", "")),
            rests=int(table.get("rests", 0)),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as wrong:
        raise BadCursor("the cursor cannot be read") from wrong


def mark(link: str) -> str:
    return hashlib.sha256(link_key(link).encode()).hexdigest()[:12]
