"""The figures that stand tagged in a 10-Q or 10-K itself (inline XBRL), as filed facts. Pure.

The SEC's companyfacts says the same with a delay of minutes to hours; until it does, this speaks.
Taken is what companyfacts would take: US GAAP in dollars, of the company as a whole. A figure of a
segment or a class of shares stands in a context with dimensions, and one of a subsidiary that
files along in a context of another company: neither is the company's own.

A tagged number is text: its value follows from its format, its scale and its sign, and nothing is
guessed of a format that is not known. What stands several times is taken as it is most precise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from lxml import etree

from earnings.filed_facts import WANTED_TAGS, FiledFact, GarbledFacts
from earnings.regexes import lazy_regex
from earnings.vocabulary import Unit

_XBRL = "http://www.xbrl.org/"
_PREFIX = "us-gaap:"
_DOT = frozenset({"", "num-dot-decimal", "numdotdecimal", "numcommadot"})
_COMMA = frozenset({"num-comma-decimal", "numcommadecimal", "numdotcomma"})
_ZERO = frozenset({"fixed-zero", "zerodash", "numdash"})
_PLAIN = lazy_regex(r"[0-9]{1,18}(\.[0-9]{1,12})?")
_SCALE = lazy_regex(r"[+-]?[0-9]{1,2}")
_LARGEST_SCALE = 15
_MOST_PIECES, _LONGEST = 50, 100  # of a number's text: more is no number
_INFINITE = 99  # decimals="INF": exact


@dataclass(frozen=True)
class Filed:
    """The report that facts stand in. `cik`: whose they have to be."""

    cik: int
    form: str
    accession: str
    filed: date


@dataclass
class _Context:
    cik: str = ""
    start: str = ""
    end: str = ""
    has_dimensions: bool = False


@dataclass
class _Unit:
    measures: list[str] = field(default_factory=list)
    is_divided: bool = False


@dataclass
class _Tagged:
    attributes: Mapping[str, str]
    text: list[str] = field(default_factory=list)


def read_inline(content: bytes, report: Filed) -> list[FiledFact]:
    """Each period of each tag once. Raises GarbledFacts if nothing is tagged in it."""
    found = _Found()
    safely = {"resolve_entities": False, "no_network": True, "load_dtd": False}
    # the stubs allow bytes too; lxml hands over str
    parser = etree.XMLParser(target=found, recover=True, **safely)  # type: ignore[arg-type]
    try:
        etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as wrong:
        raise GarbledFacts(f"it is no page with tagged figures ({str(wrong)[:80]})") from wrong
    if not found.tagged:
        raise GarbledFacts("none of its figures is tagged")
    best: dict[tuple[str, Unit, date | None, date], tuple[int, FiledFact]] = {}
    for one in found.tagged:
        fact = _fact(one, found, report)
        if fact is None:
            continue
        key, digits = (fact.tag, fact.unit, fact.start, fact.end), _precision(one)
        if key not in best or best[key][0] < digits:
            best[key] = digits, fact
    return [fact for _, fact in best.values()]


# ---- parsing ----------------------------------------------------------------------------------


class _Found:
    """A parser's target: contexts, units and tagged figures, and nothing else of megabytes of page.

    A figure may hold marks of layout and another figure (a total round its part)."""

    def __init__(self) -> None:
        self.contexts: dict[str, _Context] = {}
        self.units: dict[str, _Unit] = {}
        self.tagged: list[_Tagged] = []
        self._context: _Context | None = None
        self._unit: _Unit | None = None
        self._words: list[str] | None = None
        self._open: list[_Tagged] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = _local(tag)
        if name == "nonFraction":
            self._open.append(_Tagged(dict(attributes)))
        elif name == "context":
            self._context = self.contexts[attributes.get("id", "")] = _Context()
        elif name == "unit":
            self._unit = self.units[attributes.get("id", "")] = _Unit()
        elif name in {"segment", "scenario"} and self._context is not None:
            self._context.has_dimensions = True
        elif name == "divide" and self._unit is not None:
            self._unit.is_divided = True
        elif name in {"identifier", "startDate", "endDate", "instant", "measure"}:
            self._words = []

    def data(self, text: str) -> None:
        if self._words is not None:
            self._words.append(text)
        for one in self._open:
            if len(one.text) < _MOST_PIECES:
                one.text.append(text[:_LONGEST])

    def end(self, tag: str) -> None:
        name = _local(tag)
        if name == "nonFraction" and self._open:
            one = self._open.pop()
            self.tagged += [one] if _tag(one) in WANTED_TAGS else []
        elif name == "context":
            self._context = None
        elif name == "unit":
            self._unit = None
        elif self._words is not None and name:
            self._said(name, "".join(self._words).strip())
            self._words = None

    def comment(self, text: str) -> None:
        """Comments are no figures."""

    def close(self) -> None:
        """Nothing is left to do."""

    def _said(self, name: str, words: str) -> None:
        if name == "measure" and self._unit is not None:
            self._unit.measures.append(words)
        elif self._context is None:
            return
        elif name == "identifier":
            self._context.cik = words
        elif name == "startDate":
            self._context.start = words[:10]
        elif name in {"endDate", "instant"}:
            self._context.end = words[:10]


def _local(tag: str) -> str:
    """The name of an element of XBRL; "" for one of the page's own."""
    space, _, name = tag.rpartition("}")
    return name if space.startswith("{" + _XBRL) else ""


