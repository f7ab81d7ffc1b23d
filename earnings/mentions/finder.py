"""Mentions: the companies a title is about. Rather none than a wrong one.

A ticker in one of its proper forms is certain: (NYSE: TGT), $TGT, Target (TGT). A name counts
if it is written as one, and the easier it is mistaken, the more must stand beside it:

    coined   Walmart                 written with its capital
    phrase   Best Buy, Five Below    both capitals in a sentence; in A Title Like This also what
                                     only a company has or does ("Best Buy raises", "… CEO")
    word     Target, Gap, RH         a capital inside a sentence, or what only a company has or
                                     does, where no verb can stand; or in a list with a sure one
    person   Ross, Casey's           what only a company has, and no first name before it
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from earnings.mentions.names import Kind, Name, names_of
from earnings.mentions.style import Style, Word, breaks, is_inside_name, joins, style_of, words_of
from earnings.mentions.words import (
    AFTER_TO,
    DETERMINERS,
    FIGURES,
    FUNCTION,
    INTRODUCES_PEOPLE,
    LEADS_IN,
    LEGAL,
    NOT_BEFORE,
    NOT_FOR_PEOPLE,
    NOUNS,
    OTHERWISE,
    PHRASE_VERBS,
    TICKERS_IN_TEXT,
    VERBS,
)
from earnings.regexes import lazy_regex
from earnings.vocabulary import Company

_SYMBOL = r"(?P<ticker>[A-Z]{1,5}(?:[.\-][A-Z])?)"
_EXCHANGE = lazy_regex(
    rf"\b(?:NYSE(?:\s?(?:American|Arca))?|N(?:ASDAQ|asdaq)(?:[\s-]?(?:GS|GM|CM))?|AMEX)\s*:\s*{_SYMBOL}\b"
)
_CASHTAG = lazy_regex(rf"(?<![\w$])\${_SYMBOL}(?![\w$])")
_BRACKETS = lazy_regex(rf"(?P<before>[\w'&.\-]+)\s*\({_SYMBOL}\)")
_TRADED = lazy_regex(rf"(?<![\w$]){_SYMBOL}\s+(?:[Ss]tock|[Ss]hares)\b")
_LEAST_TRADED = 3  # letters of a ticker without any sign of one before "stock"


@dataclass(frozen=True)
class _Found:
    name: Name
    first: int
    last: int


class Mentions:
    """Made once for a watch list; `aliases` are further names by ticker."""

    def __init__(
        self, companies: Iterable[Company], aliases: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        known = [company for company in companies if not company.is_sample]
        self._tickers = {_plain(company.ticker): company.ticker for company in known}
        self._names: dict[str, list[Name]] = {}
        self._own: dict[str, set[str]] = {}
        for company in known:
            more = (aliases or {}).get(company.ticker, ())
            for name in names_of(company.ticker, company.name, more):
                self._names.setdefault(name.words[0], []).append(name)
                self._own.setdefault(company.ticker, set()).update(name.words)
        for names in self._names.values():
            names.sort(key=lambda one: -len(one.words))

    def tickers(self, title: str, further: str = "") -> tuple[str, ...]:
        """Of the companies a title is about, sorted. In `further` text only tickers count."""
        sure = {
            self._tickers[symbol]
            for text in (title, further)
            for symbol in self._symbols(text)
            if symbol in self._tickers
        }
        return tuple(sorted(sure | self._named(title)))

    # ---- tickers

    def _symbols(self, text: str) -> Iterable[str]:
        for pattern in (_EXCHANGE, _CASHTAG):
            yield from (_plain(found["ticker"]) for found in pattern.finditer(text))
        for found in _BRACKETS.finditer(text):
            symbol = _plain(found["ticker"])
            before = words_of(found["before"])
            if before and self._is_called(symbol, before[-1]):
                yield symbol
        if style_of(words_of(text)) is not Style.UPPER:
            for found in _TRADED.finditer(text):
                symbol = _plain(found["ticker"])
                if len(symbol) >= _LEAST_TRADED and symbol not in TICKERS_IN_TEXT:
                    yield symbol

    def _is_called(self, symbol: str, word: Word) -> bool:
        own = self._own.get(self._tickers.get(symbol, ""), set())
        return word.is_capital and bool({word.key, word.base} & own)

    # ---- names

    def _named(self, title: str) -> set[str]:
        words = words_of(title)
        style = style_of(words)
        candidates = list(self._candidates(words))
        sure = [one for one in candidates if _is_meant(one, words, style)]
        grown = True
        while grown:  # a list of companies: each that is sure makes its neighbours so
            more = [
                one
                for one in candidates
                if one not in sure and any(_stands_beside(one, other, words) for other in sure)
            ]
            sure += more
            grown = bool(more)
        return {one.name.ticker for one in sure}

    def _candidates(self, words: Sequence[Word]) -> Iterable[_Found]:
        """Where a name is written, the longest at each place; a part of it is none."""
        at = 0
        while at < len(words):
            names = [*self._names.get(words[at].key, ()), *self._names.get(words[at].base, ())]
            found = next((name for name in names if _is_written(name, words, at)), None)
            if found is not None:
                yield _Found(found, at, at + len(found.words) - 1)
            at += len(found.words) if found is not None else 1


def _is_written(name: Name, words: Sequence[Word], at: int) -> bool:
    there = words[at : at + len(name.words)]
    if len(there) < len(name.words):
        return False
    for word, after in pairwise(there):
        initials = "." in word.text  # T.J. Maxx
        if not is_inside_name(after.gap.removeprefix(".") if initials else after.gap):
            return False
    *inner, last = zip(there, name.words, name.spelling, strict=True)
    if not all(word.key == key for word, key, _ in inner):
        return False
    if last[1] not in (last[0].key, last[0].base):
        return False
    return all(
        _as_spelt(word, spelling) or (word.is_capital and not _is_initials(spelling))
        for word, _, spelling in (*inner, last)
    )


def _as_spelt(word: Word, spelling: str) -> bool:
    return word.text == spelling or word.text.removesuffix("'s") == spelling


def _is_initials(spelling: str) -> bool:
    """RH, TJX: "Rh" is something else."""
    return spelling.isupper() and len(spelling) <= 3 and spelling.isalpha()


def _is_meant(found: _Found, words: Sequence[Word], style: Style) -> bool:
    kind = found.name.kind
    if _is_persons(found, words, style):
        return False
    if kind is Kind.COINED:
        other = OTHERWISE.get(found.name.words[0], frozenset())
        return not any(word.base in other for word in words)
    if kind is Kind.PERSON:
        return _has(found, words, people=True) or (
            _does(found, words) and any(word.base in FIGURES for word in words[found.last + 1 :])
        )
    if kind is Kind.WORD and found.name.words[0] in FUNCTION:
        return _is_incorporated(found, words)
    after = _next(found, words)
    if after is not None and after.base in NOT_BEFORE:
        return False
    before = words[found.first - 1] if found.first else None
    is_told_apart = before is not None and before.key in DETERMINERS
    if is_told_apart and not breaks(words[found.first].gap):
        return _is_incorporated(found, words) or (kind is Kind.PHRASE and _has(found, words))
    if style is Style.SENTENCE and _capitals_say(found, words):
        return True
    if kind is Kind.WORD and not _may_begin(found, words, style):
        return False
    return (
        _has(found, words)
        or _does(found, words)
        or _owns(found, words)
        or _is_incorporated(found, words)
    )


def _capitals_say(found: _Found, words: Sequence[Word]) -> bool:
    """In a sentence a capital inside it is a name's, and two capitals are anywhere."""
    if found.name.kind is Kind.PHRASE:
        return not found.name.is_short
    gap = words[found.first].gap
    return found.first > 0 and not re.search(r"[.!?:\"“”‘|(\[–—]|\s-\s", gap)


