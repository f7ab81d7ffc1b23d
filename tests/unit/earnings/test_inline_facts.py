"""The figures tagged in a 10-Q itself: what each is worth, whose it is, and what is left alone."""

from __future__ import annotations

import contextlib
import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnings.filed_facts import FiledFact, GarbledFacts, settled
from earnings.inline_facts import Filed, read_inline
from earnings.vocabulary import Unit
from tests.tagged import CIK, page, tagged

REPORT = Filed(CIK, "10-Q", "0001990001-26-000060", date(2026, 11, 20))


def facts(*marks: str, more: str = "") -> list[FiledFact]:
    return read_inline(page(*marks, more=more), REPORT)


def value(text: str, **attributes: str) -> Decimal | None:
    """What one tagged number is worth, None if nothing is believed of it."""
    found = facts(tagged("NetIncomeLoss", text, **attributes))
    return found[0].value if found else None


def test_a_figure_is_told_by_its_tag_its_days_and_its_report() -> None:
    """A quarter, half a year and a day, in dollars and dollars per share."""
    found = facts(
        tagged("NetIncomeLoss", "61.2"),
        tagged("NetIncomeLoss", "90.5", context="half"),
        tagged("InventoryNet", "412", context="day"),
        tagged("EarningsPerShareDiluted", "1.10", unit="usdPerShare", scale="0"),
    )
    assert [(one.tag, one.unit, one.start, one.end, one.value) for one in found] == [
        ("NetIncomeLoss", Unit.USD, date(2026, 5, 3), date(2026, 8, 1), Decimal("61200000")),
        ("NetIncomeLoss", Unit.USD, date(2026, 2, 1), date(2026, 8, 1), Decimal("90500000")),
        ("InventoryNet", Unit.USD, None, date(2026, 8, 1), Decimal("412000000")),
        ("EarningsPerShareDiluted", Unit.USD_PER_SHARE, date(2026, 5, 3), date(2026, 8, 1),
         Decimal("1.10")),
    ]  # fmt: skip
    assert {(one.form, one.accession, one.filed, one.is_derived) for one in found} == {
        ("10-Q", REPORT.accession, REPORT.filed, False)
    }


@pytest.mark.parametrize(
    ("text", "attributes", "worth"),
    [
        ("1,234.5", {"scale": "6"}, "1234500000"),
        ("1,234.5", {"scale": "6", "format": ""}, "1234500000"),
        ("2.8", {"scale": "6", "sign": "-"}, "-2800000"),
        ("161.6", {"scale": "9"}, "161600000000"),
        ("42", {"scale": "-2"}, "0.42"),
        ("1.234,5", {"scale": "3", "format": "ixt:num-comma-decimal"}, "1234500"),
        ("1.234,5", {"scale": "3", "format": "ixt:numcommadecimal"}, "1234500"),
        ("—", {"format": "ixt:fixed-zero"}, "0"),
        ("—", {"format": "ixt:zerodash"}, "0"),
        ("1 <b>234</b>", {"scale": "0"}, "1234"),
        ("1&#160;234", {"scale": "0"}, "1234"),
        ("—", {}, None),
        ("no", {"format": "ixt-sec:numwordsen"}, None),
        ("5", {"format": "ixt:num-unit-decimal"}, None),
        ("5", {"scale": "99"}, None),
        ("5", {"scale": "six"}, None),
        ("5", {"sign": "minus"}, None),
        ("5", {"xsi:nil": "true"}, None),
        ("9" * 60, {}, None),
        ("1e5", {}, None),
    ],
)  # fmt: skip
def test_a_number_is_worth_what_its_format_scale_and_sign_say(
    text: str, attributes: dict[str, str], worth: str | None
) -> None:
    """In digits as they stand, never as a float; nothing is guessed of what is not known."""
    assert value(text, **attributes) == (Decimal(worth) if worth is not None else None)


@pytest.mark.parametrize("context", ["segment", "subsidiary", "nowhere", "garbled"])
def test_what_is_not_the_companys_own_is_left_alone(context: str) -> None:
    """A segment's, that of another company which files along, and what has no days."""
    assert facts(tagged("NetIncomeLoss", "5", context=context)) == []


