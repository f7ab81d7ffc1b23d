"""What is about to be paid for is written down right before it is sent, and not before."""

from __future__ import annotations

from collections.abc import Callable

from resilience.outcomes import Rejected


class NotSent(Rejected):
    """Raised to whoever is about to send: it must not be sent. A Rejected, so that it says
    nothing about the service; `Intent.problem` is what is behind it."""


class Intent:
    """The Begin of one call (earnings.analysts.base). Called again, for a retry of what was
    not taken, it is written down already.

    `id` is what `write` returned, None as long as nothing may have been sent.
    """

    def __init__(self, service: str, write: Callable[[], int]) -> None:
        self._service = service
        self._write = write
        self.id: int | None = None
        self.problem: Exception | None = None

    def __call__(self) -> None:
        """Raises NotSent, and a Rejected of `write` as it is."""
        if self.id is not None:
            return
        try:
            self.id = self._write()
        except Rejected:
            raise
        except Exception as problem:
            self.problem = problem
            raise NotSent(self._service, f"not sent: {problem}") from problem
