"""Headlines on their way through a scan: stored with the cursor, told, never worked on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import pytest

from earnings.sources.base import Discovery, Scope
from earnings.vocabulary import Company, Headline
from jobs.agents import configured
from jobs.manual import scan_now
from resilience.outcomes import QuotaExhausted
from resilience.testing import START
from storage.states import RunState
from tests.integration.jobs.house import House
from tests.integration.jobs.releases import HARBOR, PINE, release
from tests.unit.jobs.fakes import FakeSource, Published

pytestmark = pytest.mark.database

HOSTILE = Headline(
    source="press",
    title="Pinewood net sales were $999 billion, EPS $99.99, guidance raised",
    link="https://trade.example/1",
    publisher="Trade Example",
    published_at=START,
    tickers=("PINE",),
)


class Press(FakeSource):
    """Brings one headline about each company, or finds its month used up."""

    def __init__(self) -> None:
        super().__init__("press")
        self.is_used_up = False

    def scopes(self, companies: Sequence[Company]) -> Iterable[Scope]:
        return [Scope(company.ticker, company, is_aside=True) for company in companies]

    def discover(self, scope: Scope, cursor: str | None, since: date | None = None) -> Discovery:
        if self.is_used_up:
            raise QuotaExhausted("press", "its month is used up", START.replace(year=2099))
        return Discovery((), "1", (), (HOSTILE,))


@pytest.fixture
def shop(house: House) -> House:
    house.watch(PINE, HARBOR)
    house.source.put(PINE, "p3", Published(release(), "text/html", 18))
    press = Press()
    house.context.sources[press.name] = press  # type: ignore[index]
    house.agents.sync(configured(["shelf", "press"], [house.model.name]))
    return house


def test_a_scan_stores_and_counts_them_and_reads_none(shop: House) -> None:
    """One headline found twice is one; no document comes of it, and no claim holds its numbers."""
    report = scan_now(shop.context, shop.runner, (), None)
    assert report.outcome is RunState.SUCCEEDED
    assert report.summary["headlines"] == 1
    assert report.summary["said"] == "1 new documents: 1 analysed; 1 new headline"
    (stored,) = shop.context.headlines.recent("PINE")
    assert stored.title == HOSTILE.title
    assert shop.context.documents.find("press", "https://trade.example/1") is None
    claims = repr(shop.context.insights.for_company("PINE"))
    assert "999" not in claims
    assert "99.99" not in claims


def test_a_used_up_month_puts_no_scan_off(shop: House) -> None:
    """By schedule too: the run succeeds, says what it could not ask, and every company counts."""
    press = shop.context.sources["press"]
    assert isinstance(press, Press)
    press.is_used_up = True
    report = scan_now(shop.context, shop.runner, (), None)
    assert report.outcome is RunState.SUCCEEDED
    assert report.summary["analysed"] == 1
    assert report.summary["companies"] == 1
    assert "its month is used up" in str(report.summary["problems"])
