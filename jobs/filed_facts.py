"""Bringing the figures of a company's 10-Q or 10-K, once it has filed one.

The list of its filings, which the scan reads anyway, names the latest; only when that is another
than the one before, one further request is made. The SEC takes a while to put a filing's figures
together: until they are there, those tagged in the report itself count, and the next scans ask
again, for a week.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta

from earnings.filed_facts import FiledFact, settled
from earnings.sources.base import Discovery, Periodic, Scope, Source, TellsFacts
from earnings.vocabulary import Company
from jobs.context import JobContext
from resilience.outcomes import CallError, ShuttingDown

log = logging.getLogger("jobs.filed_facts")

ASKED_FOR = timedelta(days=7)


def bring(context: JobContext, source: Source, scope: Scope, found: Discovery) -> tuple[str, ...]:
    """What a person should know; what goes wrong costs the scan nothing. Raises ShuttingDown."""
    company, periodic, store = scope.company, found.periodic, context.filed_facts
    if company is None or periodic is None or store is None:
        return ()
    if not isinstance(source, TellsFacts):
        return ()
    key = f"facts {scope.key}"
    known = context.documents.cursor(source.name, key)
    if known == periodic.accession:
        return ()
    notes: list[str] = []
    try:
        facts = list(source.facts(scope))
        is_there = any(fact.accession == periodic.accession for fact in facts)
    except ShuttingDown:
        raise
    except CallError as error:
        return (_missing(company, periodic, error),)
    if not is_there:
        try:
            stored = store.of(company.ticker)
            facts = settled((*facts, *_in_itself(stored, source, scope, periodic)))
        except ShuttingDown:
            raise
        except CallError as error:
            notes.append(_missing(company, periodic, error))
    store.replace(company.ticker, facts)
    if is_there or context.clock.now() - periodic.accepted > ASKED_FOR:
        context.documents.record(source.name, key, [], periodic.accession, known)
    return tuple(notes)


def _missing(company: Company, periodic: Periodic, error: CallError) -> str:
    log.warning("%s: no figures of its %s: %s", company.ticker, periodic.accession, error)
    return f"{company.ticker}: the figures of its 10-Q or 10-K are not here: {error}"


def _in_itself(
    stored: Iterable[FiledFact], source: TellsFacts, scope: Scope, periodic: Periodic
) -> Sequence[FiledFact]:
    """What is tagged in the report, which is read once."""
    known = [fact for fact in stored if fact.accession == periodic.accession]
    return known or source.facts_in(scope, periodic)
