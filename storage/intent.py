"""What is about to be paid for is written down right before it is sent, and not before."""

from __future__ import annotations

from collections.abc import Callable

from earnings.analysts.base import TakeBack
from resilience.outcomes import Rejected


class NotSent(Rejected):
    """Raised to whoever is about to send: it must not be sent. A Rejected, so that it says
    nothing about the service; `Intent.problem` is what is behind it."""


class Intent:
    """The Begin of one call (earnings.analysts.base).

    `id` is what `write` returned, None as long as nothing may have been sent. With `take_back`
    it is None again once an attempt is proven not to have been taken, and the next attempt is
    written down anew. Without, what is written down stands for the attempts that follow.
    """

    def __init__(
        self,
        service: str,
        write: Callable[[], int],
        take_back: Callable[[int, Exception], None] | None = None,
    ) -> None:
        self._service = service
        self._write = write
        self._take_back = take_back
        self.id: int | None = None
        self.problem: Exception | None = None

    def __call__(self) -> TakeBack:
        """Raises NotSent, and a Rejected of `write` as it is."""
        if self.id is None:
            try:
                self.id = self._write()
            except Rejected:
                raise
            except Exception as problem:
                self.problem = problem
                raise NotSent(self._service, f"not sent: {problem}") from problem
        return self._not_taken

    def _not_taken(self, failure: Exception) -> None:
        if self.id is not None and self._take_back is not None:
            self._take_back(self.id, failure)
            self.id = None
