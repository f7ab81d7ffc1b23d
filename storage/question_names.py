"""The name (`custom_id`) by which a question is found in a provider's list, whatever became of us.

Made of the question itself, of how often it was asked before, and of the installation's own name:
a database that was restored from a backup of before it was sent gives it the same name again, and a
question that is asked anew, because nobody answered it, another. No other installation in the
same workspace has it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from storage.database import Tx

PREFIX = "rx-"
LATER = 8  # as often may it have been asked again since the backup
_DIGITS = 40  # Claude takes 64 characters: letters, digits, - and _


def installation_name(tx: Tx) -> str:
    """The name that no other installation has."""
    row = tx.one("paid_batches.installation")
    assert row is not None  # its migration has written it
    return str(row["name"])


def question_name(installation: str, row: Mapping[str, Any], asked: int) -> str:
    """`row`: of paid_call; `asked`: how often it was asked before."""
    parts = [installation, row["provider"], row["model"], row["prompt_version"], row["sha256"]]
    said = json.dumps([*parts, asked]).encode()
    return PREFIX + hashlib.sha256(said).hexdigest()[:_DIGITS]


def names_since(installation: str, row: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """The names it may have been sent under since `row` was written, the latest first; with how
    often it had been asked before that."""
    for asked in range(row["asked"] + LATER - 1, row["asked"] - 1, -1):
        yield asked, question_name(installation, row, asked)
