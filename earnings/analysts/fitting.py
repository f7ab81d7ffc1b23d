"""A question made to fit into what a model takes at once.

Nothing is cut in silence: what was left out is said in the prompt itself and in its notes, and
where too little of the document would be left to judge it by, nobody is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from earnings.analysts.base import AskedWith, NoAnswer, Question
from earnings.analysts.prices import Prices
from earnings.analysts.prompt import Prompt, build

LEAST_CHARACTERS = 2_000  # of a document that is trimmed; its opening and one table
_TRIES = 8
_PER_TOKEN = 6  # characters: more than any text has on average
_SPARE = 0.97  # of what is computed: pieces are not all alike


@dataclass(frozen=True)
class Fit:
    """`tokens`: of all that is sent, at the most."""

    prompt: Prompt
    tokens: int

    def asked_with(self, beside: int, prices: Prices) -> AskedWith:
        """For those who count what was saved. `beside`: characters sent with every document."""
        sent = beside + len(self.prompt.about) + len(self.prompt.document)
        whole = sent + self.prompt.left_out
        return AskedWith(sent, whole, prices.input_usd, prices.output_usd)


def fitted(
    question: Question,
    *,
    analyst: str,
    room: int,
    beside: int,
    count: Callable[[str], int],
    max_characters: int,
) -> Fit:
    """The prompt for `question` within `room` tokens, of which `beside` are taken by what stands
    in no document (the rules, the shape of the answer). Raises NoAnswer."""
    free = room - beside
    characters = min(len(question.reading.text), max_characters, max(0, free) * _PER_TOKEN)
    for _ in range(_TRIES):
        prompt = build(question, characters)
        document, about = count(prompt.document), count(prompt.about)
        if document + about <= free:
            return Fit(prompt, beside + about + document)
        share = (free - about) / document
        characters = int(min(characters, len(prompt.document)) * share * _SPARE)
        if characters < LEAST_CHARACTERS:
            break
    raise NoAnswer(
        f"{analyst} takes {room:,} tokens at once, of which the rules and the shape of the answer "
        f"are {beside:,}: too little of the {len(question.reading.text):,} characters of this "
        "document would be left"
    )
