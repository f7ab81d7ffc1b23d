"""What a release only expects: a figure never comes from guidance.

Guidance looks like a report wherever its verb stands elsewhere: in the sentence before, in the
line that opens a list, in the heading of a section, a table or a column.
"""

from __future__ import annotations

import re

from earnings.keyed import Keyed
from earnings.reading.base import Reading, Table
from earnings.reading.guidance_prose import guided_prose
from earnings.reading.guidance_tables import is_outlook
from earnings.reading.guidance_words import names_outlook
from earnings.reading.ranges import find_ranges
from earnings.regexes import lazy_regex
from earnings.sentences import line_at
from earnings.vocabulary import Span, Unit

_EXPECTED = Keyed(
    "expect outlook guid anticipat forecast project assum estimate plan will would could "
    "might may target should next rais reaffirm reiterat narrow see looking range remainder",
    r"\b(?:expect(?:s|ed|ing|ations?)?|outlook|guid(?:ance|es|ed|ing)|anticipat\w+|forecast\w*|"
    r"projected|projecting|projections?|(?:company|we|it|management|now|currently)\s+projects|"
    r"assum(?:e|es|ed|ing|ptions?)\b|estimates?|estimated|plans?\s+(?:to|for)|planning|planned|"
    r"will|would|could|might|may\s+be|targets?|targeting|targeted|should|next\s+year|"
    r"raises?|raising|reaffirm\w*|reiterat\w+|narrow(?:s|ing)|(?:now|currently)\s+sees?|"
    r"(?:company|we|it)\s+sees?|looking\s+(?:ahead|forward)|"
    r"(?:in\s+(?:a|the)|full[-\s]year)\s+range|remainder\s+of)\b",
)
_HAPPENED = lazy_regex(
    r"\b(?:was|were|had|increased|decreased|declined|rose|grew|fell|totall?ed|reported|"
    r"delivered|achieved|generated|posted|reached|ended|improved|compared)\b",
    re.I,
)
_WAS = lazy_regex(
    r"\b(?:was|were|increased|decreased|declined|rose|grew|fell|totall?ed|reported)\b", re.I
)
_RESULTS_HEADING = lazy_regex(
    r"\b(?:results|highlights?|review|performance|statements?|balance\s+sheets?|reported|"
    r"reports|announces)\b",
    re.I,
)
_ACTUAL = lazy_regex(r"\b(?:actuals?|reported|results?)\b", re.I)
_OPENS = lazy_regex(r":\s*$")
_FROM = lazy_regex(
    r"\bfrom\s+(?:\w+\s+){0,3}$|\b(?:increas|decreas|declin|grew|rose|improv|expand|contract)\w*\s+"
    r"(?:by\s+)?(?:approximately\s+)?$",
    re.I,
)


def expects(words: str) -> bool:
    """Whether a sentence or heading speaks of what is to come."""
    return _EXPECTED.search(words) is not None


def happened(words: str) -> bool:
    """Whether a sentence has a verb of what was."""
    return _HAPPENED.search(words) is not None


class Lists:
    """Follows the paragraphs of a document: whether the current one belongs to an outlook."""

    def __init__(self) -> None:
        self._open = False
        self._line = False

    def heading(self, words: str, on_top: bool) -> None:
        """`on_top`: among the headlines, which speak of an outlook without beginning it. A
        heading of few words in an outlook ("Full Year") leaves it open."""
        if on_top:
            self._open = names_outlook(words)
        elif expects(words):
            self._open = True
        elif self._open:
            ends = _RESULTS_HEADING.search(words) or words.isupper()
            self._open = len(words.split()) <= 7 and not ends

    def sentence(self, words: str, opens_line: bool) -> bool:
        """Whether this sentence states what is expected."""
        self._line = self._line and not opens_line
        said = expects(words)
        if said and _OPENS.search(words):
            self._open = True
        self._line = self._line or said
        if self._open:
            return said or _WAS.search(words) is None
        return said or (self._line and not happened(words))


def guided_spans(reading: Reading) -> tuple[Span, ...]:
    """The sentences that guide, whether or not they can be told apart from each other."""
    return tuple(sorted({item.span for item in guided_prose(reading)}))


def in_range(text: str, span: Span) -> frozenset[Span]:
    """The numbers of a sentence that are ends of ranges ("down 1% to up 1%"): what was has
    one value. "Rose from $1.1 billion to $1.2 billion" names two values, and no range."""
    ends: set[Span] = set()
    for range_ in find_ranges(text, span.start, span.end):
        if range_.first.digits == range_.last.digits:
            continue
        before = text[span.start : range_.first.span.start]
        if range_.first.unit is not Unit.PERCENT and _FROM.search(before):
            continue
        if re.search(r"\bfrom\s+$", before, re.I):
            continue
        ends |= {range_.first.digits, range_.last.digits}
    return frozenset(ends)


def is_expected_table(reading: Reading, table: Table) -> bool:
    """Whether a table's heading, or the line above it, announces guidance."""
    if is_outlook(reading, table):
        return True
    above = line_at(reading.text, max(0, table.span.start - 2))
    return names_outlook(reading.quote(above))


def is_actual(heading: str) -> bool:
    """Whether a column of an outlook table states what was."""
    return _ACTUAL.search(heading) is not None and not expects(heading)
