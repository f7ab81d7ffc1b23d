"""Pages with tagged figures (inline XBRL), as companies file them."""

from __future__ import annotations

CIK = 1_990_001
_HEAD = (
    '<?xml version="1.0" ?><html xmlns="http://www.w3.org/1999/xhtml"'
    ' xmlns:ix="http://www.xbrl.org/2013/inlineXBRL" xmlns:ixt="http://www.xbrl.org/inlineXBRL/t"'
    ' xmlns:xbrli="http://www.xbrl.org/2003/instance" xmlns:xbrldi="http://xbrl.org/2006/xbrldi"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:us-gaap="http://fasb.org/us-gaap"'
    ' xmlns:iso4217="http://www.xbrl.org/2003/iso4217" xmlns:wmt="http://wmt.example">'
)
_SEGMENT = (
    '<xbrli:segment><xbrldi:explicitMember dimension="us-gaap:StatementBusinessSegmentsAxis">'
    "wmt:EastMember</xbrldi:explicitMember></xbrli:segment>"
)


def _context(name: str, days: str, *, cik: int = CIK, segment: str = "") -> str:
    return (
        f'<xbrli:context id="{name}"><xbrli:entity><xbrli:identifier scheme="http://www.sec.gov/CIK">'
        f"{cik:010d}</xbrli:identifier>{segment}</xbrli:entity><xbrli:period>{days}</xbrli:period>"
        "</xbrli:context>"
    )


def _days(start: str, end: str) -> str:
    return f"<xbrli:startDate>{start}</xbrli:startDate><xbrli:endDate>{end}</xbrli:endDate>"


def _measure(name: str) -> str:
    return f"<xbrli:measure>{name}</xbrli:measure>"


def _per_share(currency: str) -> str:
    return (
        f"<xbrli:divide><xbrli:unitNumerator>{_measure(f'iso4217:{currency}')}</xbrli:unitNumerator>"
        f"<xbrli:unitDenominator>{_measure('xbrli:shares')}</xbrli:unitDenominator></xbrli:divide>"
    )


_QUARTER = _days("2026-05-03", "2026-08-01")
_CONTEXTS = (
    _context("quarter", _QUARTER),
    _context("half", _days("2026-02-01", "2026-08-01")),
    _context("day", "<xbrli:instant>2026-08-01</xbrli:instant>"),
    _context("segment", _QUARTER, segment=_SEGMENT),
    _context("subsidiary", _QUARTER, cik=77),
    _context("garbled", _days("soon", "later")),
)
_UNITS = {
    "usd": _measure("iso4217:USD"),
    "eur": _measure("iso4217:EUR"),
    "shares": _measure("xbrli:shares"),
    "usdPerShare": _per_share("USD"),
    "eurPerShare": _per_share("EUR"),
}


def tagged(
    tag: str, text: str, *, context: str = "quarter", unit: str = "usd", **attributes: str
) -> str:
    """One mark; `attributes` over what is usual in a table in millions."""
    usual = {"name": f"us-gaap:{tag}", "scale": "6", "decimals": "-5",
             "format": "ixt:num-dot-decimal"}  # fmt: skip
    given = "".join(f' {name}="{said}"' for name, said in {**usual, **attributes}.items())
    return f'<ix:nonFraction contextRef="{context}" unitRef="{unit}"{given}>{text}</ix:nonFraction>'


def page(*marks: str, more: str = "") -> bytes:
    """A report; contexts and units stand in its hidden head."""
    units = "".join(f'<xbrli:unit id="{name}">{of}</xbrli:unit>' for name, of in _UNITS.items())
    head = f'<div style="display:none"><ix:header>{"".join(_CONTEXTS)}{units}</ix:header></div>'
    rows = "".join(f"<tr><td>A line</td><td>$<span>{mark}</span>)</td></tr>" for mark in marks)
    return f"{_HEAD}<body>{head}<table>{rows}</table>{more}</body></html>".encode()
