"""The SEC's refusals, which look like pages.

Over its limit, or asked by a program that does not say whose it is, the SEC answers a
well-formed page of HTML, mostly with 403 or 429, at times with 200. Unrecognised, that page
would be read as a press release. Going on asking prolongs the block, so each refusal asks
for the ten minutes the page names, and the service's policy holds everybody back.
"""

from __future__ import annotations

import re

from earnings.regexes import lazy_regex
from outside.answers import HttpAnswer
from outside.errors import BadAnswer, HttpFailure
from outside.headers import retry_after_s
from resilience.clock import Clock
from resilience.outcomes import Outcome

BLOCK_S = 600.0

_HEADINGS = lazy_regex(r"<(title|h1)\b[^>]*>(.*?)</\1>", re.IGNORECASE | re.DOTALL)
_UNDECLARED = lazy_regex(r"undeclared\s+automated\s+tool", re.IGNORECASE)
_TOO_FAST = lazy_regex(
    r"request\s+rate\s+(?:threshold\s+)?(?:has\s+)?exceeded|traffic\s+limit", re.IGNORECASE
)
_LOOKED_AT = 16_384


class SecRefused(HttpFailure):
    """The SEC lets nothing through for ten minutes."""


def check(answer: HttpAnswer, clock: Clock) -> None:
    """Raises SecRefused if `answer` is a refusal, BadAnswer if it is another page of the
    SEC's site where a document was due. Every answer of the SEC goes through here."""
    start = answer.body[:_LOOKED_AT].decode("utf-8", errors="replace")
    headings = " ".join(text for _, text in _HEADINGS.findall(start))
    words = start if answer.status >= 400 else headings
    asked_s = retry_after_s(answer.headers, clock.now())
    if _UNDECLARED.search(words):
        raise _refused(
            answer,
            'it takes us for an "undeclared automated tool"',
            asked_s,
            "set SEC_CONTACT to your company and a working e-mail address",
        )
    if _TOO_FAST.search(words) or answer.status == 429:
        raise _refused(
            answer,
            "too many requests from this address (10 a second are allowed, over all machines)",
            asked_s,
            "nothing is asked until then; lower sec.requests_per_s if this comes back",
        )
    if answer.status == 200 and headings.lstrip().startswith("SEC.gov |"):
        raise BadAnswer(
            answer.service,
            f"{answer.url} answered a page of the SEC's site ({headings.strip()[:80]})",
            retryable=True,
            answer=answer,
        )


def _refused(answer: HttpAnswer, why: str, asked_s: float | None, fix: str) -> SecRefused:
    return SecRefused(
        answer.service,
        f"the SEC refuses to answer: {why} ({answer.url} answered {answer.status})",
        retryable=True,
        accepted=False,
        outcome=Outcome.FAILURE,
        retry_after_s=max(BLOCK_S, asked_s or 0.0),
        fix=fix,
        answer=answer,
    )
