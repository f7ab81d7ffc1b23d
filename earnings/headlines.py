"""When two headlines are one: the same link, or the same words at about the same time.

A link is compared without what only says how somebody came to it (utm_…, a fragment, "www."),
a title without case, punctuation and the name of its publisher behind a dash.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from earnings.regexes import lazy_regex

LONGEST_LINK = 2_000
LONGEST_TITLE = 300
LEAST_WORDS = 4  # "Weekly update" is the title of many things

_TRACKING = lazy_regex(
    r"^(?:utm_\w+|mc_[ce]id|[gf]bclid|gclid|dclid|msclkid|yclid|igshid|wt\.mc_id|cmpid|ncid|"
    r"ocid|ito|guccounter|guce_\w+|soc_(?:src|trk)|__twitter_impression|s?cid|feedtype|"
    r"feedname|rss|source|ref|ref_src|ref_url|share|smid|smtyp|at_medium|at_campaign)$",
    re.IGNORECASE,
)
_PORTS = {"http": 80, "https": 443}
_PUBLISHER = lazy_regex(r"\s+[|\-\N{EN DASH}\N{EM DASH}]\s+(?=[A-Z0-9])([^|\N{EM DASH}]{2,40})$")
_UNSEEN = lazy_regex(r"[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


def clean_title(text: str) -> str:
    """In one line, without what cannot be seen; cut at a word's end."""
    line = " ".join(_UNSEEN.sub(" ", unicodedata.normalize("NFC", text)).split())
    if len(line) <= LONGEST_TITLE:
        return line
    return line[:LONGEST_TITLE].rsplit(" ", 1)[0] + " …"


def clean_link(url: str) -> str | None:
    """A web address that may be shown and opened, without trackers; None if it is none."""
    url = url.strip()
    if not url or len(url) > LONGEST_LINK or not url.isprintable() or re.search(r"[\s<>\"]", url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    if scheme not in _PORTS or not host or parts.username is not None or "\\" in url:
        return None
    at = f"[{host}]" if ":" in host else host
    if port is not None and port != _PORTS[scheme]:
        at = f"{at}:{port}"
    return urlunsplit((scheme, at, parts.path or "/", _query(parts.query), ""))


def link_key(link: str) -> str:
    """What two links to one page have in common. `link` is a clean one."""
    parts = urlsplit(link)
    host = re.sub(r"^(?:www|m|amp)\.(?=[^.]+\.)", "", parts.netloc)
    path = re.sub(r"/(?:amp/?|index\.html?)$", "/", parts.path).rstrip("/")
    pairs = sorted(parse_qsl(parts.query, keep_blank_values=True))
    return f"{host}{path}" + (f"?{urlencode(pairs)}" if pairs else "")


def text_key(title: str) -> str:
    """What two titles of one text have in common; "" where it is too short to say."""
    words = _words(_PUBLISHER.sub("", title))
    if len(words) < LEAST_WORDS:
        words = _words(title)
    return " ".join(words) if len(words) >= LEAST_WORDS else ""


def _words(title: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", title).casefold()
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    plain = re.sub(r"(?<=\w)['\N{RIGHT SINGLE QUOTATION MARK}](?=\w)", "", plain)
    return re.findall(r"\w+", plain)


def _query(query: str) -> str:
    """Without trackers, the rest as it was written."""
    kept = [pair for pair in query.split("&") if pair and not _TRACKING.match(pair.split("=")[0])]
    return "&".join(kept)
