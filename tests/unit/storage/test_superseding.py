"""storage.superseding: an amended release replaces the one before it, wherever claims are asked
for, and both can still be looked at."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

import pytest

from earnings.analysts.base import Answer
from earnings.vocabulary import (
    Claim,
    DocumentState,
    Figure,
    Guidance,
    GuidanceAction,
    Lead,
    Metric,
    Period,
    PeriodKind,
    RawDocument,
    Span,
    Unit,
)
from storage.database import Database
from storage.documents import Documents
from storage.insight_views import StoredInsight
from storage.insights import Insights

pytestmark = pytest.mark.database

NOON = datetime(2025, 5, 21, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEXT = "Net sales were 20,900. Diluted EPS was 2.92. EPS of 12.15."
Q1 = Period(PeriodKind.QUARTER, date(2025, 5, 2), "first quarter", 13)
YEAR = Period(PeriodKind.YEAR, date(2026, 1, 30), "fiscal 2025")
SALES = Figure(Metric.NET_SALES, Decimal(20900), Unit.USD, Q1, Span(0, 22))
EPS = Figure(Metric.EPS_DILUTED, Decimal("2.92"), Unit.USD_PER_SHARE, Q1, Span(23, 44))
CORRECTED = replace(SALES, value=Decimal(20930))
OUTLOOK = Guidance(
    Metric.EPS_DILUTED, Decimal("12.15"), Decimal("12.40"), Unit.USD_PER_SHARE, YEAR,
    GuidanceAction.INITIATED, Span(45, 58),
)  # fmt: skip


class Cabinet:
    """Filings that were read, and the stores under test."""

    def __init__(self, database: Database) -> None:
        self.documents = Documents(database)
        self.insights = Insights(database)

    def read(self, name: str, form: str, at: datetime) -> tuple[int, int]:
        details = {"form": form} if form else {}
        lead = Lead("edgar", name, name, "https://x.test", at, "LOW", details=details)
        (document,) = self.documents.record("edgar", "LOW", [lead], None, None)
        raw = RawDocument(name.encode(), "text/html")
        self.documents.stored_fetch(document, raw, sha256(raw.content).hexdigest(), NOON)
        return document, self.documents.stored_text(document, TEXT, "html-1")

    def save(self, read: tuple[int, int], claims: Sequence[Claim], analyst: str = "local") -> None:
        answer = Answer(analyst, "rules-3", "1", (), Q1)
        self.insights.save(*read, answer, claims, (), DocumentState.ANALYSED)

    def filed(
        self, name: str, form: str, claims: Sequence[Claim], at: datetime = NOON
    ) -> int:  # fmt: skip
        read = self.read(name, form, at)
        self.save(read, claims)
        return read[0]

    def by(self, document: int) -> tuple[int | None, str | None]:
        found = self.documents.get(document)
        assert found is not None
        return found.superseded_by, found.superseded_why

    def shown(self) -> list[StoredInsight]:
        return self.insights.between(NOON - 48 * HOUR, NOON + 48 * HOUR)


@pytest.fixture
def cabinet(database: Database) -> Cabinet:
    return Cabinet(database)


def values(insights: Sequence[StoredInsight]) -> list[Decimal]:
    return [one.claim.value for one in insights if isinstance(one.claim, Figure)]


def test_an_amended_release_replaces_the_claims_of_the_first(cabinet: Cabinet) -> None:
    """In a week's claims, a company's and what the next release is compared with; the first
    document stays and names the one that counts."""
    first = cabinet.filed("a", "8-K", [SALES, EPS, OUTLOOK])
    amended = cabinet.filed("b", "8-K/A", [CORRECTED, EPS, OUTLOOK], NOON + HOUR)
    assert cabinet.by(first) == (amended, "amended")
    assert cabinet.by(amended) == (None, None)
    assert values(cabinet.shown()) == [CORRECTED.value, EPS.value]
    assert {one.document_id for one in cabinet.insights.for_company("LOW")} == {amended}
    assert [d.id for d in cabinet.documents.superseded_between(NOON, NOON + HOUR)] == [first]
    assert len(cabinet.insights.for_document(first)) == 3


def test_it_does_so_in_whatever_order_they_are_read(cabinet: Cabinet) -> None:
    read = cabinet.read("a", "8-K", NOON)
    amended = cabinet.filed("b", "8-K/A", [CORRECTED, EPS], NOON + HOUR)
    cabinet.save(read, [SALES, EPS])
    assert cabinet.by(read[0]) == (amended, "amended")


def test_a_better_reading_is_judged_anew(cabinet: Cabinet) -> None:
    """The rules missed the corrected figure; a model finds it."""
    first = cabinet.filed("a", "8-K", [SALES, EPS])
    read = cabinet.read("b", "8-K/A", NOON + HOUR)
    cabinet.save(read, [EPS])
    assert cabinet.by(read[0]) == (first, "repeated")
    cabinet.save(read, [CORRECTED, EPS], analyst="claude")
    assert cabinet.by(read[0]) == (None, None)
    assert cabinet.by(first) == (read[0], "amended")


def test_an_amendment_that_only_adds_an_exhibit_replaces_nothing(cabinet: Cabinet) -> None:
    first = cabinet.filed("a", "8-K", [SALES, EPS])
    other = replace(SALES, metric=Metric.INVENTORY)
    beside = cabinet.filed("b", "8-K/A", [other], NOON + HOUR)
    assert cabinet.by(first) == cabinet.by(beside) == (None, None)
    assert len(values(cabinet.shown())) == 3


def test_what_is_no_filing_is_never_replaced(cabinet: Cabinet) -> None:
    """A file somebody dropped, or a call, says the same figures and keeps its quotes."""
    dropped = cabinet.filed("a", "", [SALES, EPS])
    cabinet.filed("b", "8-K/A", [CORRECTED, EPS], NOON + HOUR)
    assert cabinet.by(dropped) == (None, None)


def test_what_an_amendment_amends_is_not_previous_to_it(cabinet: Cabinet) -> None:
    """Its outlook is measured by the quarter before, not by the release it corrects."""
    before = replace(OUTLOOK, low=Decimal("12.00"), high=Decimal("12.00"))
    earlier = Answer("local", "rules-3", "1", (), Period(PeriodKind.QUARTER, date(2025, 1, 31)))
    read = cabinet.read("q4", "8-K", NOON - timedelta(days=84))
    cabinet.insights.save(*read, earlier, [before], (), DocumentState.ANALYSED)
    cabinet.filed("a", "8-K", [SALES, EPS, OUTLOOK])
    at = NOON + HOUR
    (as_usual,) = cabinet.insights.previous_guidance("LOW", at)
    (as_amendment,) = cabinet.insights.previous_guidance("LOW", at, Q1)
    assert (as_usual.low, as_amendment.low) == (OUTLOOK.low, before.low)


def test_evidence_of_both_can_be_shown(cabinet: Cabinet) -> None:
    first = cabinet.filed("a", "8-K", [SALES, EPS])
    amended = cabinet.filed("b", "8-K/A", [CORRECTED, EPS], NOON + HOUR)
    (old,) = [i for i in cabinet.insights.for_document(first) if i.claim == SALES]
    (new,) = [i for i in cabinet.insights.for_document(amended) if i.claim == CORRECTED]
    of_old, of_new = cabinet.insights.evidence(old.id), cabinet.insights.evidence(new.id)
    assert of_old is not None
    assert of_new is not None
    assert of_old.document.superseded_by == amended
    assert of_old.quote == of_new.quote == "Net sales were 20,900."
    assert [i.id for i in of_old.instead] == [new.id]
    assert [i.id for i in of_new.instead] == [old.id]


def test_two_that_are_stored_at_once_do_not_miss_each_other(cabinet: Cabinet) -> None:
    for number in range(10):
        at = NOON + number * 90 * 24 * HOUR
        period = replace(Q1, end=at.date())
        reads = [
            cabinet.read(f"a{number}", "8-K", at),
            cabinet.read(f"b{number}", "8-K/A", at + HOUR),
        ]
        answer = Answer("local", "rules-3", "1", (), period)
        together = threading.Barrier(2)

        def store(
            read: tuple[int, int],
            claim: Figure,
            answer: Answer = answer,
            together: threading.Barrier = together,
        ) -> None:
            together.wait(10)
            cabinet.insights.save(*read, answer, [claim], (), DocumentState.ANALYSED)

        claims = [replace(SALES, period=period), replace(CORRECTED, period=period)]
        threads = [
            threading.Thread(target=store, args=each) for each in zip(reads, claims, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert cabinet.by(reads[0][0]) == (reads[1][0], "amended")
