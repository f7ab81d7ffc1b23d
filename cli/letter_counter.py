"""Where the commands look at dead letters and decide about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cli.exit_codes import ExitCode
from cli.failures import Failure
from cli.letter_views import LetterView, RetryView
from jobs.dead_letters import DOCUMENT, ask_again, is_due, not_before
from storage.dead_letters import DeadLetter, DeadLetters
from storage.documents import Documents
from storage.states import LetterState

SHOWN = 10_000
_ENDED = (LetterState.RESOLVED, LetterState.DROPPED)


class LetterCounter:
    def __init__(self, letters: DeadLetters, documents: Documents) -> None:
        self._letters = letters
        self._documents = documents

    def list(self, now: datetime, *, ended: bool) -> Sequence[LetterView]:
        """Those that are open, longest not tried first; `ended`: and the others, newest first."""
        found = self._letters.in_state(LetterState.REPLAYING, SHOWN)
        found += self._letters.waiting(limit=SHOWN)
        if ended:
            found += [one for state in _ENDED for one in self._letters.in_state(state, SHOWN)]
        return [self._view(one, now) for one in found]

    def get(self, letter_id: int, now: datetime) -> LetterView | None:
        letter = self._letters.get(letter_id)
        return self._view(letter, now) if letter is not None else None

    def retry(
        self, letter_id: int | None, service: str | None, now: datetime, daemons: int
    ) -> RetryView:
        """One letter, or (None) all that wait, of one service or of every one. Raises Failure."""
        if letter_id is None:
            chosen = self._letters.waiting(service, limit=SHOWN)
        else:
            chosen = [self._known(letter_id)]
            if chosen[0].state is LetterState.RESOLVED:
                raise _refused(letter_id, "was done already: there is nothing to try again")
            if chosen[0].state is LetterState.REPLAYING:
                raise _refused(letter_id, "is being tried just now")
        for letter in chosen:
            ask_again(self._letters, letter)
        found = [self._letters.get(letter.id) for letter in chosen]
        views = tuple(self._view(letter, now) for letter in found if letter is not None)
        return RetryView(views, daemons)

    def drop(self, letter_id: int, now: datetime) -> LetterView:
        """Raises Failure."""
        letter = self._known(letter_id)
        if letter.state is not LetterState.DROPPED and not self._letters.drop(letter_id):
            doing = "is being tried just now" if letter.state is LetterState.REPLAYING else "ended"
            raise _refused(letter_id, f"{doing}: only one that waits can be dropped")
        return self._view(self._known(letter_id), now)

    def _known(self, letter_id: int) -> DeadLetter:
        letter = self._letters.get(letter_id)
        if letter is None:
            raise unknown_letter(letter_id)
        return letter

    def _view(self, letter: DeadLetter, now: datetime) -> LetterView:
        return LetterView(
            id=letter.id,
            service=letter.service,
            cause=letter.cause,
            state=str(letter.state),
            kind=letter.kind,
            key=letter.key,
            what=self._title(letter),
            error=letter.error,
            step=str(letter.payload.get("step", "")),
            attempts=letter.attempts,
            first_at=letter.first_at,
            last_at=letter.last_at,
            not_before=None if is_due(letter, now) else not_before(letter),
            next=_next(letter, now),
        )

    def _title(self, letter: DeadLetter) -> str:
        document = None
        if letter.kind == DOCUMENT and letter.key.isdigit():
            document = self._documents.get(int(letter.key))
        return document.title if document is not None else f"{letter.kind} {letter.key}"


def unknown_letter(letter_id: int) -> Failure:
    return Failure(
        ExitCode.UNKNOWN,
        "unknown_dead_letter",
        f"there is no dead letter {letter_id}",
        "python main.py dead-letters lists them",
    )


def _refused(letter_id: int, why: str) -> Failure:
    return Failure(ExitCode.REFUSED, "refused", f"dead letter {letter_id} {why}")


def _next(letter: DeadLetter, now: datetime) -> str:
    if letter.state is LetterState.REPLAYING:
        return "is being tried again"
    if letter.state is not LetterState.WAITING:
        return ""
    if letter.cause == "poison":
        return "waits for a person"
    if not is_due(letter, now):
        return "waits for its time"
    return f"goes on when {letter.service} would be asked again"
