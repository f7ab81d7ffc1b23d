"""The text of a model's answer becomes the analyst's answer, the same for every provider.

Whoever answers, the same shape is asked for, and nothing of it is believed: what comes out are
drafts, each with the words it must stand on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from earnings.analysts import answer as answers
from earnings.analysts.base import Analyst, Answer, NoAnswer, Question, Usage
from earnings.regexes import lazy_regex

# What a stored answer was asked about: notes of ours in the provider's body. A later reading by
# other limits does not change what the model was shown.
NOTES = "_notes"

# Some open models think aloud before they answer, and put the answer into a fence.
_THOUGHT = lazy_regex(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCED = lazy_regex(r"\A\s*```(?:json)?\s*\n(.*)\n\s*```\s*\Z", re.DOTALL | re.IGNORECASE)


def check_askable(analyst: Analyst, question: Question) -> None:
    """Raises NoAnswer where asking would come to nothing."""
    reason = analyst.switched_off()
    if reason is not None:
        raise NoAnswer(f"{analyst.name} is off: {reason}")
    if not question.reading.text.strip():
        raise NoAnswer("the document holds no text")


def answered(
    text: str,
    *,
    analyst: str,
    model: str,
    prompt_version: str,
    usage: Usage,
    notes: tuple[str, ...] = (),
) -> Answer:
    """`text` is a whole answer. Raises NoAnswer if it is not of the agreed shape."""
    try:
        found = answers.read_answer(_bare(text))
    except answers.UnusableAnswer as why:
        raise NoAnswer(f"{analyst}'s answer is not of the agreed shape: {why}") from why
    return Answer(
        analyst=analyst,
        model=model,
        prompt_version=prompt_version,
        drafts=found.drafts,
        period=found.period,
        is_results=found.is_results,
        usage=usage,
        notes=(*notes, *found.notes),
    )


def notes_of(body: Mapping[str, object]) -> tuple[str, ...]:
    """The notes that were stored with an answer."""
    noted = body.get(NOTES)
    return tuple(str(note) for note in noted) if isinstance(noted, list) else ()


def _bare(text: str) -> str:
    """The JSON in it, without what stands round it by habit."""
    text = _THOUGHT.sub("", text, count=1)
    fenced = _FENCED.match(text)
    return fenced[1] if fenced else text
