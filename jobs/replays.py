"""Does again what an outage stopped, as soon as its service would be asked again.

Of an open circuit whose wait is over one letter goes ahead: its work is the breaker's trial
call. Once the circuit is closed several go at a time. Whoever waits longest without having
been tried is first, so a document that breaks its service cannot be every trial.

A replay only puts the work back in the queue it came from, under an id that collapses with
any other wish for the same document. It ends with the work: resolved, or put again.
"""

from __future__ import annotations

import logging
from collections import Counter

from jobs.context import JobContext
from jobs.dead_letters import DOCUMENT, is_due
from jobs.leads import enqueue_again
from resilience.dead_letters import MOST_AT_ONCE, replays_now
from storage.dead_letters import DeadLetter, DeadLetters
from storage.states import LetterState

log = logging.getLogger("jobs.replays")

EVERY_S = 5.0
ROUNDS, ROUND_S = 5, 1.0  # of one tick, while there is something to do
STALE_S = 300.0  # claimed so long ago: whoever did is gone, or waits in a long queue
LOOKED = 500  # letters of a service that are looked at for one that is due


class Replays:
    def __init__(self, context: JobContext, letters: DeadLetters) -> None:
        self._context = context
        self._letters = letters

    def tick(self) -> int:
        """Safe at any time, and by several processes at once; how many replays began. Raises
        what the database raises."""
        released = self._letters.release_stale(STALE_S)
        if released:
            log.warning("%d dead letter(s) whose replay never ended wait again", released)
        begun = 0
        for _ in range(ROUNDS):
            now_begun = self._round()
            begun += now_begun
            if not now_begun or self._context.clock.wait(ROUND_S, self._context.stopping):
                break
        return begun

    def _round(self) -> int:
        counts = self._letters.counts()
        under_way: Counter[str] = Counter()
        for one in counts:
            if one.state is LetterState.REPLAYING:
                under_way[one.service] += one.letters
        waiting = {
            one.service
            for one in counts
            if one.state is LetterState.WAITING and one.cause == "outage"
        }
        return sum(self._replay(each, self._may(each) - under_way[each]) for each in waiting)

    def _may(self, service: str) -> int:
        policies = self._context.policies
        if service not in policies.services():
            return MOST_AT_ONCE  # nothing stands between it and us
        return replays_now(policies.explain(service), policies.of(service).status().state)

    def _replay(self, service: str, most: int) -> int:
        if most <= 0:
            return 0
        now = self._context.clock.now()
        looked = self._letters.waiting(service, "outage", LOOKED)
        due = [place for place, letter in enumerate(looked) if is_due(letter, now)][:most]
        if not due:
            return 0
        begun = 0
        # They are claimed from the front of the queue: those that are not due go back.
        for letter in self._letters.claim_for_replay(due[-1] + 1, service, "outage"):
            if begun < most and is_due(letter, now) and self._begin(letter):
                begun += 1
            else:
                self._letters.back(letter.id)
        if begun:
            log.info("%s: %d dead letter(s) are tried again", service, begun)
        return begun

    def _begin(self, letter: DeadLetter) -> bool:
        """Queue its work; False if there is nothing to queue."""
        if letter.kind != DOCUMENT:
            return False
        document = self._context.documents.get(int(letter.key))
        if document is None:
            self._letters.resolve(letter.kind, letter.key)
            return False
        return enqueue_again(self._context, document)
