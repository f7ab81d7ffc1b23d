"""The companies: those of the watch list, and those documents made known."""

from __future__ import annotations

from collections.abc import Iterable

from earnings.vocabulary import Company
from storage.database import Database, Row


class Companies:
    def __init__(self, database: Database) -> None:
        self._database = database

    def sync(self, companies: Iterable[Company]) -> None:
        """Make these the watch list. Others keep their documents and are watched no more."""
        wanted = list(companies)
        with self._database.transaction() as tx:
            tx.many("companies.upsert", [_row(company) for company in wanted])
            tx.run("companies.unwatch_others", tickers=[_ticker(each.ticker) for each in wanted])

    def get(self, ticker: str) -> Company | None:
        row = self._database.one("companies.get", ticker=ticker.strip())
        return Company(**row) if row else None

    def all(self) -> tuple[Company, ...]:
        return self._listed("companies.all")

    def watched(self) -> tuple[Company, ...]:
        return self._listed("companies.watched")

    def alike(self, text: str, limit: int = 5) -> tuple[Company, ...]:
        """The companies nearest to what somebody typed, best first."""
        rows = self._database.all("companies.alike", text=text.strip(), limit=limit)
        return tuple(Company(**row) for row in rows)

    def _listed(self, statement: str) -> tuple[Company, ...]:
        with self._database.transaction() as tx:
            return tuple(Company(**row) for row in tx.all(statement))


def _row(company: Company) -> Row:
    return {
        "ticker": _ticker(company.ticker),
        "name": company.name,
        "cik": company.cik,
        "fiscal_year_end": company.fiscal_year_end,
        "sector": company.sector,
        "is_sample": company.is_sample,
        "is_watched": True,
    }


def _ticker(ticker: str) -> str:
    return ticker.strip().upper()
