"""The text of a model's answer becomes the analyst's answer, the same for every provider.

Whoever answers, the same shape is asked for, and nothing of it is believed: what comes out are
drafts, each with the words it must stand on.
"""

from __future__ import annotations

import re

from earnings.analysts import answer as answers
from earnings.analysts.base import Answer, NoAnswer, Usage
from earnings.analysts.prompt import Prompt

# Some open models think aloud before they answer, and put the answer into a fence.
_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCED = re.compile(r"\A\s*```(?:json)?\s*\n(.*)\n\s*```\s*\Z", re.DOTALL | re.IGNORECASE)


def answered(
    text: str,
    *,
    analyst: str,
    model: str,
    prompt: Prompt,
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
        prompt_version=prompt.version,
        drafts=found.drafts,
        period=found.period,
        is_results=found.is_results,
        usage=usage,
        notes=(*(notes or prompt.notes), *found.notes),
    )


def _bare(text: str) -> str:
    """The JSON in it, without what stands round it by habit."""
    text = _THOUGHT.sub("", text, count=1)
    fenced = _FENCED.match(text)
    return fenced[1] if fenced else text
