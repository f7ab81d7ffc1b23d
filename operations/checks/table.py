"""All checks. bootstrap builds one of each from what it has."""

from __future__ import annotations

from operations.checks.analysts import AnalystsCheck
from operations.checks.base import Check
from operations.checks.breakers import BreakersCheck
from operations.checks.database import DatabaseCheck
from operations.checks.disk import DiskCheck
from operations.checks.engine import EngineCheck
from operations.checks.instances import InstancesCheck
from operations.checks.jobs import JobsCheck
from operations.checks.logs import LogsCheck
from operations.checks.memory import MemoryCheck
from operations.checks.process import ProcessCheck
from operations.checks.scheduler import SchedulerCheck
from operations.checks.sources import SourcesCheck

CHECKS: tuple[type[Check], ...] = (
    DatabaseCheck,
    EngineCheck,
    InstancesCheck,
    SchedulerCheck,
    JobsCheck,
    SourcesCheck,
    AnalystsCheck,
    BreakersCheck,
    DiskCheck,
    MemoryCheck,
    LogsCheck,
    ProcessCheck,
)
ALIVE = (SchedulerCheck.name,)  # restart the process when this fails
READY = (DatabaseCheck.name, EngineCheck.name)  # send it work only while these pass
