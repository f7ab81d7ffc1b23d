"""What stands in the engine's rows, in its own words: the names of its states and its JSON.

As DBOS writes and reads them (tests/unit/jobs/test_engine_format.py holds the two side by
side), without DBOS: whoever only looks at work need not load the library that does it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from jobs.work import WorkState

STATES = {
    "DELAYED": WorkState.QUEUED,
    "ENQUEUED": WorkState.QUEUED,
    "PENDING": WorkState.RUNNING,
    "SUCCESS": WorkState.DONE,
    "ERROR": WorkState.FAILED,
    "CANCELLED": WorkState.CANCELLED,
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": WorkState.GIVEN_UP,
}
JSON_NAME = "portable_json"  # in the rows, beside what is written so


def names_of(states: Collection[WorkState]) -> list[str]:
    return [name for name, state in STATES.items() if state in states]


class PortableJson:
    """Compact JSON that any language reads; times in UTC to the millisecond."""

    def serialize(self, value: Any) -> str:
        """Raises TypeError for what has no place in it."""
        return json.dumps(_plain(value), separators=(",", ":"), ensure_ascii=False)

    def deserialize(self, text: str | None) -> Any:
        return None if text is None else json.loads(text)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime):
        aware = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list | tuple | set):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
        return {name: _plain(each) for name, each in value.items()}
    raise TypeError(f"the engine cannot keep {type(value).__name__} as JSON")
