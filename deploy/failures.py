"""What a verb of `python -m deploy` ends with when it cannot be done."""

from __future__ import annotations

DONE, BAD_OUTCOME, USAGE, REFUSED, TRY_LATER, CONFIGURATION, INTERRUPTED = 0, 1, 2, 5, 75, 78, 130


class Failure(Exception):
    """It cannot be done; the message says what happened, to what, and what to do."""

    def __init__(self, what: str, fix: str, code: int = BAD_OUTCOME) -> None:
        super().__init__(f"error: {what}\n  fix: {fix}")
        self.code = code
