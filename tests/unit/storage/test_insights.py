"""storage.insights: claims, their evidence, and which analysis of a document shows."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

import psycopg2
import pytest

from earnings.analysts.base import Answer, Usage
from earnings.vocabulary import (
    Basis,
    Claim,
    DocumentState,
    Figure,
    Guidance,
    GuidanceAction,
    Lead,
    Metric,
    Period,
    PeriodKind,
    Quote,
    RawDocument,
    Span,
    Theme,
    Unit,
    Withheld,
    WithheldReason,
)
from storage.database import Database
from storage.documents import Documents
from storage.errors import Conflict, IllegalMove
from storage.insights import Insights

pytestmark = pytest.mark.database

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TEXT = "Harbor Home Stores: in millions.\nNet sales were 1,234.5, up 3%.\n“Tariffs hurt” — CEO."
Q3 = Period(PeriodKind.QUARTER, date(2026, 10, 31), "third quarter", 13)
YEAR = Period(PeriodKind.YEAR, date(2027, 1, 30), "fiscal 2026")


def span_of(words: str) -> Span:
    start = TEXT.index(words)
    return Span(start, start + len(words))


SALES = Figure(
    Metric.NET_SALES,
    Decimal("1234500000"),
    Unit.USD,
    Q3,
    span_of("Net sales were 1,234.5, up 3%."),
    prior=Decimal("1198500000"),
    context=(span_of("in millions"),),
)
EPS = Guidance(
    Metric.EPS_ADJUSTED,
    Decimal("2.10"),
    Decimal("2.30"),
    Unit.USD_PER_SHARE,
    YEAR,
    GuidanceAction.RAISED,
    Span(0, 10),
    Basis.ADJUSTED,
)
TARIFFS = Quote(Theme.TARIFFS, "“Tariffs hurt”", span_of("“Tariffs hurt”"), "CEO")
INVENTED = Withheld(
    replace(SALES, metric=Metric.NET_INCOME),
    WithheldReason.NUMBER_NOT_IN_SPAN,
    "net income 9",
    Span(3, 7),
)
LOCAL = Answer("local", "rules-3", "1", (), Q3)
CLAUDE = Answer(
    "claude", "model-x", "7", (), Q3, usage=Usage(100, 20, 30, 40, Decimal("0.0123")), notes=("ok",)
)


class Shelf:
    """Documents that were read, and the store under test."""

    def __init__(self, database: Database) -> None:
        self.documents = Documents(database)
        self.insights = Insights(database)
        self._number = 0

    def read(
        self,
        ticker: str = "HRBR",
        published_at: datetime = NOON,
        url: str = "https://x.test",
        marks: Sequence[tuple[int, int]] = (),
    ) -> tuple[int, int]:
        """A document in state READ: its id and its text's."""
        self._number += 1
        content = f"{self._number}".encode()
        lead = Lead("edgar", f"d-{self._number}", "Results", url, published_at, ticker)
        (document_id,) = self.documents.record("edgar", ticker, [lead], None, None)
        self.documents.stored_fetch(
            document_id, RawDocument(content, "text/html"), sha256(content).hexdigest(), NOON
        )
        return document_id, self.documents.stored_text(document_id, TEXT, "html-1", marks=marks)

    def analysed(self, *claims: Claim, ticker: str = "HRBR", published_at: datetime = NOON) -> int:
        document_id, text_id = self.read(ticker, published_at)
        self.insights.save(document_id, text_id, LOCAL, claims, (), DocumentState.ANALYSED)
        return document_id

    def state(self, document_id: int) -> DocumentState:
        stored = self.documents.get(document_id)
        assert stored is not None
        return stored.state


@pytest.fixture
def shelf(database: Database) -> Shelf:
    return Shelf(database)


def test_claims_come_back_as_they_were_made(shelf: Shelf) -> None:
    """Every kind, with spans, context, priors, periods: the vocabulary's own values."""
    document_id, text_id = shelf.read()
    shelf.insights.save(document_id, text_id, LOCAL, [SALES, EPS, TARIFFS], [INVENTED])
    found = shelf.insights.for_document(document_id)
    assert {each.claim for each in found if each.is_claimed} == {SALES, EPS, TARIFFS}
    assert [each.withheld for each in found if not each.is_claimed] == [INVENTED]
    assert {(each.ticker, each.analyst, each.title) for each in found} == {
        ("HRBR", "local", "Results")
    }


