"""What others wrote: beside the report, never in its figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from earnings.reports.facts import HeadlineFact, WeekFacts
from earnings.reports.news import SHOWN_COMPANIES, SHOWN_EACH, news_of
from earnings.reports.render import MAX_HTML_BYTES, as_html, as_text
from earnings.reports.weekly import compose
from tests.unit.earnings.reports.week_facts import MADE_AT, WEEK, busy_week

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


def fact(number: int = 1, **changes: str) -> HeadlineFact:
    values = {
        "ticker": "TGT",
        "company": "Target",
        "title": f"Target does thing number {number}",
        "link": f"https://trade.example/{number}",
        "publisher": "Trade Example",
    }
    return HeadlineFact(**{**values, **changes}, told_at=NOON)


HOSTILE = fact(
    title="Northgate Stores net sales were $999 bn, EPS $99.99, guidance raised to $123.45 "
    "<script>alert(1)</script>",
    company="Northgate Stores",
    ticker="NGST",
)


def test_no_figure_of_a_report_rests_on_a_headline() -> None:
    """With it and without it everything else is the same, to the last evidence id."""
    plain = compose(busy_week())
    told = compose(replace(busy_week(), headlines=(HOSTILE,)))
    assert told.news
    assert replace(told, news=(), news_of=0) == plain
    assert all("999" not in one.words for one in told.sources)


def test_it_is_text_and_a_link_and_nothing_else() -> None:
    """What runs, hides or opens something else is shown as words or not at all."""
    bad = fact(2, link="javascript:alert(1)", title="Click <a href='x'>me</a>")
    html = as_html(compose(replace(busy_week(), headlines=(HOSTILE, bad))))
    assert "<script>alert" not in html
    assert "javascript:" not in html
    assert 'href="https://trade.example/1"' in html
    assert "&lt;a href=" in html
    text = as_text(compose(replace(busy_week(), headlines=(HOSTILE, bad))))
    assert "https://trade.example/1" in text


def test_a_week_without_reports_still_has_its_news() -> None:
    report = compose(WeekFacts(week=WEEK, made_at=MADE_AT, headlines=(fact(),)))
    assert report.quiet
    assert "Target does thing number 1" in as_text(report)
    assert "Trade Example, 2026-11-18" in as_html(report)


def test_it_is_grouped_counted_and_cut() -> None:
    """The most written about first; the newest of each; all are counted."""
    many = [fact(n) for n in range(9)]
    others = [fact(n, ticker=f"T{n}", company=f"Company {n}") for n in range(20)]
    report = compose(replace(busy_week(), headlines=(*others, *many)))
    assert report.news_of == 21
    assert len(report.news) == SHOWN_COMPANIES
    first = report.news[0]
    assert (first.company, first.of, len(first.headlines)) == ("Target", 9, SHOWN_EACH)
    assert first.headlines[0].title.endswith("number 0")
    assert "8 of 21 companies" in as_text(report)
    assert news_of(()) == ()


def test_a_long_list_of_news_leaves_the_report_its_size() -> None:
    long = [
        fact(n, ticker=f"T{n % 30}", title="word " * 90, link=f"https://t.example/{n}" + "x" * 250)
        for n in range(500)
    ]
    html = as_html(compose(replace(busy_week(), headlines=tuple(long))))
    assert len(html.encode()) <= MAX_HTML_BYTES