# ---- meaning ----------------------------------------------------------------------------------


def _fact(one: _Tagged, found: _Found, report: Filed) -> FiledFact | None:
    """None for what is not the company's own, or cannot be told for sure."""
    given = one.attributes
    context = found.contexts.get(given.get("contextRef", ""))
    unit = _unit(found.units.get(given.get("unitRef", "")))
    if context is None or context.has_dimensions or unit is None:
        return None
    if not context.cik.isascii() or not context.cik.isdigit() or int(context.cik) != report.cik:
        return None
    value = None if _is_nil(given) else _value(one)
    if value is None:
        return None
    try:
        start = date.fromisoformat(context.start) if context.start else None
        end = date.fromisoformat(context.end)
    except ValueError:
        return None
    return FiledFact(
        _tag(one), unit, start, end, value, report.form, report.accession, report.filed
    )


def _tag(one: _Tagged) -> str:
    """Its name in US GAAP; "" for one of the company's own."""
    name = one.attributes.get("name", "")
    return name.removeprefix(_PREFIX) if name.startswith(_PREFIX) else ""


def _unit(unit: _Unit | None) -> Unit | None:
    measures = [each.rpartition(":")[2] for each in unit.measures] if unit is not None else []
    if unit is not None and unit.is_divided:
        return Unit.USD_PER_SHARE if measures == ["USD", "shares"] else None
    return Unit.USD if measures == ["USD"] else None


def _value(one: _Tagged) -> Decimal | None:
    """By its format, scale and sign; None for a format that is not known."""
    kind = one.attributes.get("format", "").rpartition(":")[2]
    sign, scale = one.attributes.get("sign", ""), one.attributes.get("scale", "0")
    digits = "".join("".join(one.text).split())
    if kind in _ZERO:
        return Decimal(0)
    if kind in _COMMA:
        digits = digits.replace(".", "").replace(",", ".")
    elif kind in _DOT:
        digits = digits.replace(",", "")
    else:
        return None
    if not (_PLAIN.fullmatch(digits) and _SCALE.fullmatch(scale) and sign in {"", "-"}):
        return None
    if abs(int(scale)) > _LARGEST_SCALE:
        return None
    value = Decimal(digits).scaleb(int(scale))
    return -value if sign else value


def _is_nil(given: Mapping[str, str]) -> bool:
    return any(name.endswith("}nil") and said in {"true", "1"} for name, said in given.items())


def _precision(one: _Tagged) -> int:
    decimals = one.attributes.get("decimals", "")
    if decimals == "INF":
        return _INFINITE
    return int(decimals) if _SCALE.fullmatch(decimals) else -_INFINITE