@pytest.mark.parametrize("unit", ["eur", "shares", "eurPerShare", "nothing"])
def test_other_units_are_left_alone(unit: str) -> None:
    assert facts(tagged("NetIncomeLoss", "5", unit=unit)) == []


def test_tags_that_stand_for_no_metric_are_left_alone() -> None:
    """One of the company's own of the same name too."""
    with pytest.raises(GarbledFacts, match="none of its figures is tagged"):
        facts(tagged("Assets", "5"), tagged("NetIncomeLoss", "5", name="wmt:NetIncomeLoss"))


def test_of_what_stands_several_times_the_most_precise_counts() -> None:
    """ "$161.6 billion" in the text, 161,632 in the table."""
    told = tagged("Revenues", "161.6", scale="9", decimals="-8")
    table = tagged("Revenues", "161,632", scale="6", decimals="-6")
    exact = tagged("Revenues", "161,632,000,001", scale="0", decimals="INF")
    for marks, worth in (((told, table), 161_632_000_000), ((table, told), 161_632_000_000),
                         ((exact, table), 161_632_000_001)):  # fmt: skip
        (one,) = facts(*marks)
        assert one.value == worth


def test_a_figure_within_a_figure_is_both() -> None:
    """One number may stand for two tags: one mark round the other."""
    inner = tagged("ProfitLoss", "7.5")
    outer = tagged("NetIncomeLoss", inner)
    assert {(one.tag, one.value) for one in facts(outer)} == {
        ("ProfitLoss", Decimal("7500000")), ("NetIncomeLoss", Decimal("7500000"))
    }  # fmt: skip


def test_what_companyfacts_says_later_takes_its_place() -> None:
    """Filed on the same day or later, under the same report, worked-out quarters are worked out
    anew of what there is then."""
    (early,) = facts(tagged("NetIncomeLoss", "61.2"))
    later = FiledFact("NetIncomeLoss", Unit.USD, early.start, early.end, Decimal(61_000_000),
                      "10-Q/A", "0001990001-26-000099", date(2026, 12, 1))  # fmt: skip
    derived = FiledFact("Revenues", Unit.USD, early.start, early.end, Decimal(1), "10-K",
                        "x", date(2026, 12, 1), is_derived=True)  # fmt: skip
    assert settled([early, later, derived]) == [later]


@pytest.mark.parametrize("content", [b"", b"<html><p>Item 2</p></html>", b"\xff\xfe", b"{}"])
def test_a_page_without_tags_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(GarbledFacts):
        read_inline(content, REPORT)


def test_entities_are_neither_followed_nor_expanded() -> None:
    """A report is data: it opens no file and grows no larger than it is."""
    bomb = "".join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 10}">' for n in range(1, 12))
    head = f'<!DOCTYPE html [<!ENTITY b0 "x">{bomb}<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    content = head.encode() + page(tagged("NetIncomeLoss", "5"), more="<p>&b11; &f; &nbsp;</p>")
    began = time.process_time()
    with contextlib.suppress(GarbledFacts):
        assert [one.value for one in read_inline(content, REPORT)] == [Decimal(5_000_000)]
    assert time.process_time() - began < 1


def test_a_page_that_is_not_quite_xml_is_read_all_the_same() -> None:
    """An entity of HTML, a mark that was left open."""
    (one,) = facts(tagged("NetIncomeLoss", "5"), more="<p>Sales&nbsp;rose &amp; fell<br></p>")
    assert one.value == 5_000_000


@given(st.binary(max_size=300), st.integers(0, 4000))
def test_whatever_comes_it_is_read_or_said_to_be_garbled(noise: bytes, at: int) -> None:
    """Noise anywhere in a report raises nothing else, and no number that is none comes of it."""
    content = page(tagged("NetIncomeLoss", "61.2"))
    with contextlib.suppress(GarbledFacts):
        for one in read_inline(content[:at] + noise + content[at:], REPORT):
            assert one.value.is_finite()
