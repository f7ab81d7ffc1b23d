"""Figures as companies tagged them in their 10-Qs and 10-Ks, each company's as of its last one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from earnings.filed_facts import FiledFact
from earnings.vocabulary import Unit
from storage.database import Database

_COLUMNS = ("tag", "unit", "value", "form", "accession", "filed", "is_derived")


class FiledFacts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def replace(self, ticker: str, facts: Sequence[FiledFact]) -> None:
        """All that is known of a company's facts from now on."""
        rows = [
            {
                "ticker": ticker,
                "period_start": fact.start,
                "period_end": fact.end,
                **{name: getattr(fact, name) for name in _COLUMNS},
            }
            for fact in facts
        ]
        with self._database.transaction() as tx:
            tx.one("filed_facts.lock", ticker=ticker)
            tx.run("filed_facts.clear", ticker=ticker)
            tx.many("filed_facts.put", rows)

    def of(self, ticker: str) -> list[FiledFact]:
        with self._database.transaction() as tx:
            rows = tx.all("filed_facts.of_company", ticker=ticker)
        return [
            FiledFact(
                start=row["period_start"],
                end=row["period_end"],
                **{name: row[name] for name in _COLUMNS if name != "unit"},
                unit=Unit(row["unit"]),
            )
            for row in rows
        ]

    def filers(self, first: date, until: date) -> list[str]:
        """Tickers of those with facts filed in [first, until)."""
        with self._database.transaction() as tx:
            rows = tx.all("filed_facts.filers", first=first, until=until)
        return [str(row["ticker"]) for row in rows]
