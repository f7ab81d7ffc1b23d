"""Where `cost` reads what was spent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from cli.cost_views import CapView, CostLineView, CostView, ProviderCostView, SavedView
from storage.call_budget import Caps, month_of, windows
from storage.paid_calls import Spend
from storage.spending import By, CapUse, Spending, Total, cap_uses

_MILLIONTH = Decimal("0.000001")


class CostCounter:
    def __init__(
        self,
        spending: Spending,
        spend: Callable[[datetime], Sequence[Spend]],
        budgets: Mapping[str, Caps],
    ) -> None:
        self._spending = spending
        self._spend = spend
        self._budgets = budgets

    def cost(self, month: str | None, by: By | None, now: datetime) -> CostView:
        """Of `month` ("2026-11", UTC; None: this one)."""
        window = windows(now)[1]
        if month is not None:
            year, number = month.split("-")
            window = month_of(int(year), int(number), window.begins)
        totals = self._spending.totals(window)
        documents = self._spending.documents(window)
        spent = sum((one.usd for one in totals), Decimal(0))
        lines = self._spending.lines(window, by) if by else []
        return CostView(
            month=f"{window.begins:%Y-%m}",
            begins_at=window.begins,
            ends_at=window.ends,
            providers=tuple(_provider(one) for one in totals),
            documents=documents,
            usd_per_document=(spent / documents).quantize(_MILLIONTH) if documents else None,
            caps=tuple(_cap(one) for one in cap_uses(self._spend, self._budgets, now)),
            by=by or "",
            lines=tuple(CostLineView(**asdict(one)) for one in lines),
        )


def _provider(total: Total) -> ProviderCostView:
    values = asdict(total)
    saving = ("trimming_usd", "caching_usd", "batching_usd")
    by = {name: values.pop(name).quantize(_MILLIONTH) for name in saving}
    answers, paid = values.pop("measured"), values.pop("measured_usd")
    naive = paid + sum(by.values(), Decimal(0))
    share = (paid / naive).quantize(Decimal("0.001")) if naive > 0 else None
    left_out = values.pop("trimming_tokens")
    found = SavedView(answers, paid, naive, share=share, trimming_tokens=left_out, **by)
    return ProviderCostView(**values, saved=found if answers else None)


def _cap(one: CapUse) -> CapView:
    return CapView(
        provider=one.provider,
        per=one.window.per,
        usd=one.usd,
        taken_usd=one.taken_usd,
        cap_usd=one.cap_usd,
        left_usd=one.left_usd,
        resets_at=one.window.ends,
    )
