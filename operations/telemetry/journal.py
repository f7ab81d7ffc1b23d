"""Lines for systemd's journal: each begins with its severity, as sd-daemon(3) has it, so that
`journalctl -p warning` finds what it should. The journal takes the prefix off."""

from __future__ import annotations

import logging

CRITICAL, ERROR, WARNING, INFO, DEBUG = 2, 3, 4, 6, 7  # syslog's
LEVELS = (
    (logging.CRITICAL, CRITICAL),
    (logging.ERROR, ERROR),
    (logging.WARNING, WARNING),
    (logging.INFO, INFO),
)


class JournalFormatter(logging.Formatter):
    def __init__(self, lines: logging.Formatter) -> None:
        super().__init__()
        self._lines = lines

    def format(self, record: logging.LogRecord) -> str:
        severity = next((ours for level, ours in LEVELS if record.levelno >= level), DEBUG)
        lines = self._lines.format(record).split("\n")
        return "\n".join(f"<{severity}>{line}" for line in lines)
