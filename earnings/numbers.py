"""The numbers that stand in a text, and what the characters round them say.

A token is a whole number as printed: "14,735" holds neither 14.735 nor 735, and digits glued
to letters ("Q4", "FY23", "10b5") or to more digits ("1,23", "1.2.3") are no number at all.
Only ASCII digits count: look-alike digits of other scripts are not evidence for anything.

Words beside a number count on its own line only: the next line is another row. Numbers that
can never bear out a figure are found too, because whoever looks for the second number of a
row must be able to step over them; `kind` says what they are (`earnings.number_kinds`).
"Mid-single digit" and numbers spelled out are no numbers; "flat" is 0 percent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property, lru_cache

from earnings.number_kinds import DASHES, NumberKind, kind_of
from earnings.regexes import lazy_regex
from earnings.vocabulary import Span, Unit


@dataclass(frozen=True)
class NumberToken:
    """One number. `value` carries the printed sign and the scale word: "$(1.2) billion" is
    -1200000000, "42 cents" is 0.42. `printed` is the same without scale: -1.2, 42."""

    value: Decimal
    span: Span  # with its sign, currency, percent sign and own scale word
    digits: Span  # the bare digits
    printed: Decimal
    unit: Unit | None = None  # None: nothing beside the number says
    scale_word: Decimal | None = None  # 10**9 for "billion"; None when there is no such word
    negative: bool = False  # bracketed or with a minus
    scale_span: Span | None = None  # of the scale word; in "$1 to $2 billion" for both numbers
    kind: NumberKind = NumberKind.FIGURE

    @property
    def is_figure(self) -> bool:
        return self.kind in (NumberKind.FIGURE, NumberKind.FLAT)

    @cached_property
    def significant(self) -> tuple[int, ...]:
        return significant(self.printed)


def significant(value: Decimal) -> tuple[int, ...]:
    """The digits of a number whatever its sign and scale: two that differ in them are two
    numbers, in thousands or millions too."""
    return value.normalize().as_tuple().digits


_RUN = lazy_regex(r"(?<!\w)(?:[0-9](?:[0-9.,]*[0-9])?|(?<!\.)\.[0-9]+)|\bflat\b", re.IGNORECASE)
_SHAPE = lazy_regex(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]{1,18}(?:\.[0-9]+)?|\.[0-9]+")
_BEFORE = lazy_regex(
    rf"(?P<sign1>[{DASHES}])?(?P<open1>\([^\S\n]?)?(?P<cur>(?:(?:US|U\.S\.)[^\S\n]?)?\$[^\S\n]?)?"
    rf"(?P<open2>\([^\S\n]?)?(?P<sign2>[{DASHES}])?$"
)
# All that _BEFORE can match: only the run of it that ends at the number is looked at.
_LEADING = f"{DASHES}($US." + "".join(chr(c) for c in range(0x3001) if chr(c).isspace())
_AFTER = lazy_regex(
    r"(?P<pct>[^\S\n]?%|[^\S\n]{1,2}(?:percent|per\s+cent|pct)\b(?!age))?"
    r"(?P<close>[^\S\n]?\)(?P<pct2>[^\S\n]?%|\s(?:percent|per\s+cent)\b)?)?"
    r"(?P<scale>[^\S\n]{0,2}-?\b(?:thousand|million|billion|trillion)s?\b"
    r"|[^\S\n]?(?:MM|BN|bn|mn)\b|[MB]\b|[Kkmb]\b)?"
    r"(?P<close2>[^\S\n]?\))?"
    r"(?P<cents>(?:[^\S\n]{1,2}|-)cents?\b|[^\S\n]?¢)?",
)
_PER_SHARE = lazy_regex(
    r"[^\S\n]{0,2}(?:per|a)\s+(?:(?:basic|diluted|common|ordinary|adjusted|fully)"
    r"(?:\s+and)?\s+){0,3}share\b",
    re.IGNORECASE,
)
_FLAT_THING = lazy_regex(r"\s*-|\s+(?:rate|screen|panel|fee|tax|iron)", re.IGNORECASE)
_SCALES = {"th": 3, "k": 3, "mi": 6, "m": 6, "mm": 6, "mn": 6, "bi": 9, "b": 9, "bn": 9, "tr": 12}
_JOINED = lazy_regex(
    rf"\s{{0,2}}(?:to|and|through|[{DASHES}])\s{{0,2}}"
    r"(?:(?:approximately|about|roughly|up|down|a|positive|negative)\s+){0,2}",
    re.IGNORECASE,
)
_LOOK = 24
_LONGEST = 40  # characters: a longer run of digits is no number
_REMEMBERED = 1024  # one document asks for the numbers of a line two or three times


@lru_cache(_REMEMBERED)
def find_numbers(text: str, start: int = 0, end: int | None = None) -> tuple[NumberToken, ...]:
    """The numbers of text[start:end], left to right.

    The text outside decides what they are, so a window never makes a number out of half of
    one: a token whose sign, digits, percent sign or scale word reach over the border is left
    out. Only a currency sign may stand outside.
    """
    stop = len(text) if end is None else min(end, len(text))
    begin = _run_start(text, min(max(0, start), len(text)))
    tokens: list[NumberToken] = []
    for match in _RUN.finditer(text, begin, stop + 2 * _LONGEST):  # see a number at the end whole
        if match.start() >= stop:
            break
        token = _token(text, match)
        if token is not None:
            tokens.append(token)
    shared = _share(text, tokens)
    return tuple(t for t in shared if _inside(t, max(0, start), stop, text))


def _run_start(text: str, position: int) -> int:
    """Where the run of digits that `position` may cut in half begins."""
    begin = position
    while begin > 0 and text[begin - 1] in "0123456789.," and position - begin < 400:
        begin -= 1
    if begin > 0 and text[begin - 1] in "0123456789.,":  # no number is that long: step over it
        while position < len(text) and text[position] in "0123456789.,":
            position += 1
        return position
    return begin


def _inside(token: NumberToken, start: int, stop: int, text: str) -> bool:
    bare = token.span.start
    while bare < token.digits.start and text[bare] in "US.$ ":
        bare += 1
    return bare >= start and token.span.end <= stop


def _token(text: str, match: re.Match[str]) -> NumberToken | None:
    first, last = match.span()
    if match.group()[0] in "fF":
        if _FLAT_THING.match(text, last):
            return None
        here = Span(first, last)
        return NumberToken(
            Decimal(0), here, here, Decimal(0), unit=Unit.PERCENT, kind=NumberKind.FLAT
        )
    if not _SHAPE.fullmatch(match.group()) or len(match.group()) > _LONGEST or _cut(text, match):
        return None
    before = text[max(0, first - _LOOK) : first]
    lead = _BEFORE.search(before, len(before.rstrip(_LEADING)))
    after = _AFTER.match(text, last)
    if lead is None or after is None:  # both patterns match the empty string
        return None
    scale, scale_end = _scale(after, money=lead["cur"] is not None)
    if after.end() == last and last < len(text) and _glued(text[last]):
        return None
    if scale is None and after["scale"] and _glued(text[last]):
        return None
    return _assemble(text, match, lead, after, scale, scale_end)


def _cut(text: str, match: re.Match[str]) -> bool:
    """Whether digits of another script go on where this number seems to begin or end."""
    first, last = match.span()
    left = first >= 2 and text[first - 1] in ".," and text[first - 2].isdigit()
    right = last + 1 < len(text) and text[last] in ".," and text[last + 1].isdigit()
    return left or right or (last < len(text) and text[last].isdigit())


def _glued(character: str) -> bool:
    return character.isalpha() or character == "_"


def _scale(after: re.Match[str], money: bool) -> tuple[Decimal | None, int]:
    word = (after["scale"] or "").strip(" \t\n\r\u00a0-")
    if not word:
        return None, after.end()
    if word in ("k", "m", "b", "K") and not money:
        return None, after.start("scale")
    key = word.lower()
    exponent = _SCALES[key if len(key) <= 2 else key[:2]]
    return Decimal(10) ** exponent, after.end("scale")


def _assemble(
    text: str,
    match: re.Match[str],
    lead: re.Match[str],
    after: re.Match[str],
    scale: Decimal | None,
    scale_end: int,
) -> NumberToken:
    first, last = match.span()
    opened = lead["open1"] is not None or lead["open2"] is not None
    closed = after["close"] is not None or after["close2"] is not None
    begin = first - (len(lead.group()) if opened == closed or not opened else 0)
    minus = lead["sign2"] is not None or lead["sign1"] is not None
    if minus and not lead["open1"] and _is_range_dash(text, first - len(lead.group())):
        minus = False
        begin += 1
    if opened and not closed:
        begin = first - len(lead["cur"] or "") if not lead["open2"] else first
        minus = False
    finish = _finish(after, opened, scale, scale_end, last)
    percent = after["pct"] is not None or (opened and after["pct2"] is not None)
    cents = after["cents"] is not None and not percent and scale is None
    if cents and finish < after.end("cents"):
        finish = after.end("cents")
    printed = Decimal(match.group().replace(",", ""))
    bracketed = opened and closed
    kind = kind_of(text, match, bracketed, percent, scale, lead, finish)
    negative = (minus or bracketed) and kind is not NumberKind.REFERENCE
    signed = -printed if negative else printed
    factor = Decimal("0.01") if cents else scale
    unit = _unit(text, lead, percent, cents, finish, scale)
    return NumberToken(
        value=signed * factor if factor is not None else signed,
        span=Span(begin, finish),
        unit=unit,
        scale_word=factor,
        negative=negative,
        printed=signed,
        digits=Span(first, last),
        scale_span=Span(last, finish) if factor is not None else None,
        kind=kind,
    )


def _finish(
    after: re.Match[str], opened: bool, scale: Decimal | None, scale_end: int, last: int
) -> int:
    finish = after.end("pct") if after["pct"] else last
    if opened and after["close"]:
        finish = after.end("close")
    if scale is not None:
        finish = scale_end
        if opened and after["close2"] and not after["close"]:
            finish = after.end("close2")
    elif opened and after["close2"] and not after["close"] and not after["scale"]:
        finish = after.end("close2")
    return finish


def _is_range_dash(text: str, dash: int) -> bool:
    """Whether the dash at `dash` joins two numbers or words instead of being a minus."""
    return dash > 0 and (text[dash - 1].isalnum() or text[dash - 1] in "%).$")


def _unit(
    text: str,
    lead: re.Match[str],
    percent: bool,
    cents: bool,
    finish: int,
    scale: Decimal | None,
) -> Unit | None:
    if percent:
        return Unit.PERCENT
    if cents:
        return Unit.USD_PER_SHARE
    if scale is None and _PER_SHARE.match(text, finish):
        return Unit.USD_PER_SHARE
    return Unit.USD if lead["cur"] else None


def _share(text: str, tokens: list[NumberToken]) -> list[NumberToken]:
    """In "$43.8 to 45.2 billion" both numbers are billions of dollars: what one end of a
    range says counts for the other, unless the sizes contradict it."""
    done = list(tokens)
    for i in range(len(done) - 1):
        left, right = done[i], done[i + 1]
        gap = text[left.span.end : right.span.start]
        if len(gap) > 40 or not _JOINED.fullmatch(gap):
            continue
        if left.kind is not NumberKind.FIGURE or right.kind is not NumberKind.FIGURE:
            continue
        done[i], done[i + 1] = _shared_pair(left, right)
    return done


def _shared_pair(left: NumberToken, right: NumberToken) -> tuple[NumberToken, NumberToken]:
    if left.unit is None and right.unit is Unit.PERCENT:
        return replace(left, unit=Unit.PERCENT), right
    if left.unit in (None, Unit.USD) and right.unit is Unit.USD_PER_SHARE:
        cents = right.scale_word if left.unit is None else None
        if cents is not None:
            left = replace(
                left,
                value=left.printed * cents,
                scale_word=cents,
                scale_span=right.scale_span,
            )
        return replace(left, unit=Unit.USD_PER_SHARE), right
    if left.unit is Unit.USD and right.unit is None:
        right = replace(right, unit=Unit.USD)
    if (
        left.scale_word is None
        and right.scale_word is not None
        and left.unit in (None, Unit.USD)
        and right.unit in (None, Unit.USD)
        and abs(left.printed) <= abs(right.printed)
    ):
        left = replace(
            left,
            value=left.printed * right.scale_word,
            unit=left.unit or right.unit,
            scale_word=right.scale_word,
            scale_span=right.scale_span,
        )
    return left, right
