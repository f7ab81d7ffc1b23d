"""Letters a PDF lost: glyph pairs such as "fi" and "ff" that carry no characters.

The lost pair is put back only where one spelling makes a known word: one the document
itself spells out elsewhere, or one of the words earnings releases use.
"""

from __future__ import annotations

import re
from collections import Counter

from earnings.regexes import lazy_regex

LOST = "\ufffe"  # what PDFium gives for a glyph without a character
UNRESOLVED = "\ufffd"
_PAIRS = ("fi", "ff", "fl", "ffi", "ffl", "ti", "tt", "ft", "tf", "fj")
_WORD = lazy_regex(rf"[A-Za-z']{{0,40}}{LOST}[A-Za-z{LOST}']{{0,40}}")
_KNOWN_WORD = lazy_regex(r"[a-z']{2,}")
_WORD_LIST = """
    affect affected affecting affects affiliate affiliated affiliates affirm affirmed affirms
    afflicted affluent afford affordability affordable artificial baffle beneficial benefit
    benefited benefiting benefits benefitted buffer certificate certificates certified
    clarified classification classified coefficient coffee confidence confident confidential
    configuration confirm confirmed confirms conflict conflicts cutoff deficit deficits define
    defined defines definition definitions definitive deflation differ difference differences
    different differentiate differentiated differently differing differs difficult
    difficulties difficulty diffusion disaffiliated diversification diversified effect
    effected effective effectively effectiveness effects efficiencies efficiency efficient
    efficiently effort efforts fiber fidelity field fields fierce fifteen fifth fifty fight
    figure figures file filed files filing filings fill filled final finalize finalized
    finally finance financed finances financial financially financing find finding findings
    fine finish finished finite fire firm firms first fiscal fit fitness fits five fix fixed
    fixture fixtures flag flagship flash flat fleet flexibility flexible flight float floating
    floor floors flow flows flu fluctuate fluctuated fluctuating fluctuation fluctuations
    fluid food footage fulfill fulfilled fulfilling fulfillment gift gifts goodwill headoff
    identifiable identification identified identifies identify identifying indefinite
    indefinitely inefficiencies inefficient infinite inflation inflationary inflow inflows
    influence influenced influences insufficient justified kickoff layoff layoffs magnified
    markoff mayfield modification modifications modified off offer offered offering offerings
    offers office officer officers offices official officially offline offset offsets
    offsetting offshore outfit outfits outflow outflows overflow pacific payoff payoffs
    playoff proficiency profile profit profitability profitable profitably profits prolific
    qualified qualify quantified quantify reclassification reclassifications reclassified
    rectified refinance refinanced refinancing reflect reflected reflecting reflection
    reflective reflects sacrifice satisfied scientific shelf shift shifted shifting shifts
    shortfall significance significant significantly simplified simplify specific specifically
    specifications specified specify spinoff staff staffed staffing staffs stuff sufficient
    sufficiently tariff tariffs terrific trade-off traffic trafficked unaffected unaffiliated
    uncertified unclassified unified unjustified unspecified verified workflow workforce
    write-off writeoff writeoffs
"""
_WORDS = frozenset(_WORD_LIST.split())


def repair(text: str) -> tuple[str, int]:
    """The text with lost pairs put back, and in how many words they could not be."""
    if LOST not in text:
        return text, 0
    own = Counter(_KNOWN_WORD.findall(text.lower()))
    lost = 0

    def put_back(match: re.Match[str]) -> str:
        nonlocal lost
        word = _spell(match[0], own)
        if word is None:
            lost += 1
            return match[0].replace(LOST, UNRESOLVED)
        return word

    return _WORD.sub(put_back, text), lost


def _spell(broken: str, own: Counter[str]) -> str | None:
    """The one known word `broken` can be, None if there is none or more than one."""
    if broken.count(LOST) > 2:
        return None
    candidates = [broken]
    while LOST in candidates[0]:
        candidates = [c.replace(LOST, pair, 1) for c in candidates for pair in _PAIRS]
    known = {c for c in candidates if c.lower().strip("'") in _WORDS}
    known = known or {c for c in candidates if own[c.lower().strip("'")] > 0}
    return known.pop() if len(known) == 1 else None
