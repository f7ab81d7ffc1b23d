"""What a job is, and one run of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from jobs.catch_up import CatchUp

if TYPE_CHECKING:
    from jobs.context import JobContext

Summary = dict[str, Any]  # JSON: what a person wants to know of a run
SAID = "said"  # its key for one sentence that sums the run up
GATE = "gate"  # its key for the Rejected that kept the run from doing all of it
FAILED = "failed"  # its key for why the run counts as failed although it came to its end
STOPPED = "stopped"  # its key, True: it was told to stop and did, before its end


@dataclass(frozen=True)
class Run:
    """One slot of a job, being run. `deadline_at` is monotonic; a job looks at it between its
    steps, nothing cuts it off. `options` are what a person asked for (a ticker, a week).
    `is_cancelled`: whether a person has told it to stop; then the context's `stopping` is set,
    and the summary of what was done goes with `STOPPED`."""

    job: str
    slot: str
    deadline_at: float
    options: Mapping[str, Any] = field(default_factory=dict)
    is_cancelled: Callable[[], bool] = lambda: False


JobFunction = Callable[["JobContext", Run], Summary]


@dataclass(frozen=True)
class Job:
    """A row of the table. `at`, `catch_up` and `max_age` hold unless configured otherwise.
    `begins_at_once`: its run lasts until the next slot, so a new installation begins with the
    slot before."""

    name: str
    fn: JobFunction
    about: str
    at: str
    catch_up: CatchUp
    max_age: timedelta
    deadline_s: float
    begins_at_once: bool = False
