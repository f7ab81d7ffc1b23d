"""Which text of an HTML page a person cannot see.

Hidden text is where a document can say to a program what it does not say to a reader, so
it is dropped: `display:none`, invisible or as good as that, two points high or less, clipped or
shrunk to nothing, moved off the page, or white on white.
White text on a dark table heading is common and stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from earnings.regexes import lazy_regex

_RULE = lazy_regex(r"([^{}]{1,300})\{([^{}]{0,2000})\}")
_CLASS = lazy_regex(r"^(?:[a-z]+\d?)?\.([\w-]+)$", re.I)
_HIDDEN = lazy_regex(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)"
    r"|opacity\s*:\s*(?:0?\.0\d*|0(?:\.0\d*)?|[0-5](?:\.\d+)?%)\s*(?:;|!|$)"
    r"|font-size\s*:\s*(?:0*(?:\.\d+)?(?:px|pt|em|rem|%)?|[0-2](?:\.\d+)?(?:px|pt))\s*(?:;|!|$)"
    r"|font\s*:[^;]*(?<![\d.])(?:0(?:\.0+)?(?:px|pt|em)|[0-2](?:\.\d+)?(?:px|pt))[\s/;]"
    r"|clip\s*:\s*rect\(\s*[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?\s*\)"
    r"|transform\s*:[^;]*scale(?:[xy]|3d)?\(\s*0(?:\.0\d*)?\s*[,)]"
    r"|(?<![-\w])(?:max-)?height\s*:\s*[01](?:px)?\s*;.*overflow\s*:\s*hidden"
    r"|overflow\s*:\s*hidden.*(?<![-\w])(?:max-)?height\s*:\s*[01](?:px)?\s*(?:;|!|$)"
    r"|(?:left|top|text-indent)\s*:\s*-\d{3,}(?:px|pt|em)",
    re.I,
)
_COLOR = lazy_regex(r"(?:^|[;\s])color\s*:\s*([^;!]+)", re.I)
_BACKGROUND = lazy_regex(r"background(?:-color|-image)?\s*:\s*([^;!]+)", re.I)
_RGB = lazy_regex(r"rgba?\(\s*(\d+)\s*[, ]\s*(\d+)\s*[, ]\s*(\d+)", re.I)
_RAISED = lazy_regex(r"vertical-align\s*:\s*(?:super|text-top)|(?<![-\w])top\s*:\s*-[\d.]+", re.I)


@dataclass(frozen=True)
class Look:
    """What an element passes down to what it contains."""

    hidden: bool = False
    white_text: bool = False
    white_ground: bool = True
    raised: bool = False  # a footnote mark

    @property
    def seen(self) -> bool:
        return not self.hidden and not (self.white_text and self.white_ground)


PLAIN = Look()


def look(parent: Look, tag: str, attributes: Mapping[str, str], classes: Mapping[str, str]) -> Look:
    """How the text of an element looks, given its parent and the page's class rules."""
    style = attributes.get("style", "")
    named = attributes.get("class")
    if named and classes:
        style = ";".join([*(classes.get(name, "") for name in named.split()), style])
    colour, ground = attributes.get("color"), attributes.get("bgcolor")
    if tag == "sup":
        parent = Look(parent.hidden, parent.white_text, parent.white_ground, True)
    is_hidden = "hidden" in attributes
    if not style and colour is None and ground is None and not is_hidden:
        return parent
    return _styled(parent, style, colour, ground, is_hidden)


@lru_cache(4096)  # a page of ten thousand cells has some dozens of styles
def _styled(
    parent: Look, style: str, colour: str | None, ground: str | None, is_hidden: bool
) -> Look:
    hidden = parent.hidden or is_hidden or bool(style and _HIDDEN.search(style))
    painted = _COLOR.search(style)
    colour = painted[1] if painted else colour
    filled = _BACKGROUND.search(style)
    ground = filled[1] if filled else ground
    return Look(
        hidden,
        parent.white_text if colour is None else _is_white(colour),
        parent.white_ground if ground is None else _leaves_white(ground, parent.white_ground),
        parent.raised or bool(style and _RAISED.search(style)),
    )


def class_rules(css: str) -> dict[str, str]:
    """The declarations of each plain `.name { ... }` rule; other selectors are not followed."""
    rules: dict[str, str] = {}
    for selectors, body in _RULE.findall(css[:100_000]):
        for selector in selectors.split(","):
            match = _CLASS.match(selector.strip())
            if match:
                rules[match[1]] = rules.get(match[1], "") + ";" + body
    return rules


def _is_white(colour: str) -> bool:
    colour = colour.strip().lower()
    if colour in ("white", "#fff", "#ffffff", "snow", "transparent"):
        return True
    match = _RGB.match(colour)
    if match:
        return all(int(part) >= 250 for part in match.groups())
    return bool(re.fullmatch(r"#f[a-f]f[a-f]f[a-f]", colour))


def _leaves_white(ground: str, before: bool) -> bool:
    ground = ground.strip().lower()
    if ground in ("none", "transparent", "inherit", "initial", "0", ""):
        return before
    if "url(" in ground or "gradient" in ground:
        return False
    return _is_white(ground.split(" ")[0] if not ground.startswith("rgb") else ground)
