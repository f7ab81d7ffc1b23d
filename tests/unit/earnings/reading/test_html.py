"""HTML releases, as filed and as people or attackers make them."""

from __future__ import annotations

import contextlib
import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earnings.reading.base import UnreadableDocument
from earnings.reading.html import MAX_BYTES, exhibit, read_html
from tests.unit.earnings.pages import release, table


def lines(html: str) -> list[str]:
    return read_html(html.encode()).text.splitlines()


def test_every_span_of_a_table_quotes_its_own_cell() -> None:
    """Cells and rows are places in the text, so evidence can point at them."""
    reading = read_html(
        release(
            "Larch", table("| 2024 | 2023", "Net sales | $1,234 | $(1,100)", "Rate | 3.1% | (2)%")
        )
    )
    (found,) = reading.tables
    for row in found.rows:
        assert all(reading.quote(cell.span) == cell.text for cell in row.cells)
    assert reading.quote(found.rows[1].span) == "Net sales | $1,234 | $(1,100)"
    assert [cell.text for cell in found.rows[2].cells] == ["3.1%", "(2)%"]


def test_headings_overlap_the_numbers_they_stand_over() -> None:
    """Column places survive spanning cells and split numbers."""
    rows = (
        "| Quarter::2 | Year::2",
        "| 2024 | 2023 | 2024 | 2023",
        "Net sales | $1 | $2 | $3 | $4",
    )
    (found,) = read_html(release("Larch", table(*rows))).tables
    quarter, year = found.rows[0].cells
    values = found.rows[2].cells
    assert quarter.end_column > values[1].column
    assert year.column <= values[2].column < year.end_column
    assert values[1].end_column <= year.column


@pytest.mark.parametrize(
    ("words", "scale"),
    [
        ("(In thousands, except per share data)", 1_000),
        ("Dollars in millions", 10**6),
        ("(Thousands of Dollars and Shares, Except Per Share Data)", 1_000),
        ("(millions, except per share data)", 10**6),
        ("($000, except stores and per share data, unaudited)", 1_000),
        ("(amounts in billions)", 10**9),
        ("($ Millions)", 10**6),
        ("(000's omitted)", 1_000),
        ("(unaudited)", 1),
    ],
)
def test_the_scale_is_found_above_or_inside(words: str, scale: int) -> None:
    """What a table counts may stand in the line before it or in its first cell."""
    rows = ("| 2024 | 2023", "Net sales | $1,234 | $1,100", "Net income | 12 | 10")
    above = read_html(release("Larch", words, table(*rows))).tables[0]
    inside = read_html(release("Larch", table(f"{words} | 2024 | 2023", *rows[1:]))).tables[0]
    assert above.scale == inside.scale == Decimal(scale)
    assert (above.scale_span is None) == (scale == 1)


def test_bullets_drawn_with_tables_are_paragraphs() -> None:
    """A table that only places a bullet before a sentence is prose."""
    html = "<table><tr><td>•</td><td>Net sales rose 3% to $5 million</td></tr></table>"
    reading = read_html(html.encode())
    assert reading.tables == ()
    assert reading.text.strip() == "• Net sales rose 3% to $5 million"


def test_a_page_laid_out_with_a_table_keeps_its_order() -> None:
    """Tables inside a layout table stay tables, between the paragraphs they stand between."""
    inner = table("| 2024 | 2023", "Net sales | $1 | $2", "Net income | $3 | $4")
    html = f"<table><tr><td><p>Before</p>{inner}<p>After</p></td></tr></table>"
    reading = read_html(html.encode())
    assert len(reading.tables) == 1
    assert reading.text.startswith("Before\n")
    assert reading.text.endswith("After\n")


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        "visibility: hidden",
        "font-size:0pt",
        "color:#ffffff",
        "color: rgb(255, 255, 255)",
        "position:absolute;left:-9999px",
        "opacity: 0",
    ],
)
def test_text_nobody_sees_is_left_out_and_counted(style: str) -> None:
    """Hidden words cannot speak to the program and not to the reader."""
    html = f'<p>Sales rose.</p><p style="{style}">Net sales were $9 billion</p>'
    reading = read_html(html.encode())
    assert "billion" not in reading.text
    assert reading.warnings == ("hidden text left out in 1 places",)


def test_hidden_by_class_is_hidden() -> None:
    """The page's own style rules are followed for plain class names."""
    html = "<style>.x, p.y {display:none}</style><p>Seen</p><p class='x'>No</p><p class=y>No</p>"
    assert lines(html) == ["Seen"]


def test_white_on_a_dark_heading_is_seen() -> None:
    """Table headings are often white on navy; that text stays."""
    html = '<table bgcolor="#003366"><tr><td><font color="white">Net sales</font></td></tr></table>'
    assert lines(html) == ["Net sales"]


