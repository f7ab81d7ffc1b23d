"""What the local analyst reads in releases of two dozen layouts nobody tuned it to.

`tests/corpus` holds them with their truth. A wrong value is never allowed, in any field; how
many are found may grow and is held here as a floor.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from benchmarks.accuracy import Verdict, measure
from benchmarks.truth import FIELDS
from earnings.analysts.base import Answer, CallKey, PaidAnswer, Question
from earnings.analysts.local import Local
from earnings.evidence import Verified, verify
from earnings.reading.reader import read
from earnings.reading.release import ReleaseFacts, describe
from earnings.vocabulary import Figure, Guidance, GuidanceAction, PeriodKind, RawDocument

CORPUS = Path(__file__).parents[1] / "corpus"
TYPES = {".html": "text/html", ".pdf": "application/pdf", ".txt": "text/plain"}
RELEASES: list[dict[str, Any]] = json.loads(
    (CORPUS / "releases_truth.json").read_text(encoding="utf-8")
)["releases"]
NEGATIVES = sorted((CORPUS / "negatives").iterdir())

FOUND = {  # right figures, of the documents that state them
    "net_sales": 21,
    "total_revenue": 7,
    "revenue": 1,
    "comparable_sales_pct": 18,
    "gross_profit": 16,
    "gross_margin_pct": 14,
    "operating_income": 23,
    "net_income": 24,
    "eps_basic": 23,
    "eps_diluted": 24,
    "eps_adjusted": 12,
    "inventory": 24,
    "net_sales_prior": 21,
    "comparable_sales_prior_pct": 5,
    "net_income_prior": 21,
    "eps_diluted_prior": 24,
    "eps_adjusted_prior": 7,
    "inventory_prior": 20,
    "fy_net_sales": 5,
    "fy_eps_diluted": 5,
    "fy_eps_adjusted": 2,
}
GUIDANCE_FOUND = 91  # of 94
TICKERS_FOUND = 24  # of 24

_METRICS = {
    "revenue": {"net_sales", "total_revenue"},
    "capex": {"capital_expenditure"},
    "buybacks": {"share_repurchases"},
    "new_stores": {"store_openings"},
}
_PLAY = timedelta(days=10)  # between a stated period's end and the one counted to it


class NobodyPays:
    def once(
        self, key: CallKey, estimate_usd: Decimal, call: object, batch: object = None
    ) -> PaidAnswer:
        raise AssertionError("the local analyst pays for nothing")


@dataclass(frozen=True)
class Read:
    facts: ReleaseFacts
    answer: Answer
    verified: Verified

    @property
    def guidance(self) -> list[Guidance]:
        return [claim for claim in self.verified.claims if isinstance(claim, Guidance)]


def analysed(path: Path) -> Read:
    reading = read(RawDocument(path.read_bytes(), TYPES[path.suffix], title=path.name))
    answer = Local().analyse(Question("0" * 64, reading, None, None), NobodyPays())
    return Read(describe(reading, None), answer, verify(reading, answer.drafts))


@pytest.fixture(scope="module")
def verdicts() -> list[Verdict]:
    return measure(CORPUS).verdicts


@pytest.fixture(scope="module")
def documents() -> dict[str, Read]:
    return {truth["file"]: analysed(CORPUS / truth["file"]) for truth in RELEASES}


each_release = pytest.mark.parametrize("truth", RELEASES, ids=lambda t: Path(t["file"]).stem)
each_field = pytest.mark.parametrize("field", FIELDS)


def told(verdicts: list[Verdict], field: str, kind: str) -> list[str]:
    return [
        f"{v.file}: {v.got}, should be {' or '.join(map(str, v.truth)) or 'not stated'}"
        for v in verdicts
        if v.field == field and v.verdict == kind
    ]


# ---- figures ---------------------------------------------------------------------------------


@each_field
def test_no_figure_is_wrong(verdicts: list[Verdict], field: str) -> None:
    """A layout that is not understood costs a figure; it never gives another one."""
    assert told(verdicts, field, "wrong") == []


@each_field
def test_nothing_is_read_that_is_not_stated(verdicts: list[Verdict], field: str) -> None:
    """A part of the company, a month or a year guided to is not taken for the quarter."""
    assert told(verdicts, field, "spurious") == []


@each_field
def test_as_many_figures_are_found_as_before(verdicts: list[Verdict], field: str) -> None:
    """The floor only rises."""
    right = sum(v.field == field and v.verdict == "right" for v in verdicts)
    assert right >= FOUND[field], told(verdicts, field, "missing")


@each_release
def test_every_figure_belongs_to_the_quarter_or_to_the_year(
    documents: dict[str, Read], truth: dict[str, Any]
) -> None:
    """Periods end where the document says they end; a year only where it reports one."""
    for claim in documents[truth["file"]].verified.claims:
        if isinstance(claim, Figure):
            assert claim.period.kind in (PeriodKind.QUARTER, PeriodKind.YEAR)
            assert claim.period.end == date.fromisoformat(truth["period_end"]), claim
            assert claim.period.kind is PeriodKind.QUARTER or "Q4" in truth["issuer_period"]


# ---- the document itself ---------------------------------------------------------------------


@each_release
def test_a_release_is_taken_for_one(documents: dict[str, Read], truth: dict[str, Any]) -> None:
    """However it is laid out, a quarter's results are results."""
    document = documents[truth["file"]]
    assert document.answer.is_results, document.answer.notes
    assert document.facts.issuer_name.startswith(truth["company"])


