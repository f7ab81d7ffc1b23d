"""Composing: sorted, cited, honest about what is missing."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnings.reports.facts import (
    ReplacedFiling,
    Reporter,
    UnreadDocument,
    WeekFacts,
    WithheldFact,
)
from earnings.reports.report import WeeklyReport, as_json
from earnings.reports.unseen import SHOWN_UNSEEN
from earnings.reports.weekly import SHOWN_MOVES, compose
from earnings.vocabulary import GuidanceAction, Metric, Theme, Unit
from tests.unit.earnings.reports.week_facts import (
    MADE_AT,
    WEEK,
    busy_week,
    figure,
    guidance,
    quote,
    source,
)

EMPTY = WeekFacts(week=WEEK, made_at=MADE_AT)


def shown_ids(report: WeeklyReport) -> set[int]:
    ids = set(report.headline_evidence)
    ids |= {one for line in report.summary for one in line.evidence}
    ids |= {one for number in report.numbers for one in number.evidence}
    ids |= {one for move in report.moves for one in move.evidence}
    ids |= {one for theme in report.themes for one in theme.evidence}
    ids |= {one for words in report.words for one in words.evidence}
    for gap in report.gaps:
        ids |= {gap.inventory.evidence_id, gap.sales.evidence_id, *gap.before_evidence}
    return ids


def test_the_four_numbers() -> None:
    """Companies, moves and how many down, claims and how many hold, the median of comps."""
    values = [(one.value, one.label) for one in compose(busy_week()).numbers]
    assert values == [
        ("7", "companies reported"),
        ("5", "guidance moves, 3 down"),
        ("31", "claims, 93% verified"),
        ("+0.4%", "comparable sales, median of 7"),
    ]


def test_an_even_median_rests_on_both_middle_figures() -> None:
    """Each of the two is cited."""
    facts = replace(busy_week(), reporters=busy_week().reporters[:4])
    number = compose(facts).numbers[-1]
    assert number.value == "+0.8%"
    assert len(number.evidence) == 2


def test_what_nobody_stated_is_said_not_zero() -> None:
    """A missing number is a dash with its reason."""
    facts = replace(EMPTY, reporters=(Reporter("A", "A"),))
    number = compose(facts).numbers[-1]
    assert (number.value, number.label) == ("–", "comparable sales, not stated")


def test_every_shown_evidence_id_has_its_source() -> None:
    """No citation leads nowhere, and no source is listed without being cited."""
    report = compose(busy_week())
    assert {one.evidence_id for one in report.sources} == shown_ids(report)
    assert [one.evidence_id for one in report.sources] == sorted(shown_ids(report))


def test_rows_without_evidence_do_not_exist() -> None:
    """Each move, theme and quote carries at least one id."""
    report = compose(busy_week())
    assert all(move.evidence for move in report.moves)
    assert all(theme.evidence for theme in report.themes)
    assert all(words.evidence for words in report.words)


def test_only_the_largest_moves_are_listed_and_the_rest_counted() -> None:
    """A long list is cut and says of how many."""
    rows = tuple(
        guidance(
            number,
            Metric.EPS_ADJUSTED,
            Unit.USD_PER_SHARE,
            f"100 100 {100 + number} {100 + number}",
            GuidanceAction.RAISED,
            ticker=f"T{number}",
        )
        for number in range(1, 31)
    )
    report = compose(replace(busy_week(), guidance=rows))
    assert (len(report.moves), report.moves_of) == (SHOWN_MOVES, 30)
    assert report.moves[0].company == "T30"


def test_themes_count_companies_not_mentions() -> None:
    """One talkative company is one; the four-week average stands beside it."""
    rows = tuple(quote(number, Theme.TARIFFS, f"Words {number}") for number in range(1, 6))
    rows += (quote(9, Theme.WAGES, "Other", ticker="KLTR"),)
    report = compose(replace(busy_week(), quotes=rows))
    first, second = report.themes
    assert (first.name, first.companies, first.before) == ("Tariffs", 1, Decimal("1.5"))
    assert (second.name, second.companies, second.before) == ("Wages", 1, None)
    assert first.evidence == (1,)


def test_quotes_are_whole_and_one_a_company() -> None:
    """Named speakers first; what is too short or too long is left out, never shortened."""
    long_words = "word " * 100
    rows = (
        quote(1, Theme.TARIFFS, "Too short."),
        quote(2, Theme.TARIFFS, long_words, "Somebody, CEO", ticker="A"),
        quote(3, Theme.TARIFFS, "A sentence without a speaker, long enough to be read."),
        quote(4, Theme.WAGES, "A sentence with a speaker, which is long enough too.", "P. Quist"),
        quote(5, Theme.WAGES, "Another company's sentence which is long enough.", ticker="KLTR"),
    )
    found = compose(replace(busy_week(), quotes=rows)).words
    assert [one.evidence for one in found] == [(4,), (5,)]
    assert found[0].byline == "P. Quist, Northgate Stores. Wages."


@pytest.mark.parametrize(
    ("stated", "shown"),
    [
        ("We bought for a tariff that moved twice this year.", "“{}”"),
        ("We bought for our customers’ sake, and for our shareholders'", "“{}”"),
        ('"We bought for a tariff," she said, "that moved twice."', "{}"),
        ("“We bought for a tariff that moved twice,” continued Quell.", "{}"),
    ],
)
def test_a_quote_stands_in_one_pair_of_marks(stated: str, shown: str) -> None:
    """The report puts them; marks inside a quote are the document's, and all there are."""
    rows = (quote(1, Theme.TARIFFS, stated),)
    text = compose(replace(busy_week(), quotes=rows)).words[0].text
    assert text == shown.format(stated)