@pytest.mark.parametrize(
    ("url", "marks", "leads_to"),
    [
        ("https://x.test/watch?v=1", [(0, 0), (SALES.span.start, 754)], "https://x.test/watch?v=1&t=754s"),
        ("https://x.test/v", [(SALES.span.start - 1, 3), (SALES.span.start + 1, 9)], "https://x.test/v?t=3s"),
        ("https://x.test/v", [(SALES.span.start + 1, 9)], "https://x.test/v"),
        ("https://x.test/v", [], "https://x.test/v"),
    ],
)  # fmt: skip
def test_the_link_of_what_was_spoken_leads_to_its_second(
    shelf: Shelf, url: str, marks: list[tuple[int, int]], leads_to: str
) -> None:
    """By the last mark before its first character; a text that was written keeps its link."""
    document_id, text_id = shelf.read(url=url, marks=marks)
    shelf.insights.save(document_id, text_id, LOCAL, [SALES])
    (found,) = shelf.insights.for_document(document_id)
    assert found.url == leads_to


def test_insights_and_state_are_saved_together(shelf: Shelf) -> None:
    """All or nothing: a state that cannot be reached takes the claims back with it."""
    document_id, text_id = shelf.read()
    shelf.documents.move(document_id, [DocumentState.READ], DocumentState.REFUSED)
    with pytest.raises(IllegalMove):
        shelf.insights.save(document_id, text_id, LOCAL, [SALES], (), DocumentState.ANALYSED)
    assert shelf.insights.for_document(document_id) == []
    assert shelf.insights.analyses(document_id) == []


def test_what_is_kept_beside_a_models_claims_names_who_found_it(shelf: Shelf) -> None:
    """It shows in the model's analysis, current or degraded like that; its evidence tells of the
    local one, with its prompt and its costs."""
    document_id, text_id = shelf.read()
    local = shelf.insights.save(document_id, text_id, LOCAL, [SALES, EPS], degraded=True)
    model = shelf.insights.save(
        document_id,
        text_id,
        CLAUDE,
        [TARIFFS],
        [INVENTED],
        agreements=lambda claim: "only_one" if isinstance(claim, Figure) else None,
        kept=(local, [SALES]),
    )
    found = shelf.insights.for_document(document_id)
    shown = {each.claim: each for each in found if each.is_claimed}
    assert {claim: each.analyst for claim, each in shown.items()} == {
        TARIFFS: "claude",
        SALES: "local",
    }
    kept = shown[SALES]
    assert (kept.analysis_id, kept.taken_from, kept.degraded) == (model, local, False)
    assert (kept.model, kept.agreement) == ("rules-3", "only_one")
    evidence = shelf.insights.evidence(kept.id)
    assert evidence is not None
    assert (evidence.analysis.id, evidence.analysis.usage.cost_usd) == (local, Decimal(0))
    assert evidence.quote == TEXT[SALES.span.start : SALES.span.end]
    assert [each.withheld for each in evidence.withheld] == [INVENTED]
    own = shelf.insights.evidence(shown[TARIFFS].id)
    assert own is not None
    assert (own.analysis.id, own.insight.taken_from) == (model, None)