@each_release
def test_the_quarter_is_not_called_by_another_years_name(
    documents: dict[str, Read], truth: dict[str, Any]
) -> None:
    """A label may leave the year out; one that names last year's quarter is wrong."""
    period = documents[truth["file"]].facts.period
    assert period is not None
    named = {word[-2:] for word in period.label.replace("FY", " ").split() if word[-2:].isdigit()}
    assert named <= {truth["issuer_period"][-2:]}, period.label


def test_tickers_are_right_where_they_are_found(documents: dict[str, Read]) -> None:
    """A company is known by its ticker."""
    pairs = [(documents[truth["file"]].facts.ticker, truth["ticker"]) for truth in RELEASES]
    assert [pair for pair in pairs if pair[0] not in (None, pair[1])] == []
    assert sum(found == right for found, right in pairs) >= TICKERS_FOUND


@pytest.mark.parametrize("path", NEGATIVES, ids=lambda path: path.stem)
def test_other_announcements_are_no_results(path: Path) -> None:
    """A dividend, an officer, an offering, an opening or a month's sales report no quarter,
    however many figures of one they recall."""
    document = analysed(path)
    assert not document.answer.is_results
    assert document.verified.claims == ()
    assert document.answer.notes


# ---- guidance --------------------------------------------------------------------------------


def is_meant(claim: Guidance, truth: dict[str, Any]) -> bool:
    """The same metric with the same ends."""
    ends = [None if truth[end] is None else Decimal(str(truth[end])) for end in ("low", "high")]
    metric = claim.metric.value
    if truth["metric"] == "eps":
        named = metric in ("eps_diluted", "eps_adjusted")
    else:
        named = metric in _METRICS.get(truth["metric"], {truth["metric"]})
    return named and [claim.low, claim.high] == ends


def faults(claim: Guidance, truth: dict[str, Any]) -> Iterator[str]:
    """What a claim says otherwise than the document."""
    if claim.action is not GuidanceAction(truth["action"]):
        yield f"{claim.action} instead of {truth['action']}"
    if truth["metric"] == "eps":
        adjusted = truth["basis"] == "non-GAAP"
        if (claim.metric.value == "eps_adjusted") != adjusted:
            yield f"{claim.metric} of {truth['basis'] or 'unstated'} basis"
    end = claim.period.end
    if end is not None and abs(end - date.fromisoformat(truth["period_end"])) > _PLAY:
        yield f"for a period ending {end}, which is {truth['period']} ({truth['period_end']})"


def paired(
    claims: list[Guidance], truths: list[dict[str, Any]]
) -> tuple[list[tuple[Guidance, dict[str, Any]]], list[Guidance]]:
    """Claims with what they claim, those with the fewest faults first; and the others."""
    left = list(claims)
    pairs = []
    for truth in truths:
        fitting = [claim for claim in left if is_meant(claim, truth)]
        if fitting:
            best = min(fitting, key=lambda claim: len(list(faults(claim, truth))))
            left.remove(best)
            pairs.append((best, truth))
    return pairs, left


@each_release
def test_no_guidance_is_wrong(documents: dict[str, Read], truth: dict[str, Any]) -> None:
    """Metric, ends, move, basis and period are the issuer's, or nothing is said."""
    pairs, others = paired(documents[truth["file"]].guidance, truth["guidance"])
    wrong = [(t["metric"], *faults(c, t)) for c, t in pairs if any(faults(c, t))]
    assert wrong == []
    assert [(c.metric.value, c.low, c.high, c.period.label) for c in others] == []


def test_as_much_guidance_is_found_as_before(documents: dict[str, Read]) -> None:
    """The floor only rises."""
    right: Counter[str] = Counter()
    for truth in RELEASES:
        pairs, _ = paired(documents[truth["file"]].guidance, truth["guidance"])
        right[truth["file"]] = sum(not any(faults(c, t)) for c, t in pairs)
    assert right.total() >= GUIDANCE_FOUND, dict(right)


# ---- the corpus ------------------------------------------------------------------------------


def test_every_document_has_its_truth() -> None:
    """No release lies about unjudged, none is judged that is not there."""
    there = {f"releases/{path.name}" for path in (CORPUS / "releases").iterdir()}
    assert there == {truth["file"] for truth in RELEASES}
    assert len(there) >= 24
    assert len(NEGATIVES) >= 5