@pytest.mark.parametrize("marks", ["“{}”", '"{}"', "“{}", "{}”", '"{}'])
def test_marks_at_the_ends_are_made_a_pair(marks: str) -> None:
    """A sentence cut out of a longer quote has lost one of its own."""
    words = "We bought for a tariff that moved twice this year."
    rows = (quote(1, Theme.TARIFFS, marks.format(words)),)
    assert compose(replace(busy_week(), quotes=rows)).words[0].text == f"“{words}”"


def test_quotes_speak_of_different_themes_where_they_can() -> None:
    """And of the same one where there is no other."""
    long_words = "words enough to be worth reading as a quote."
    rows = tuple(
        quote(number, theme, f"{theme} {long_words}", ticker=f"T{number}")
        for number, theme in enumerate([Theme.TARIFFS] * 3 + [Theme.WAGES], start=1)
    )
    found = compose(replace(busy_week(), quotes=rows)).words
    assert [one.evidence[0] for one in found] == [1, 4, 2]


def test_what_could_not_be_seen_is_listed() -> None:
    """Sources off, companies not scanned, documents not read, claims withheld, rules alone."""
    facts = replace(busy_week(), scanned=38, degraded=2)
    text = "\n".join(compose(facts).unseen)
    assert "claude is off: no API key: set ANTHROPIC_API_KEY" in text
    assert "2 of 40 watched companies could not be looked at" in text
    assert "Grenway, 8-K of 19 November: the PDF holds no text." in text
    assert "2 claims withheld" in text
    assert "Kelter Foods, adjusted EPS 3.10: its number is not in the sentence." in text
    assert "2 documents read by rules alone" in text


def test_a_long_list_of_failures_is_cut_and_counted() -> None:
    """Three hundred broken files do not bury the report."""
    many = tuple(WithheldFact("A", f"claim {number}", "no") for number in range(300))
    lines = compose(replace(EMPTY, withheld=many)).unseen
    assert len(lines) == SHOWN_UNSEEN + 2
    assert lines[0].startswith("300 claims withheld")
    assert lines[-1] == f"And {300 - SHOWN_UNSEEN} more."


def test_a_quiet_week_stays_short() -> None:
    """A headline, what was not seen, the foot; no empty tables, no zeros."""
    report = compose(replace(EMPTY, watched=40, scanned=40))
    assert report.quiet
    assert (report.numbers, report.gaps, report.moves, report.sources) == ((), (), (), ())
    assert report.unseen == ()
    assert report.foot


def test_samples_alone_are_reported_and_marked_everywhere() -> None:
    """Headline, every company name, the foot."""
    report = compose(busy_week(is_sample=True))
    assert report.samples_only
    assert report.headline.startswith("Sample data")
    companies = [gap.company for gap in report.gaps] + [move.company for move in report.moves]
    assert all(name.endswith("(sample)") for name in companies)
    assert all("(sample)" in one.byline for one in report.words)
    assert all("(sample)" in one.document for one in report.sources)
    assert "Sample data: companies and numbers are invented." in report.foot