def test_what_is_kept_goes_with_the_analysis_it_was_taken_from(shelf: Shelf, dsn: str) -> None:
    """No insight is left that names nobody."""
    document_id, text_id = shelf.read()
    local = shelf.insights.save(document_id, text_id, LOCAL, [SALES])
    shelf.insights.save(document_id, text_id, CLAUDE, [TARIFFS], kept=(local, [SALES]))
    with closing(psycopg2.connect(dsn)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("delete from analysis where id = %s", (local,))
    assert [each.claim for each in shelf.insights.for_document(document_id)] == [TARIFFS]


def test_kept_guidance_is_previous_guidance(shelf: Shelf) -> None:
    document_id, text_id = shelf.read(published_at=NOON - timedelta(days=90))
    local = shelf.insights.save(document_id, text_id, LOCAL, [EPS])
    shelf.insights.save(document_id, text_id, CLAUDE, [TARIFFS], kept=(local, [EPS]))
    assert shelf.insights.previous_guidance("HRBR", NOON) == (EPS,)


def test_saving_again_changes_nothing(shelf: Shelf) -> None:
    """Work begun again after a crash: the same analysis is stored once."""
    document_id, text_id = shelf.read()
    first = shelf.insights.save(document_id, text_id, LOCAL, [SALES])
    again = shelf.insights.save(
        document_id, text_id, LOCAL, [SALES, EPS], (), DocumentState.ANALYSED
    )
    assert again == first
    assert [each.claim for each in shelf.insights.for_document(document_id)] == [SALES]
    assert shelf.state(document_id) is DocumentState.ANALYSED


def test_a_models_answer_takes_the_local_ones_place(shelf: Shelf) -> None:
    """Local shows at once, the model's when it is there; both are kept."""
    document_id, text_id = shelf.read()
    shelf.insights.save(document_id, text_id, LOCAL, [SALES], (), DocumentState.ANALYSED)
    assert shelf.insights.for_document(document_id)[0].analyst == "local"
    shelf.insights.save(document_id, text_id, CLAUDE, [SALES, TARIFFS])
    assert {each.analyst for each in shelf.insights.for_document(document_id)} == {"claude"}
    analyses = shelf.insights.analyses(document_id)
    assert [(each.analyst, each.is_current) for each in analyses] == [
        ("claude", True),
        ("local", False),
    ]
    assert analyses[0].usage == CLAUDE.usage
    assert (analyses[0].notes, analyses[0].period) == (("ok",), Q3)


def test_local_never_takes_a_models_place(shelf: Shelf) -> None:
    """Also when it comes later, with newer rules."""
    document_id, text_id = shelf.read()
    shelf.insights.save(document_id, text_id, CLAUDE, [SALES])
    shelf.insights.save(document_id, text_id, LOCAL, [TARIFFS])
    assert [each.claim for each in shelf.insights.for_document(document_id)] == [SALES]


def test_newer_rules_take_the_older_ones_place(shelf: Shelf) -> None:
    document_id, text_id = shelf.read()
    shelf.insights.save(document_id, text_id, LOCAL, [SALES])
    shelf.insights.save(document_id, text_id, replace(LOCAL, model="rules-4"), [TARIFFS])
    assert [each.claim for each in shelf.insights.for_document(document_id)] == [TARIFFS]


def test_agreement_is_kept_per_claim(shelf: Shelf) -> None:
    """What the cross-check said of each; nothing where it was not asked."""
    document_id, text_id = shelf.read()
    verdicts: dict[Claim, str] = {SALES: "agrees", EPS: "differs"}
    shelf.insights.save(
        document_id, text_id, CLAUDE, [SALES, EPS, TARIFFS], agreements=verdicts.get, degraded=True
    )
    found = shelf.insights.for_document(document_id)
    assert {each.claim: each.agreement for each in found} == {**verdicts, TARIFFS: None}
    assert all(each.degraded for each in found)


def test_no_claims_at_all_is_an_analysis_too(shelf: Shelf) -> None:
    """A document without results is not read again and again."""
    document_id, text_id = shelf.read()
    answer = replace(LOCAL, is_results=False, period=None)
    shelf.insights.save(
        document_id, text_id, answer, [], [], DocumentState.IRRELEVANT, reason="monthly sales"
    )
    stored = shelf.documents.get(document_id)
    assert stored is not None
    assert (stored.state, stored.reason) == (DocumentState.IRRELEVANT, "monthly sales")
    assert shelf.insights.analyses(document_id)[0].is_results is False


def test_a_text_that_is_not_stored_cannot_bear_claims(shelf: Shelf) -> None:
    document_id, _ = shelf.read()
    with pytest.raises(Conflict):
        shelf.insights.save(document_id, 404, LOCAL, [SALES])


# ---- evidence ----------------------------------------------------------------------------


def test_evidence_is_the_words_themselves(shelf: Shelf) -> None:
    """The span's characters, what surrounds them, the heading, who read it, what it cost."""
    document_id, text_id = shelf.read()
    shelf.insights.save(document_id, text_id, CLAUDE, [SALES, TARIFFS], [INVENTED])
    found = {each.claim: each.id for each in shelf.insights.for_document(document_id)}
    evidence = shelf.insights.evidence(found[SALES])
    assert evidence is not None
    assert evidence.quote == "Net sales were 1,234.5, up 3%."
    assert evidence.context == ("in millions",)
    assert evidence.before + evidence.quote + evidence.after == TEXT
    assert evidence.document.id == document_id
    assert (evidence.analysis.analyst, evidence.analysis.prompt_version) == ("claude", "7")
    assert evidence.analysis.usage.cost_usd == Decimal("0.0123")
    assert [each.withheld for each in evidence.withheld] == [INVENTED]


def test_offsets_count_characters_not_bytes(shelf: Shelf) -> None:
    """Curly quotes and dashes take several bytes and one character."""
    document_id, text_id = shelf.read()
    shelf.insights.save(document_id, text_id, LOCAL, [TARIFFS])
    (insight,) = shelf.insights.for_document(document_id)
    evidence = shelf.insights.evidence(insight.id)
    assert evidence is not None
    assert evidence.quote == "“Tariffs hurt”"
    assert evidence.after == " — CEO."


def test_evidence_of_a_withheld_claim_does_not_list_itself(shelf: Shelf) -> None:
    document_id, text_id = shelf.read()
    shelf.insights.save(document_id, text_id, LOCAL, [], [INVENTED])
    (insight,) = shelf.insights.for_document(document_id)
    evidence = shelf.insights.evidence(insight.id)
    assert evidence is not None
    assert evidence.withheld == ()
    assert evidence.insight.withheld == INVENTED


def test_what_is_not_there_has_no_evidence(shelf: Shelf) -> None:
    assert shelf.insights.evidence(404) is None
    assert shelf.insights.get(404) is None


# ---- companies and weeks -----------------------------------------------------------------


def test_a_company_shows_its_newest_documents_first(shelf: Shelf) -> None:
    old = shelf.analysed(SALES, published_at=NOON - timedelta(days=90))
    new = shelf.analysed(TARIFFS)
    shelf.analysed(EPS, ticker="OTHR")
    assert [each.document_id for each in shelf.insights.for_company("hrbr")] == [new, old]
    assert [each.document_id for each in shelf.insights.for_company("HRBR", documents=1)] == [new]


def test_a_week_holds_its_first_moment_and_not_its_last(shelf: Shelf) -> None:
    """[start, end): no document is in two weeks, none in neither."""
    monday = datetime(2026, 11, 16, tzinfo=UTC)
    shelf.analysed(SALES, published_at=monday)
    shelf.analysed(EPS, published_at=monday + timedelta(days=7))
    week = shelf.insights.between(monday, monday + timedelta(days=7))
    after = shelf.insights.between(monday + timedelta(days=7), monday + timedelta(days=14))
    assert [each.claim for each in week] == [SALES]
    assert [each.claim for each in after] == [EPS]


def test_withheld_claims_never_show_as_claims(shelf: Shelf) -> None:
    """Only where they are asked for by name."""
    document_id, text_id = shelf.read()
    shelf.insights.save(document_id, text_id, LOCAL, [], [INVENTED], DocumentState.ANALYSED)
    day = timedelta(days=1)
    assert shelf.insights.for_company("HRBR") == []
    assert shelf.insights.between(NOON - day, NOON + day) == []
    (withheld,) = shelf.insights.withheld_between(NOON - day, NOON + day)
    assert withheld.withheld == INVENTED


# ---- previous guidance -------------------------------------------------------------------


def test_previous_guidance_is_the_latest_before(shelf: Shelf) -> None:
    """One range per metric, period and basis, from documents published earlier."""
    first = replace(EPS, low=Decimal("1.90"), high=Decimal("2.00"), action=GuidanceAction.INITIATED)
    gaap = replace(EPS, metric=Metric.EPS_DILUTED, basis=Basis.GAAP)
    shelf.analysed(first, gaap, published_at=NOON - timedelta(days=180))
    shelf.analysed(EPS, published_at=NOON - timedelta(days=90))
    shelf.analysed(replace(EPS, low=Decimal(9), high=Decimal(9)), published_at=NOON)
    shelf.analysed(EPS, ticker="OTHR", published_at=NOON - timedelta(days=1))
    assert set(shelf.insights.previous_guidance("hrbr", NOON)) == {EPS, gaap}
    assert shelf.insights.previous_guidance("HRBR", NOON - timedelta(days=180)) == ()


def test_periods_without_an_end_are_told_apart_by_their_name(shelf: Shelf) -> None:
    """Whatever its letters' case."""
    undated = Period(PeriodKind.YEAR, None, "Fiscal 2026")
    other = Period(PeriodKind.YEAR, None, "fiscal 2027")
    old, new = (
        replace(EPS, period=undated),
        replace(EPS, low=Decimal(2), period=replace(undated, label="fiscal 2026")),
    )
    shelf.analysed(old, replace(EPS, period=other), published_at=NOON - timedelta(days=90))
    shelf.analysed(new, published_at=NOON - timedelta(days=30))
    found = shelf.insights.previous_guidance("HRBR", NOON)
    assert set(found) == {new, replace(EPS, period=other)}


def test_a_withheld_range_is_no_previous_guidance(shelf: Shelf) -> None:
    document_id, text_id = shelf.read(published_at=NOON - timedelta(days=90))
    withheld = Withheld(EPS, WithheldReason.QUOTE_NOT_FOUND)
    shelf.insights.save(document_id, text_id, LOCAL, [], [withheld], DocumentState.ANALYSED)
    assert shelf.insights.previous_guidance("HRBR", NOON) == ()
