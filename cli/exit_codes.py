"""What a command's exit status says, after LSB's status codes and sysexits.h."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    DONE = 0  # done; for status and check: all is well
    BAD_OUTCOME = 1  # done, and what came out is bad: degraded, a run or a check failed
    USAGE = 2  # the command line is wrong
    NOT_RUNNING = 3  # the daemon is not running
    UNKNOWN = 4  # no such job, company, evidence, report
    REFUSED = 5  # not allowed
    TRY_LATER = 75  # another instance, an open breaker, no database, no room on the disk
    CONFIGURATION = 78  # the configuration is wrong
    INTERRUPTED = 130
    TERMINATED = 143
