"""A stdlib log record as one event: the sentence, who said it, and its fields.

Libraries log through stdlib, our own code through either front door; here both become the
same shape. Fields come from three places, the nearest winning: what the line itself says,
what the record carries, and the context (run, job, document) bound round the work.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from structlog.contextvars import bound_contextvars, get_contextvars

from operations.telemetry.redaction import Redactor
from operations.telemetry.rendering import Event, clean, console_line, json_line

OF_EVERY_RECORD = frozenset(
    {*logging.makeLogRecord({}).__dict__, "message", "asctime", "taskName", "fields", "cleaned"}
)


@contextmanager
def context(**fields: object) -> Iterator[None]:
    """Every line logged inside, by anybody in this thread, carries `fields`."""
    with bound_contextvars(**fields):
        yield


def event_of(record: logging.LogRecord) -> Event:
    """The record's event, nothing masked yet."""
    event: Event = dict(get_contextvars())
    event.update(
        (name, value) for name, value in record.__dict__.items() if name not in OF_EVERY_RECORD
    )
    fields = record.__dict__.get("fields")
    if isinstance(fields, Mapping):
        event.update(fields)
    event["timestamp"] = datetime.fromtimestamp(record.created, UTC).isoformat("T", "milliseconds")
    event["level"] = record.levelname.lower()
    event["logger"] = record.name
    event["event"] = _sentence(record)
    if record.exc_info and record.exc_info[0] is not None:
        event["exception"] = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
    elif record.exc_text:
        event["exception"] = record.exc_text
    if record.stack_info:
        event["stack"] = record.stack_info
    return event


def _sentence(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001  wrong arguments of a log call must not lose the line
        return f"{record.msg} (arguments that do not fit: {len(record.args or ())})"


class LineFormatter(logging.Formatter):
    """Record to line, without secrets: JSON, or `console` for a person."""

    def __init__(self, redactor: Redactor, *, console: bool = False, colours: bool = False) -> None:
        super().__init__()
        self._redactor = redactor
        self._console = console
        self._colours = colours

    def format(self, record: logging.LogRecord) -> str:
        event = self._cleaned(record)
        return console_line(event, self._colours) if self._console else json_line(event)

    def _cleaned(self, record: logging.LogRecord) -> Event:
        """Once for all handlers that share the redactor: it is most of the work."""
        done = record.__dict__.get("cleaned")
        if isinstance(done, tuple) and done[0] is self._redactor:
            event: Event = done[1]
            return event
        event = clean(event_of(record), self._redactor.text)
        record.__dict__["cleaned"] = (self._redactor, event)
        return event
