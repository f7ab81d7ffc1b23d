"""Which way a number is said to go: "declined 9.3%" is -9.3 without any minus.

Two kinds of words count. Of a change: up or down, beside a percentage of change. Of a
result: profit or loss, beside an amount. The word must belong to the number: the last such
word before it in its clause, or the noun right behind it ("a 9.3% decrease"). Words in
brackets ("net income (loss)", "increase (decrease)") say that either may come and count
for nothing. "Declined to 20.0%" names the level arrived at, which is no decline of 20%.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from earnings.numbers import NumberToken
from earnings.regexes import lazy_regex
from earnings.vocabulary import Metric

CHANGES = frozenset({Metric.COMPARABLE_SALES, Metric.SALES_GROWTH})
RESULTS = frozenset(
    {
        Metric.GROSS_PROFIT,
        Metric.OPERATING_INCOME,
        Metric.NET_INCOME,
        Metric.EPS_BASIC,
        Metric.EPS_DILUTED,
        Metric.EPS_ADJUSTED,
        Metric.OPERATING_MARGIN,
    }
)
_DOWN = (
    r"declin(?:e[sd]?|ing)|decreas(?:e[sd]?|ing)|down|lower|fell|fall(?:s|ing|en)?|drop(?:s|ped)?|"
    r"negative|reduc(?:ed|tion)|contract(?:ed|ion)|minus|slid|slipped|weakened"
)
_UP = (
    r"increas(?:e[sd]?|ing)|up|growth|grew|grow(?:s|n|ing)?|higher|rose|ris(?:e[sn]?|ing)|"
    r"gain(?:ed|s)?|positive|improv(?:ed|ement)|expan(?:ded|sion)|plus|climbed|accelerated"
)
_CHANGE = lazy_regex(rf"\b(?:(?P<down>{_DOWN})|(?P<up>{_UP}))\b", re.IGNORECASE)
_RESULT = lazy_regex(
    r"\b(?:(?P<down>loss(?:es)?|deficit|negative)|(?P<up>income|earnings|profits?|eps|positive))\b",
    re.IGNORECASE,
)
_LEVEL = lazy_regex(r"\bto\s+(?:approximately\s+|about\s+|a\s+|roughly\s+)?$", re.IGNORECASE)
_JOIN = lazy_regex(
    r"[\s%]*(?:to|through|and|,?\s*or|[-–—])?\s*(?:approximately|about|roughly)?\s*", re.IGNORECASE
)
_BARRIER = lazy_regex(
    r"[;:]\s|[.!?]\s|\b(?:compared\s+(?:to|with)|versus|vs\.?|against|from|while|whereas|but)\b",
    re.IGNORECASE,
)
_SUBJECT = lazy_regex(
    r"\b(?:comparable|same[- ]store|identical|net\s+sales|total\s+sales|revenues?)\b", re.IGNORECASE
)
_BRACKETED = lazy_regex(r"\([^()]{0,40}\)")
_BEHIND = lazy_regex(
    r"\s*(?:(?!(?:on|due|from|despite|with|as|by|and|of|in|for|or|to|than|driven|reflecting)\b)"
    rf"[A-Za-z-]+\s+){{0,2}}(?:(?P<down>{_DOWN})|(?P<up>{_UP}))\b",
    re.IGNORECASE,
)


def said(text: str, tokens: Sequence[NumberToken], index: int, metric: Metric, start: int) -> int:
    """-1 when the words say down or loss for tokens[index], +1 for up or profit, 0 when they
    say neither. `start`: where the sentence or row begins."""
    token = tokens[index]
    changes = metric in CHANGES
    if not changes and metric not in RESULTS:
        return 0
    pattern = _CHANGE if changes else _RESULT
    previous = _before(tokens, index)
    begin = tokens[previous].span.end if previous is not None else start
    between = text[begin : token.span.start]
    if previous is not None and _JOIN.fullmatch(between):
        return said(text, tokens, previous, metric, start)
    if changes and _BRACKETED.sub(_blank, between).strip() == "|":
        between = text[start : token.span.start]  # a row's label speaks for all its cells
        between = between[: between.find("|")] if "|" in between else between
    if not changes and "|" in between:
        row = text[start : token.span.start]
        between = row[: row.find("|")]
    direction = _last(pattern, between, changes)
    if changes and direction and _LEVEL.search(between):
        direction = 0
    return direction or (_behind(text, tokens, index) if changes else 0)


def said_by_label(label: str) -> int:
    """-1 for a label of losses only ("Net loss per share:"), +1 for one of income only, else 0:
    "Net (loss) income" and "Income or loss" leave it to the numbers."""
    found = {match.lastgroup for match in _RESULT.finditer(label)}
    if "(" in label and _RESULT.search(" ".join(_BRACKETED.findall(label))):
        return 0
    if len(found) != 1:
        return 0
    return -1 if found == {"down"} else 1


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _before(tokens: Sequence[NumberToken], index: int) -> int | None:
    """The figure before tokens[index]; years, days and counts of weeks are stepped over."""
    for i in range(index - 1, -1, -1):
        if tokens[i].is_figure:
            return i
    return None


def _last(pattern: re.Pattern[str], between: str, changes: bool) -> int:
    clear = _BRACKETED.sub(_blank, between)
    barrier = 0
    for match in _BARRIER.finditer(clear):
        barrier = match.end()
    clear = clear[barrier:]
    found: re.Match[str] | None = None
    for match in pattern.finditer(clear):
        found = match
    if found is None:
        return 0
    rest = clear[found.end() :]
    subject = _SUBJECT.search(rest) if changes else None
    if subject is not None and not re.match(
        r"\s*(?:in|of|for)?\s*(?:\w+\s+){0,3}$", rest[: subject.start()]
    ):
        return 0
    return -1 if found["down"] else 1


def _behind(text: str, tokens: Sequence[NumberToken], index: int) -> int:
    """The word right behind the number, or behind the range that it begins."""
    token = tokens[index]
    match = _BEHIND.match(text, token.span.end, token.span.end + 60)
    if match is not None:
        return -1 if match["down"] else 1
    if index + 1 < len(tokens):
        gap = text[token.span.end : tokens[index + 1].span.start]
        if gap.strip() and _JOIN.fullmatch(gap):
            return _behind(text, tokens, index + 1)
    return 0