def test_samples_never_mix_with_real_companies() -> None:
    """In a week with a real report the samples are left out of every count, and that is said."""
    real, sample = busy_week(), busy_week(is_sample=True)
    mixed = replace(
        real,
        reporters=real.reporters + tuple(replace(one, ticker="S") for one in sample.reporters),
        figures=real.figures + sample.figures,
        guidance=real.guidance + sample.guidance,
        quotes=real.quotes + sample.quotes,
        withheld=real.withheld + sample.withheld,
        unread=real.unread + sample.unread,
    )
    report, alone = compose(mixed), compose(real)
    assert not report.samples_only
    assert report.numbers == alone.numbers
    assert report.moves == alone.moves
    assert report.unseen == (*alone.unseen, "7 sample companies left out.")


def test_a_week_with_only_unread_samples_is_quiet() -> None:
    """A broken sample is no news about the world."""
    report = compose(replace(EMPTY, unread=(UnreadDocument("S", "s.pdf", "broken", True),)))
    assert report.quiet
    assert report.unseen == ()


def test_hostile_words_become_harmless_lines() -> None:
    """Control characters, direction marks and links that are none do not get through."""
    words = "Line one\nLine two \x1b[31m\u202ered, and long enough to be shown as a quote."
    row = replace(
        quote(1, Theme.TARIFFS, words, "Eve\u202e\n<b>"),
        source=replace(source(1, words), url="javascript:alert(1)", document="a\nb"),
    )
    report = compose(replace(busy_week(), quotes=(row,)))
    text = report.words[0].text + report.words[0].byline + str(report.sources)
    assert not set(text) & set("\x1b\u202e\n")
    assert [one.url for one in report.sources if one.evidence_id == 1] == [""]


def test_composing_is_a_function_of_the_facts() -> None:
    """The same facts give the same report, and the same facts in another order too."""
    facts = busy_week()
    turned = replace(
        facts,
        figures=facts.figures[::-1],
        guidance=facts.guidance[::-1],
        quotes=facts.quotes[::-1],
    )
    one, other = compose(facts), compose(turned)
    assert (one.gaps, one.moves, one.numbers, one.words) == (
        other.gaps,
        other.moves,
        other.numbers,
        other.words,
    )


def test_the_report_is_json() -> None:
    """Exact numbers as text, times in ISO form, the week by its key."""
    plain = json.loads(json.dumps(as_json(compose(busy_week()))))
    assert plain["week"] == "2026-W47"
    assert plain["made_at"] == "2026-11-23T13:00:00+00:00"
    assert plain["gaps"][0]["points"] == "6.4"
    assert plain["moves"][0]["tone"] == "bad"


_number = st.decimals(-(10**12), 10**12, allow_nan=False, places=2)
_figure = st.builds(
    lambda number, metric, value, prior, ticker, unit: replace(
        figure(number, metric, "0", ticker=ticker, unit=unit), value=value, prior=prior
    ),
    st.integers(1, 50),
    st.sampled_from(list(Metric)),
    _number,
    st.none() | _number,
    st.sampled_from(["A", "B", "C"]),
    st.sampled_from(list(Unit)),
)


@given(st.lists(_figure, max_size=12), st.integers(0, 3))
def test_any_figures_make_a_report(figures: list[object], reporters: int) -> None:
    """No combination of values raises, and every id shown has a source."""
    facts = replace(
        EMPTY,
        reporters=tuple(Reporter(name, name) for name in "ABC"[:reporters]),
        figures=tuple(figures),  # type: ignore[arg-type]
    )
    report = compose(facts)
    assert {one.evidence_id for one in report.sources} == shown_ids(report)


def test_a_replaced_filing_is_named_with_the_one_that_counts() -> None:
    """Nobody wonders where a release of the week went."""
    reason = "amended by LARCH STORES: 8-K/A of 2026-11-18, results"
    gone = ReplacedFiling("Larch", "LARCH STORES: 8-K of 2026-11-18, results", reason)
    report = compose(replace(busy_week(), replaced=(gone,)))
    assert "1 filing left out, another one counts." in report.unseen
    assert any(reason in line for line in report.unseen)
