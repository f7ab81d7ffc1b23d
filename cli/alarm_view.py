"""What became of an alarm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class AlarmView:
    """`problem`: why the webhook was not told."""

    unit: str
    text: str
    webhook: Literal["told", "unset", "failed"]
    problem: str = ""
