"""Whether this machine is short of memory, so that new work is shed until it is not.

Somebody else measures (`tell`), now and then; a call only reads one attribute. Two limits
keep it from flapping: shedding begins above `high_pct` and ends below `low_pct`.
"""

from __future__ import annotations


class Pressure:
    __slots__ = ("again_s", "high_pct", "is_high", "low_pct", "why")

    def __init__(
        self, high_pct: float = 92.0, low_pct: float = 85.0, again_s: float = 30.0
    ) -> None:
        if not 0 < low_pct <= high_pct <= 100:
            raise ValueError(
                f"memory limits must be 0 < low <= high <= 100, got {low_pct}, {high_pct}"
            )
        self.high_pct = high_pct
        self.low_pct = low_pct
        self.again_s = again_s  # when a rejected caller is told to come back
        self.is_high = False
        self.why = ""

    def tell(self, used_pct: float) -> bool:
        """The share of memory in use; whether work is shed from now on."""
        limit = self.low_pct if self.is_high else self.high_pct
        self.is_high = used_pct >= limit
        self.why = f"{used_pct:.0f} % of the memory is in use" if self.is_high else ""
        return self.is_high
