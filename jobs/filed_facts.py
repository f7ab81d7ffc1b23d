"""Bringing the figures of a company's 10-Q or 10-K, once it has filed one.

The list of its filings, which the scan reads anyway, names the latest; only when that is another
than the one before, one further request is made. The SEC takes a while to put a filing's figures
together, so until they are there the next scans ask again, for a week.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from earnings.sources.base import Discovery, Scope, Source, TellsFacts
from jobs.context import JobContext
from resilience.outcomes import CallError, ShuttingDown

log = logging.getLogger("jobs.filed_facts")

ASKED_FOR = timedelta(days=7)


def bring(context: JobContext, source: Source, scope: Scope, found: Discovery) -> tuple[str, ...]:
    """What a person should know; what goes wrong costs the scan nothing. Raises ShuttingDown."""
    periodic, store = found.periodic, context.filed_facts
    if periodic is None or store is None or scope.company is None:
        return ()
    if not isinstance(source, TellsFacts):
        return ()
    key = f"facts {scope.key}"
    known = context.documents.cursor(source.name, key)
    if known == periodic.accession:
        return ()
    try:
        facts = source.facts(scope)
    except ShuttingDown:
        raise
    except CallError as error:
        log.warning("%s: no figures of its %s: %s", scope.key, periodic.accession, error)
        return (f"{scope.company.ticker}: the figures of its 10-Q or 10-K are not here: {error}",)
    store.replace(scope.company.ticker, facts)
    is_there = any(fact.accession == periodic.accession for fact in facts)
    if is_there or context.clock.now() - periodic.accepted > ASKED_FOR:
        context.documents.record(source.name, key, [], periodic.accession, known)
    return ()
