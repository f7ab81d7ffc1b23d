"""Which work the engine knows, and which queue it waits in."""

from __future__ import annotations

from collections.abc import Mapping

from jobs.context import JobContext
from jobs.document import DOCUMENT_WORK, DocumentWay
from jobs.durable import Engine
from jobs.runner import Runner
from jobs.ticker import JOB_WORK
from jobs.work import Work

JOBS_QUEUE, DOCUMENTS_QUEUE = "jobs", "documents"

# How much a process does at a time. A scan keeps its place for as long as it waits for its
# documents, so these have a queue of their own. The watch keeps one for the whole day.
QUEUES: Mapping[str, int] = {JOBS_QUEUE: 4, DOCUMENTS_QUEUE: 4}
# A command helps with documents and leaves scheduled jobs to the daemons: it is gone soon.
COMMANDS_LISTEN = (DOCUMENTS_QUEUE,)


def register(engine: Engine, context: JobContext, runner: Runner) -> None:
    """Before the engine is launched."""

    def run_job(work: Work, job: str, slot: str) -> None:
        runner.run_slot(job, slot)

    engine.register(JOB_WORK, run_job, JOBS_QUEUE)
    engine.register(DOCUMENT_WORK, DocumentWay(context), DOCUMENTS_QUEUE)
