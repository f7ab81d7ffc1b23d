"""What is no policy: each number by itself, and numbers that do not go together."""

from __future__ import annotations

from dataclasses import fields, replace
from math import inf, nan
from typing import Any

import pytest

from resilience.quota import QuotaRule
from resilience.soundness import UnsoundSpec
from resilience.spec import PRESETS, ChaosRule, PolicySpec, RateRule


def flaws(**numbers: Any) -> list[str]:
    with pytest.raises(UnsoundSpec) as refused:
        PolicySpec(**numbers)
    return [flaw.field for flaw in refused.value.flaws]


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_are_sound(preset: str) -> None:
    """Made anew, each of them holds."""
    assert replace(PRESETS[preset]) == PRESETS[preset]


@pytest.mark.parametrize(
    ("numbers", "field"),
    [
        ({"deadline_s": 0}, "deadline_s"),
        ({"attempts": 0}, "attempts"),
        ({"window_calls": 0, "minimum_calls": 0}, "window_calls"),
        ({"window_s": -1}, "window_s"),
        ({"wait_s": 9}, "wait_s"),
        ({"timeout_s": 121}, "timeout_s"),
        ({"open_s": 901}, "open_s"),
        ({"failure_rate_pct": 101}, "failure_rate_pct"),
        ({"slow_rate_pct": 10}, "slow_s"),
        ({"minimum_calls": 21}, "minimum_calls"),
        ({"jitter": "much"}, "jitter"),
        ({"estimates": {"tokens": -1}}, "estimates.tokens"),
        ({"rates": (RateRule(1), RateRule(0))}, "rates[1].rate"),
        ({"rates": (RateRule(1, per_s=0),)}, "rates[0].per_s"),
        ({"rates": (RateRule(1, burst=inf),)}, "rates[0].burst"),
        ({"rates": (RateRule(1, algorithm="none"),)}, "rates[0].algorithm"),
        ({"rates": (RateRule(1, burst=0.9),)}, "rates[0].burst"),
        ({"rates": (RateRule(0.5, algorithm="sliding_window"),)}, "rates[0].rate"),
        ({"quotas": (QuotaRule("tokens", 0),)}, "quotas[0].limit"),
        ({"quotas": (QuotaRule("tokens", 5, per="year"),)}, "quotas[0].per"),
        ({"quotas": (QuotaRule("tokens", 5, zone="Moon/Base"),)}, "quotas[0].zone"),
        ({"quotas": (QuotaRule("tokens", 5, block=-1),)}, "quotas[0].block"),
        ({"quotas": (QuotaRule("requests", 0.5),)}, "quotas[0].limit"),
        ({"chaos": ChaosRule(fault_pct=101)}, "chaos.fault_pct"),
        ({"chaos": ChaosRule(latency_s=-1)}, "chaos.latency_s"),
    ],
)
def test_a_flaw_is_named(numbers: dict[str, Any], field: str) -> None:
    """By its place in the specification."""
    assert field in flaws(**numbers)


@pytest.mark.parametrize(
    "name", [field.name for field in fields(PolicySpec) if isinstance(field.default, float)]
)
def test_what_is_no_number_is_no_limit(name: str) -> None:
    """Every comparison with NaN is false, so it would slip through a careless rule."""
    assert name in flaws(**{name: nan})


def test_all_flaws_are_told() -> None:
    """Each with what was given and what to do."""
    with pytest.raises(UnsoundSpec, match=r"attempts must be .*; timeout_s must not be above"):
        PolicySpec(attempts=0, timeout_s=500)
    try:
        PolicySpec(timeout_s=500)
    except UnsoundSpec as unsound:
        (flaw,) = unsound.flaws
    assert (flaw.got, flaw.fix) == (500, "lower timeout_s, or raise deadline_s")
    assert flaw.others == ("deadline_s",)


@pytest.mark.parametrize(
    ("rule", "processes", "most"),
    [
        (RateRule(8), 1, 8),
        (RateRule(8), 4, 32),
        (RateRule(8, shared=True), 4, 8),
        (RateRule(8, burst=3, shared=True), 4, 16),
        (RateRule(480, per_s=60, burst=3), 1, 10),
        (RateRule(8, burst=3, algorithm="leaky_bucket"), 1, 8),
        (RateRule(60, per_s=60, algorithm="sliding_window", shared=True), 4, 60),
    ],
)
def test_most_in_a_second(rule: RateRule, processes: int, most: float) -> None:
    """A burst comes on top, in each process; a window may be used up at once."""
    assert rule.most_in(1.0, processes) == pytest.approx(most)
