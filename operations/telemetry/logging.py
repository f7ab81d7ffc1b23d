"""Where log lines go: stderr for who watches, a rotating file of JSON for who asks later.

stdlib's root logger is the one funnel (libraries know no other), structlog a front door to
it that carries fields:

    log = structlog.get_logger("jobs.runner")
    log.info("daily_earnings_scan done", job="daily_earnings_scan", took_s=4.1)
    logging.getLogger("jobs.runner").info("done", extra={"job": ..., "took_s": 4.1})   # same

Nothing is set up at import; `configure` does it once and `LogHandle.close` undoes it.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections import deque
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TextIO

import structlog

from operations.telemetry.events import LineFormatter, event_of
from operations.telemetry.journal import JournalFormatter
from operations.telemetry.logfile import FileState, SharedLogFile
from operations.telemetry.redaction import Redactor
from resilience.clock import Clock

# Libraries that speak of their own housekeeping at INFO.
CHATTY = ("alembic", "apscheduler", "asyncio", "dbos", "pypdfium2", "urllib3", "uvicorn")
# Libraries that hang a stream of their own beside the root, past the redaction.
OWN_STREAMS = ("dbos",)
HOUR_S = 3600.0
ERRORS_KEPT = 1_000


@dataclass(frozen=True)
class LogState:
    """What the logs check looks at. `file` is None where no file was asked for."""

    file: FileState | None
    stderr_lost: int
    errors_last_hour: int
    last_error: str | None


class _Stderr(logging.StreamHandler[TextIO]):
    """A stream that may be closed, full or a broken pipe; counted, never raised."""

    lost = 0

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  stdlib's name
        self.lost += 1


class _ErrorTally(logging.Handler):
    """Remembers when errors were logged."""

    def __init__(self, clock: Clock, redactor: Redactor) -> None:
        super().__init__(logging.ERROR)
        self._clock = clock
        self._redactor = redactor
        self._at: deque[float] = deque(maxlen=ERRORS_KEPT)
        self.last: str | None = None

    def emit(self, record: logging.LogRecord) -> None:
        self._at.append(self._clock.monotonic())
        sentence = str(event_of(record)["event"])
        self.last = f"{record.name}: {self._redactor.text(sentence, 200)}"

    def in_last_hour(self) -> int:
        since = self._clock.monotonic() - HOUR_S
        return sum(at > since for at in tuple(self._at))


class LogHandle:
    """The logging of this process, as long as it is open."""

    def __init__(
        self, stderr: _Stderr, tally: _ErrorTally, file: SharedLogFile | None, level: int
    ) -> None:
        self._stderr, self._tally, self._file = stderr, tally, file
        self._handlers: list[logging.Handler] = [stderr, tally, *([file] if file else [])]
        self._before = _Before.now()
        root = logging.getLogger()
        root.setLevel(level)
        for handler in self._handlers:
            root.addHandler(handler)
        for name in CHATTY:
            logging.getLogger(name).setLevel(max(level, logging.WARNING))
        for name in OWN_STREAMS:
            logger = logging.getLogger(name)
            logger.handlers = [logging.NullHandler()]  # one is enough to stop it adding its own
            logger.propagate = True
        logging.captureWarnings(True)
        sys.excepthook = _log_uncaught
        threading.excepthook = _log_uncaught_in_thread

    @property
    def path(self) -> Path | None:
        return self._file.path if self._file else None

    def state(self) -> LogState:
        return LogState(
            file=self._file.state() if self._file else None,
            stderr_lost=self._stderr.lost,
            errors_last_hour=self._tally.in_last_hour(),
            last_error=self._tally.last,
        )

    def close(self) -> None:
        """Flush, close the file and put back what was there before. Twice does no harm."""
        root = logging.getLogger()
        for handler in self._handlers:
            root.removeHandler(handler)
            handler.close()
        if self._handlers:
            self._before.put_back()
        self._handlers = []


@dataclass(frozen=True)
class _Before:
    """The global state that `configure` changes, to be put back."""

    root_level: int
    levels: dict[str, int]
    streams: dict[str, tuple[list[logging.Handler], bool]]
    excepthook: Any
    thread_excepthook: Any

    @classmethod
    def now(cls) -> _Before:
        loggers = {name: logging.getLogger(name) for name in (*CHATTY, *OWN_STREAMS)}
        return cls(
            root_level=logging.getLogger().level,
            levels={name: loggers[name].level for name in CHATTY},
            streams={
                name: (list(loggers[name].handlers), loggers[name].propagate)
                for name in OWN_STREAMS
            },
            excepthook=sys.excepthook,
            thread_excepthook=threading.excepthook,
        )

    def put_back(self) -> None:
        logging.getLogger().setLevel(self.root_level)
        for name, level in self.levels.items():
            logging.getLogger(name).setLevel(level)
        for name, (handlers, propagate) in self.streams.items():
            logging.getLogger(name).handlers = handlers
            logging.getLogger(name).propagate = propagate
        logging.captureWarnings(False)
        sys.excepthook = self.excepthook
        threading.excepthook = self.thread_excepthook
        structlog.reset_defaults()


def configure(
    *,
    clock: Clock,
    level: str = "INFO",
    style: Literal["auto", "json", "console"] = "auto",
    file: Path | None = None,
    max_bytes: int = 10_000_000,
    backups: int = 5,
    secrets: Iterable[str] = (),
    stderr_level: str | None = None,
    stream: TextIO | None = None,
    journal: bool = False,
) -> LogHandle:
    """Send every log line of this process to `stream` (stderr) and to `file`.

    `style` of the stream: JSON or console, `auto` is console on a terminal. The file is JSON
    always. `stderr_level` lets a command keep its terminal quieter than its file. `secrets`
    are masked wherever they turn up. `journal`: the stream is systemd's. Raises ValueError for a
    level that does not exist.
    """
    threshold = _level(level)
    redactor = Redactor(secrets)
    where = sys.stderr if stream is None else stream
    on_terminal = where is not None and where.isatty()
    stderr = _Stderr(where)
    stderr.setLevel(_level(stderr_level) if stderr_level else threshold)
    lines = LineFormatter(
        redactor,
        console=style == "console" or (style == "auto" and on_terminal),
        colours=on_terminal,
    )
    stderr.setFormatter(JournalFormatter(lines) if journal else lines)
    log_file = None
    if file is not None:
        log_file = SharedLogFile(file, max_bytes, backups)
        log_file.setFormatter(LineFormatter(redactor))
    handle = LogHandle(stderr, _ErrorTally(clock, redactor), log_file, threshold)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            _to_stdlib,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    return handle


def _level(name: str) -> int:
    levels = logging.getLevelNamesMapping()
    if name.upper() not in levels:
        raise ValueError(f"log level {name!r} does not exist; use one of {', '.join(levels)}")
    return levels[name.upper()]


def _to_stdlib(
    logger: logging.Logger, method: str, event: MutableMapping[str, Any]
) -> dict[str, Any]:
    """structlog's last step: the sentence as the message, the fields beside it under one name
    (spread out, a field called "name" or "args" would make stdlib raise)."""
    arguments = {
        key: event.pop(key) for key in ("exc_info", "stack_info", "stacklevel") if key in event
    }
    return {"msg": event.pop("event", ""), "extra": {"fields": dict(event)}, **arguments}


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """The interpreter would print the traceback raw, with whatever secret stands in it."""
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("main").critical("unhandled error", exc_info=(kind, error, trace))


def _log_uncaught_in_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is None or issubclass(arguments.exc_type, SystemExit):
        return
    name = arguments.thread.name if arguments.thread else "?"
    logging.getLogger("main").critical(
        "thread %s ended by an unhandled error",
        name,
        exc_info=(arguments.exc_type, arguments.exc_value, arguments.exc_traceback),
    )