def _may_begin(found: _Found, words: Sequence[Word], style: Style) -> bool:
    """Whether a name can stand here, and no verb: "Thieves Target Stores"."""
    if found.first == 0 or breaks(words[found.first].gap):
        return True
    return style is Style.SENTENCE or words[found.first - 1].base in LEADS_IN


def _is_persons(found: _Found, words: Sequence[Word], style: Style) -> bool:
    """Whether somebody's first name, or an initial, stands before it: Rob Lowe's."""
    if not found.first or words[found.first].gap.strip(" .") or len(found.name.words) > 1:
        return False
    before = words[found.first - 1]
    if not before.is_capital:
        return False
    is_name = found.name.kind is Kind.PERSON or found.name.words[0].endswith("'s")
    if not is_name:
        return False
    if before.base in INTRODUCES_PEOPLE or len(before.base) == 1:
        return True
    return style is Style.SENTENCE and before.base not in LEADS_IN and found.first > 1


def _has(found: _Found, words: Sequence[Word], *, people: bool = False) -> bool:
    """Behind it stands what only a company has: shares, a CEO, a third quarter."""
    after = _next(found, words)
    if after is None or after.base not in NOUNS:
        return False
    return not (people and after.base in NOT_FOR_PEOPLE)


def _does(found: _Found, words: Sequence[Word]) -> bool:
    """Behind it stands what only a company does: raises, to acquire, will open."""
    if words[found.last].is_possessive and not found.name.words[-1].endswith("'s"):
        return False
    after = _next(found, words)
    if after is None:
        return False
    if after.key in {"to", "will"} and found.last + 2 < len(words):
        return words[found.last + 2].key in AFTER_TO
    return after.key in (PHRASE_VERBS if found.name.kind is Kind.PHRASE else VERBS)


def _owns(found: _Found, words: Sequence[Word]) -> bool:
    """Target's third-quarter sales, Gap's new CEO."""
    if not words[found.last].is_possessive or found.name.words[-1].endswith("'s"):
        return False
    if found.name.kind is Kind.PHRASE and not found.name.is_short:
        return True
    near = words[found.last + 1 : found.last + 4]
    return any(word.base in NOUNS for word in near)


def _is_incorporated(found: _Found, words: Sequence[Word]) -> bool:
    """The Buckle, Inc."""
    if found.last + 1 >= len(words):
        return False
    after = words[found.last + 1]
    return after.is_capital and after.base in LEGAL and not after.gap.strip(" ,")


def _next(found: _Found, words: Sequence[Word]) -> Word | None:
    if found.last + 1 >= len(words):
        return None
    after = words[found.last + 1]
    return after if not after.gap.strip(" .") else None


def _stands_beside(one: _Found, other: _Found, words: Sequence[Word]) -> bool:
    """In a list, as "Walmart, Target and Costco"."""
    if one.name.kind is Kind.PERSON and _is_persons(one, words, Style.SENTENCE):
        return False
    after = _next(one, words)
    if after is not None and after.base in NOT_BEFORE:
        return False
    if one.first == other.last + 1:
        return joins(words[one.first].gap)
    return other.first == one.last + 1 and joins(words[other.first].gap)


def _plain(ticker: str) -> str:
    return ticker.upper().replace(".", "-")
