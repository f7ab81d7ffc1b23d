"""Where a document gives guidance: the sections that headings and sentences open, and which
sentences of them may guide."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from earnings.fiscal import Mention, find_names
from earnings.keyed import Keyed
from earnings.numbers import find_numbers
from earnings.reading.guidance_words import names_outlook, verb_in
from earnings.regexes import lazy_regex
from earnings.vocabulary import GuidanceAction, Span

TRIGGER = Keyed(
    "expect anticipat project forecast plan guidance outlook estimate assum",
    r"\b(?:expects?|expected\s+to|(?:is|are)\s+(?:now\s+|currently\s+)?(?:expected|anticipated|"
    r"projected|forecast|planned)|is\s+expecting|anticipates?|forecasts?|projects|projected|"
    r"guidance|outlook|plans\s+to|is\s+planning|estimates|continues?\s+to\s+expect|assum(?:es|ing))\b",
)
_HEADING = lazy_regex(r"\b(?:outlook|guidance|financial\s+targets|expectations)\b", re.IGNORECASE)
INTRO = Keyed(
    "guidance outlook expect anticipat plans assumption ranges",
    r"(?:\b(?:guidance|outlook|expects?|anticipates?|plans\s+to|assumptions?|expectations)\b.*:\s*$"
    r"|\bfollowing\b.*\b(?:guidance|outlook|expectations|ranges|assumptions)\b"
    r"|\b(?:guidance|outlook|expectations)\b.*\b(?:as\s+follows|following|updated|reaffirm\w*)\b)",
)
_LEAVES = lazy_regex(
    r"^(?:about\b|conference\s+call|forward[- ]looking|non-gaap\s+(?:financial\s+)?measures|"
    r"webcast|safe\s+harbor|contacts?\b|investor\s+relations|store\s+update|dividends?\b|"
    r"balance\s+sheet|use\s+of\s+non)",
    re.IGNORECASE,
)
REFUSED = lazy_regex(
    r"forward[- ]looking\s+statements?|private\s+securities\s+litigation|safe\s+harbor|"
    r"risks\s+and\s+uncertainties|differ\s+materially|long[- ]term|longer[- ]term|multi-?year|"
    r"over\s+the\s+next\s+(?:several|few|two|three|four|five|[2-9])|\bannually\b|per\s+year\b|"
    r"\beach\s+year|by\s+(?:the\s+end\s+of\s+)?(?:fiscal\s+)?20[0-9]{2}\b|through\s+(?:fiscal\s+)?"
    r"20[0-9]{2}\b|\bhope\b|\baspir\w+|\bambition|\bwish|\bgoal\b|\bcould\b|\bmight\b|\bif\s+we\b|"
    r"hypothetical|pro\s+forma|previously\s+(?:expected|anticipated)\s+(?!range)|"
    r"had\s+(?:expected|anticipated|guided)|analysts?\b|consensus|"
    r"in\s+line\s+with\s+(?:our|its|the)\s+(?:\w+\s+){0,2}(?:guidance|outlook|expectations)|"
    r"(?:above|below|exceed\w*|beat)\s+(?:our|its|the\s+high|the\s+company)",
    re.IGNORECASE,
)
_PAST = lazy_regex(
    r"\b(?:was|were|totaled|totalled|reported|amounted|repurchased|opened|ended\s+the|generated|"
    r"increased|decreased|grew|rose|declined|fell|improved|expanded|contracted|"
    r"compared\s+(?:to|with)\s+(?:\$|[0-9]|net))\b",
    re.IGNORECASE,
)
BACKWARD = Keyed(
    "guidance outlook range",
    r"\b(?:guidance|outlook|range)\b[^.]{0,40}\b(?:provided|issued|given|announced|communicated|"
    r"shared)\s+(?:on|in|at|with|last)\b",
)
_BASE = lazy_regex(
    r"\b(?:over|versus|vs\.?|compared\s+(?:to|with)|from|than|above|below|relative\s+to|of\s+prior|"
    r"(?:remainder|rest|balance|remaining\s+\w+)\s+of)"
    r"\s+(?:the\s+|its\s+|our\s+)?(?:\w+\s+){0,2}$"
    r"|\b(?:versus|vs\.?|compared\s+(?:to|with))\s+[$0-9][^;.]{0,12}(?:\.[0-9]+)?[^;.]{0,12}$",
    re.IGNORECASE,
)
QUOTED = lazy_regex(r"[\"“]")
_STRONG = lazy_regex(
    r"\b(?:we|company)\s+(?:now\s+|currently\s+|continue\s+to\s+)*(?:expect|anticipate|plan\b)|"
    r"\bare\s+(?:forecast|projected|planned|expected)\s+to\s+be\b|"
    r"\bour\s+(?:guidance|outlook)",
    re.IGNORECASE,
)
_HEADING_CHARACTERS = 120
_TITLE = 1200  # characters of headlines and opening


@dataclass
class Section:
    """Where guidance is being given: what the heading and its sentence said."""

    open: bool = False
    mention: Mention | None = None
    verb: GuidanceAction | None = None
    spans: tuple[Span, ...] = ()


def is_heading(words: str) -> bool:
    if len(words) > _HEADING_CHARACTERS or words[-1] in '.:;,”"':
        return False
    if words[0] in "•-–*·" or any(t.is_figure for t in find_numbers(words)):
        return False
    return not words[0].islower()


def opened(words: str, line: Span, before: Section) -> Section:
    """The section after a heading. Headlines speak of guidance without giving it. A heading
    of few words under an outlook heading ("Full
    year", "Second quarter 2026") names the period of what follows."""
    named = find_names(words)
    outlook = names_outlook(words) or (line.start > _TITLE and _HEADING.search(words))
    if outlook and not _LEAVES.match(words) and "reconcil" not in words.lower():
        mention = named[0] if named else None
        return Section(True, mention, verb_in(words), (line,))
    if before.open and named and len(words.split()) <= 7:
        return replace(before, mention=named[0], spans=(*before.spans, line)[-3:])
    return Section()


def introduced(text: str, span: Span, section: Section) -> Section:
    named = [m for m in find_names(text, span.start, span.end) if not is_base(text, m, span.start)]
    verb = verb_in(text[span.start : span.end]) or section.verb
    mention = named[0] if named else section.mention
    return Section(True, mention, verb, (*section.spans, span)[-3:])


def may_guide(sentence: str, section: Section) -> bool:
    expects = TRIGGER.search(sentence) is not None
    if not (expects or section.open) or REFUSED.search(sentence):
        return False
    if QUOTED.search(sentence) and not _STRONG.search(sentence):
        return False
    if expects:
        return True
    return not _PAST.search(sentence) and not BACKWARD.search(sentence)


def is_base(text: str, mention: Mention, start: int) -> bool:
    return _BASE.search(text[max(start, mention.start - 50) : mention.start]) is not None