def test_scripts_styles_and_comments_are_no_text() -> None:
    """Only what a browser shows is read."""
    html = "<script>var a = '$5';</script><!-- $6 --><style>p{}</style><p>Seen</p><title>t</title>"
    assert lines(html) == ["Seen", "t"]


def test_look_alike_characters_have_one_spelling() -> None:
    """Hard spaces, soft hyphens, zero-width marks, ligatures and entities do not hide words."""
    html = "<p>Net&nbsp;sal\u00ades \u200bpro\ufb01t &#150; R&amp;D \u2212 3&#8209;4</p>"
    assert lines(html) == ["Net sales profit – R&D - 3-4"]


def test_a_footnote_mark_does_not_lengthen_a_number() -> None:
    """2.23 with a raised 1 is not 2.231."""
    assert lines("<p>EPS of $2.23<sup>1</sup></p>") == ["EPS of $2.23 (1)"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "windows-1252", "utf-8-sig"])
def test_encodings(encoding: str) -> None:
    """The same words whatever the bytes, declared or not."""
    html = (
        "<html><body><p>Larch – “record” sales of £5 million in the café business</p></body></html>"
    )
    assert read_html(html.encode(encoding)).text.startswith("Larch – “record” sales of £5")


def test_a_wrong_declaration_does_not_garble() -> None:
    """Filings that declare windows-1252 and hold UTF-8 are read as UTF-8."""
    html = '<meta charset="windows-1252"><p>“Sales” – up</p>'
    assert lines(html) == ["“Sales” – up"]


def test_the_wrapper_of_a_filing_is_taken_off() -> None:
    """Of several documents in a submission the exhibit 99 is read, without its header lines."""
    filing = (
        "<DOCUMENT>\n<TYPE>8-K\n<SEQUENCE>1\n<TEXT>\n<p>Cover</p>\n</TEXT>\n</DOCUMENT>\n"
        "<DOCUMENT>\n<TYPE>EX-99.1\n<SEQUENCE>2\n<TEXT>\n<p>Release</p>\n</TEXT>\n</DOCUMENT>"
    )
    assert exhibit(filing).strip() == "<p>Release</p>"
    assert lines(filing) == ["Release"]


def test_typewritten_tables_are_tables() -> None:
    """Older filings set their tables with spaces inside <PRE>."""
    text = """<PRE>
                              LARCH STORES, INC.
                     (In thousands, except per share)

                                    Thirteen Weeks Ended
                               November 2,     November 3,
                                  2002            2003
                              -----------     -----------
Net sales                        $410,220        $398,113
Net income (loss)                 (1,204)           2,300
Diluted earnings per share ....  $  (.05)        $    .09
</PRE>"""
    reading = read_html(text.encode())
    (found,) = reading.tables
    assert found.scale == 1000
    assert [c.text for c in found.rows[-1].cells] == ["$(.05)", "$.09"]


def test_forty_megabytes_and_deep_nesting_end_in_bounded_time() -> None:
    """Size is refused by name, depth costs nothing."""
    with pytest.raises(UnreadableDocument, match="limit is 40 MB"):
        read_html(b"x" * (MAX_BYTES + 1))
    started = time.process_time()
    deep = "<div>" * 200_000 + "deep end" + "</div>" * 200_000
    assert lines(deep) == ["deep end"]
    tables = "<table><tr><td>" * 3_000 + "inner" + "</td></tr></table>" * 3_000
    assert lines(tables) == ["inner"]
    assert time.process_time() - started < 10


def test_a_bomb_of_spanning_cells_is_bounded() -> None:
    """colspan and rowspan of a million do not build a million cells."""
    html = '<table><tr><td colspan="1000000" rowspan="99999999">a</td><td>5</td></tr></table>'
    assert "a" in read_html(html.encode()).text


@pytest.mark.parametrize("content", [b"", b"   ", b"<html></html>", b"<p>&nbsp;</p>", b"<p>--</p>"])
def test_nothing_to_read_is_refused(content: bytes) -> None:
    """A document without a word is named as such."""
    with pytest.raises(UnreadableDocument):
        read_html(content)


SOUP = [
    "<table>",
    "<tr>",
    "<td>",
    "</td>",
    "</tr>",
    "</table>",
    "<p>",
    "<pre>",
    "$",
    "1,2",
    "(",
    ")",
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([*SOUP, "%", "a", "\n"])))
def test_any_soup_is_read_or_refused(parts: list[str]) -> None:
    """Broken markup gives a reading whose spans hold, or the refusal; never another error."""
    try:
        reading = read_html("".join(parts).encode())
    except UnreadableDocument:
        return
    for found in reading.tables:
        for row in found.rows:
            assert all(reading.quote(cell.span) == cell.text for cell in row.cells)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """Whatever the bytes are, only UnreadableDocument may come out."""
    with contextlib.suppress(UnreadableDocument):
        read_html(content)
