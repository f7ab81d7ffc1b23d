"""How numbers and names are written in a report: the field's own words, a true minus sign."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from earnings.regexes import lazy_regex
from earnings.vocabulary import Basis, Metric, Theme, Unit, WithheldReason

MINUS = "\N{MINUS SIGN}"
# Control characters, and the invisible ones that reorder or hide text.
_UNSEEN = lazy_regex(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)

_METRICS = {
    Metric.NET_SALES: "Net sales",
    Metric.TOTAL_REVENUE: "Total revenue",
    Metric.COMPARABLE_SALES: "Comparable sales",
    Metric.GROSS_PROFIT: "Gross profit",
    Metric.GROSS_MARGIN: "Gross margin",
    Metric.OPERATING_INCOME: "Operating income",
    Metric.OPERATING_MARGIN: "Operating margin",
    Metric.NET_INCOME: "Net income",
    Metric.EPS_BASIC: "Basic EPS",
    Metric.EPS_DILUTED: "Diluted EPS",
    Metric.EPS_ADJUSTED: "Adjusted EPS",
    Metric.INVENTORY: "Inventory",
    Metric.SALES_GROWTH: "Sales growth",
    Metric.TAX_RATE: "Tax rate",
    Metric.CAPITAL_EXPENDITURE: "Capital expenditure",
    Metric.SHARE_REPURCHASES: "Share repurchases",
    Metric.STORE_OPENINGS: "Store openings",
}
_THEMES = {
    Theme.TARIFFS: "Tariffs",
    Theme.SHRINK: "Shrink",
    Theme.PROMOTIONS: "Promotions",
    Theme.CONSUMER: "The consumer",
    Theme.INVENTORY: "Inventory",
    Theme.TRAFFIC: "Traffic",
    Theme.FREIGHT: "Freight",
    Theme.WAGES: "Wages",
    Theme.ECOMMERCE: "E-commerce",
    Theme.MEMBERSHIP: "Membership",
    Theme.RETAIL_MEDIA: "Retail media",
    Theme.WEATHER: "Weather",
    Theme.CAPITAL_RETURN: "Capital return",
}
_REASONS = {
    WithheldReason.QUOTE_NOT_FOUND: "its words are not in the document",
    WithheldReason.NUMBER_NOT_IN_SPAN: "its number is not in the words it cites",
    WithheldReason.SCALE_NOT_STATED: "nothing there says thousands or millions",
    WithheldReason.SIGN_NOT_STATED: "nothing there says whether it is a loss or a gain",
    WithheldReason.IMPLAUSIBLE: "it cannot be right",
    WithheldReason.INSTRUCTION: "its words tell a reader what to report; they report nothing",
    WithheldReason.CONTRADICTED: "a table of results in the document says otherwise",
}
_SPELLED = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_LARGE = (
    (Decimal(1_000_000_000), "bn"),
    (Decimal(1_000_000), "m"),
    (Decimal(1_000), "k"),
)


def metric(name: Metric, basis: Basis = Basis.UNSTATED) -> str:
    """ "Operating margin, adjusted"; adjusted EPS says so already."""
    suffix = ""
    if basis is Basis.ADJUSTED and name is not Metric.EPS_ADJUSTED:
        suffix = ", adjusted"
    elif basis is Basis.CONSTANT_CURRENCY:
        suffix = ", constant currency"
    return _METRICS[name] + suffix


def theme(name: Theme) -> str:
    return _THEMES[name]


def reason(why: str) -> str:
    """Why a claim is withheld, in words; what is words already stays."""
    return _REASONS.get(WithheldReason(why), why) if why in set(WithheldReason) else why


def spelled(count: int) -> str:
    """Small counts in words, as prose has them."""
    return _SPELLED[count] if 0 <= count < len(_SPELLED) else f"{count:,}"


def capital(text: str) -> str:
    """With a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def plural(count: int, one: str, many: str | None = None) -> str:
    return one if count == 1 else (many or f"{one}s")


def clean(text: str, longest: int = 600) -> str:
    """Text from a document, in one line, without what cannot be seen; cut at a word's end."""
    line = " ".join(_UNSEEN.sub(" ", text).split())
    if len(line) <= longest:
        return line
    return line[:longest].rsplit(" ", 1)[0] + " …"


def amount(value: Decimal, unit: Unit, places: int | None = None) -> str:
    """ "$4.21 bn", "$3.10", "−2.5%", "12"; with exactly `places` decimals if given."""
    size, tail = _size(value, unit)
    shown = round_half_up(abs(value) / size, _decimals(value, unit) if places is None else places)
    sign = MINUS if value < 0 and shown else ""
    return f"{sign}{_lead(unit)}{shown:,f}{tail}"


def span(low: Decimal | None, high: Decimal | None, unit: Unit) -> str:
    """ "6.0 to 6.5%", "at least $3.10", "" for neither end."""
    if low is None or high is None:
        if low is not None:
            return f"at least {amount(low, unit)}"
        return f"up to {amount(high, unit)}" if high is not None else ""
    if low == high:
        return amount(low, unit)
    (low_size, tail), (high_size, _) = _size(low, unit), _size(high, unit)
    if low_size != high_size:
        return f"{amount(low, unit)} to {amount(high, unit)}"
    places = max(_decimals(low, unit), _decimals(high, unit))
    first, last = amount(low, unit, places), amount(high, unit, places)
    if low >= 0:
        last = last.removeprefix("$")
    return f"{first.removesuffix(tail)} to {last}"


def signed(value: Decimal, places: int = 1) -> str:
    """ "+5.1", "−0.2", "0.0": a change in points or percent."""
    rounded = round_half_up(value, places)
    if rounded == 0:
        return f"{abs(rounded):f}"
    return f"{MINUS if rounded < 0 else '+'}{abs(rounded):f}"


def round_half_up(value: Decimal, places: int = 1) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _lead(unit: Unit) -> str:
    return "$" if unit in (Unit.USD, Unit.USD_PER_SHARE) else ""


def _size(value: Decimal, unit: Unit) -> tuple[Decimal, str]:
    """What a number is divided by to be read, and what is written behind it."""
    if unit is Unit.PERCENT:
        return Decimal(1), "%"
    if unit is Unit.USD:
        for size, name in _LARGE:
            if abs(value) >= size:
                return size, f" {name}"
    return Decimal(1), ""


def _decimals(value: Decimal, unit: Unit) -> int:
    """As many as the number has, two at most; cents always have two."""
    if unit is Unit.USD_PER_SHARE:
        return 2
    shown = round_half_up(abs(value) / _size(value, unit)[0], 2).normalize()
    exponent = shown.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
