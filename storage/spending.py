"""What was spent: on each provider against its caps, and in a month by day, model or document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Literal

from storage.call_budget import ALL, Caps, Per, Window, windows
from storage.database import Database
from storage.paid_calls import Spend

By = Literal["day", "company", "model", "document"]
DEAREST = 500  # documents listed


@dataclass(frozen=True)
class CapUse:
    """One provider's day or month of money. `usd` was paid; `open_usd` is estimated for what
    has no answer and may have been paid for. `cap_usd` None is no limit."""

    provider: str
    window: Window
    cap_usd: Decimal | None
    spend: Spend | None

    @property
    def usd(self) -> Decimal:
        return self.spend.usd if self.spend else Decimal(0)

    @property
    def open_usd(self) -> Decimal:
        return self.spend.open_usd if self.spend else Decimal(0)

    @property
    def taken_usd(self) -> Decimal:
        return self.usd + self.open_usd

    @property
    def left_usd(self) -> Decimal | None:
        return None if self.cap_usd is None else max(Decimal(0), self.cap_usd - self.taken_usd)


def cap_uses(
    spend: Callable[[datetime], Sequence[Spend]], budgets: Mapping[str, Caps], now: datetime
) -> tuple[CapUse, ...]:
    """The day and the month of every provider that has caps or took something this month, and
    last of all together if there are caps over all.

    `spend` is PaidCallLedger.spend: the same sums the ledger holds against the caps."""
    day, month = windows(now)
    found = {window.per: {one.provider: one for one in spend(window.begins)}
             for window in (day, month)}  # fmt: skip
    names = sorted({*budgets, *found["month"]} - {ALL})
    if ALL in budgets:
        names.append(ALL)
        for spends in found.values():
            if spends:
                spends[ALL] = _together(tuple(spends.values()))
    return tuple(
        CapUse(
            provider,
            window,
            budgets.get(provider, Caps()).of(window.per),
            found[window.per].get(provider),
        )
        for provider in names
        for window in (day, month)
    )


def _together(spends: Sequence[Spend]) -> Spend:
    summed = {one.name: sum(getattr(each, one.name) for each in spends)
              for one in fields(Spend) if one.name != "provider"}  # fmt: skip
    return Spend(ALL, **summed)


def used_of(uses: Sequence[CapUse], provider: str, per: Per) -> CapUse | None:
    return next((one for one in uses if (one.provider, one.window.per) == (provider, per)), None)


@dataclass(frozen=True)
class Total:
    """One provider in a span. `usd` is the true cost of `calls` answers; the others are
    estimates: of calls on their way, in doubt, and given up by a person though they may have
    been paid for. `batched` of the answers came in batches; `queued` calls wait for the next.
    Of `measured` answers, which cost `measured_usd`, it is known what three ways to ask saved."""

    provider: str
    calls: int
    open: int
    queued: int
    batched: int
    batched_usd: Decimal
    in_doubt: int
    usd: Decimal
    open_usd: Decimal
    in_doubt_usd: Decimal
    given_up_usd: Decimal
    input_tokens: int
    output_tokens: int
    cached_tokens: int  # of the input, read from the provider's cache
    measured: int
    measured_usd: Decimal
    trimming_usd: Decimal
    caching_usd: Decimal
    batching_usd: Decimal
    trimming_tokens: int  # that were not read because they were left out


@dataclass(frozen=True)
class Line:
    """A day, a company, a model or a document. `not_known_usd` is estimated, `saved_usd` is what
    the naive way would have cost more, of those answers it is known of."""

    name: str
    provider: str
    calls: int
    usd: Decimal
    not_known_usd: Decimal
    saved_usd: Decimal = Decimal(0)
    input_tokens: int = 0
    output_tokens: int = 0


class Spending:
    def __init__(self, database: Database) -> None:
        self._database = database

    def totals(self, window: Window) -> list[Total]:
        with self._database.transaction() as tx:
            rows = tx.all("spending.totals", since=window.begins, before=window.ends)
        return [Total(**row) for row in rows]

    def lines(self, window: Window, by: By) -> list[Line]:
        """Of documents the dearest, most first."""
        span = {"since": window.begins, "before": window.ends}
        with self._database.transaction() as tx:
            if by == "day":
                rows = tx.all("spending.by_day", **span)
            elif by == "company":
                rows = tx.all("spending.by_company", **span)
            elif by == "model":
                rows = tx.all("spending.by_model", **span)
            else:
                rows = tx.all("spending.by_document", **span, limit=DEAREST)
        return [Line(**row) for row in rows]

    def documents(self, window: Window) -> int:
        """Whose question was answered, each counted once however often it was asked."""
        with self._database.transaction() as tx:
            row = tx.one("spending.documents", since=window.begins, before=window.ends)
        return int(row["documents"]) if row else 0
