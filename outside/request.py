"""One request as it will be sent, and how its failures are spoken of.

Every message names the request by method and address, with its secrets masked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from outside.answers import HttpAnswer
from outside.errors import BadAnswer, TimedOut, TooLarge, Unreachable
from outside.redaction import redact, safe_url
from resilience.outcomes import Outcome

Check = Callable[[HttpAnswer], None]
BeforeSend = Callable[[], Callable[[Exception], None] | None]


@dataclass(frozen=True)
class Ask:
    """`repeatable`: sending it twice does no harm. `check` looks at every answer first,
    `before_send` is called before each attempt, when every gate has let it through; what it
    returns is told of a failure that proves that this attempt was not taken."""

    service: str
    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    max_bytes: int
    read_timeout_s: float
    total_timeout_s: float
    deadline_at: float | None
    check: Check | None
    repeatable: bool
    before_send: BeforeSend | None
    secrets: frozenset[str] = field(repr=False)
    follows: bool = True  # redirects on the same host

    def shown(self, url: str) -> str:
        return redact(safe_url(url), self.secrets)

    def line(self) -> str:
        return f"{self.method} {self.shown(self.url)}"

    def not_sent(self, why: str, *, retryable: bool) -> Unreachable:
        """No connection came about: the other side has not seen it."""
        what = f"{self.line()}: {why}"
        return Unreachable(self.service, what, retryable=retryable, accepted=False)

    def late(self, why: str) -> TimedOut:
        return TimedOut(self.service, f"{self.line()}: {why}", retryable=True)

    def broken(self, why: str) -> BadAnswer:
        """It was sent, and what came back is not a whole answer."""
        return BadAnswer(self.service, f"{self.line()}: {why}", retryable=True)

    def unusable(self, answer: HttpAnswer, why: str) -> BadAnswer:
        """A whole answer that leads nowhere; the next one will be the same."""
        what = f"{self.line()} {why}"
        return BadAnswer(self.service, what, outcome=Outcome.NEUTRAL, answer=answer)

    def too_large(self, announced: int | None) -> TooLarge:
        told = announced is not None and announced > self.max_bytes
        size = f"{announced:,} bytes" if told else "more than we take"
        return TooLarge(
            self.service,
            f"{self.line()} answered {size}; the limit is {self.max_bytes:,} bytes",
            limit=self.max_bytes,
            announced=announced if told else None,
        )
