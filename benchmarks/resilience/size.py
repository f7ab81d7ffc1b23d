"""How long a run takes: the short form for CI, the full one for figures to keep."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    rounds: int = 41  # batches of each subject
    rejections: int = 1_000_000
    peer_rejections: int = 20_000
    wall_rounds: int = 15
    wall_s: float = 0.3
    trials: int = 10_000
    peer_trials: int = 20
    blocking_s: float = 4.0
    peers_at_once: int = 1  # where they only wait
    spinning_s: float = 3.0
    starts: int = 6
    lives_s: float = 1.6


FULL = Size()
SHORT = Size(
    rounds=15,
    rejections=100_000,
    peer_rejections=3_000,
    wall_s=0.1,
    trials=300,
    peer_trials=2,
    blocking_s=3.0,
    peers_at_once=8,
    spinning_s=1.2,
    starts=2,
    lives_s=1.0,
)
