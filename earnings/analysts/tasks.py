"""What each analyst may give: figures, guidance, quotes.

What it gives beside is dropped and counted in a note; what the local rules found of that kind
stays, as whatever a model is silent about does. Everything that is let through is verified all the
same, whoever gave it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace

from earnings.analysts.base import Answer, Draft, FigureDraft, GuidanceDraft

FIGURES, GUIDANCE, QUOTES = TASKS = ("figures", "guidance", "quotes")

Tasks = Mapping[str, Collection[str]]
"""By analyst; one that is not named may give everything."""


def task_of(draft: Draft) -> str:
    if isinstance(draft, FigureDraft):
        return FIGURES
    return GUIDANCE if isinstance(draft, GuidanceDraft) else QUOTES


def within(answer: Answer, tasks: Tasks) -> Answer:
    """The answer without what its analyst may not give, and a note that counts it."""
    allowed = tasks.get(answer.analyst, TASKS)
    kept = tuple(draft for draft in answer.drafts if task_of(draft) in allowed)
    if len(kept) == len(answer.drafts):
        return answer
    dropped = Counter(task_of(draft) for draft in answer.drafts) - Counter(map(task_of, kept))
    notes = (
        f"{count} drafts dropped: {task} is no task of {answer.analyst} (analysts.tasks)"
        for task, count in sorted(dropped.items())
    )
    return replace(answer, drafts=kept, notes=(*answer.notes, *notes))
