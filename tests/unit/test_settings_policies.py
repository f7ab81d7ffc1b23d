"""[policies.NAME]: the words and ranges, which are those of the policy layer."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest

from resilience.limiters import ALGORITHMS
from resilience.quota import PERIODS, QuotaRule
from resilience.retry import JITTERS
from resilience.spec import PRESETS, ChaosRule, PolicySpec, RateRule
from settings import SettingsError, load
from settings.policies import (
    Algorithm,
    ChaosSettings,
    Jitter,
    Period,
    PolicySettings,
    Preset,
    QuotaSettings,
    RateSettings,
)


def numbers(spec: Any) -> dict[str, Any]:
    return {field.name: getattr(spec, field.name) for field in fields(spec)}


@pytest.mark.parametrize(
    ("words", "known"),
    [(Preset, PRESETS), (Jitter, JITTERS), (Algorithm, ALGORITHMS), (Period, PERIODS)],
    ids=["presets", "jitters", "algorithms", "periods"],
)
def test_the_words_are_those_of_the_policy_layer(words: Any, known: Any) -> None:
    """Settings may not import it, so each list stands twice."""
    assert sorted(get_args(words)) == sorted(known)


@pytest.mark.parametrize(
    ("table", "rule", "more"),
    [
        (PolicySettings, PolicySpec, {"preset"}),
        (RateSettings, RateRule, set()),
        (QuotaSettings, QuotaRule, set()),
        (ChaosSettings, ChaosRule, set()),
    ],
)
def test_every_number_can_be_set(table: Any, rule: Any, more: set[str]) -> None:
    """And nothing can be set that is no number of a policy."""
    assert set(table.model_fields) == {field.name for field in fields(rule)} | more


def test_a_table_that_sets_nothing_is_its_preset() -> None:
    """A policy has no numbers but its preset's; an entry has those the policy layer gives it."""
    given = PolicySettings().model_dump(exclude={"preset"})
    assert {name for name, value in given.items() if value is not None} == set()

    assert RateRule(**dict(RateSettings(rate=3))) == RateRule(3)
    assert QuotaRule(**dict(QuotaSettings(limit=3))) == QuotaRule("requests", 3)
    assert ChaosRule(**dict(ChaosSettings())) == ChaosRule()


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_can_be_written_out(preset: str) -> None:
    """Its numbers lie within the ranges of the settings."""
    spec = numbers(PRESETS[preset])
    spec["rates"] = [numbers(rate) for rate in spec["rates"]]
    written_out = PolicySettings.model_validate({**spec, "estimates": {}})

    assert written_out.model_dump(exclude={"preset", "rates"}) == {
        name: value for name, value in {**spec, "estimates": {}}.items() if name != "rates"
    }


def test_wrong_numbers_are_refused_without_the_policy_layer(tmp_path: Path) -> None:
    """What is wrong by itself needs no preset to be found, and one hides no other."""
    path = tmp_path / "x.toml"
    path.write_text(
        "[policies.edgar]\nattempts = 0\ntimeout_s = nan\nwindow_calls = 0\npreset = 'htpp'\n"
        "rates = [{ rate = -1, per_s = 0 }, { rate = 1, algorithm = 'leaky' }]\n"
        "quotas = [{ limit = 1, zone = 'Moon/Base' }]\nestimates = { tokens = -1 }\n"
    )
    with pytest.raises(SettingsError) as refused:
        load({}, path)

    assert {problem.where.removeprefix("x.toml: policies.edgar.") for problem in
            refused.value.problems} == {
        *("attempts", "timeout_s", "window_calls", "preset", "estimates.tokens"),
        *("rates[0].rate", "rates[0].per_s", "rates[1].algorithm", "quotas[0].zone"),
    }  # fmt: skip


def test_numbers_of_one_table_leave_the_shipped_of_all_others(tmp_path: Path) -> None:
    """A pace of one's own takes the shipped one's place; nothing else changes."""
    path = tmp_path / "x.toml"
    path.write_text("[[policies.claude.rates]]\nrate = 1000\nper_s = 60\n")
    mine, shipped = load({}, path).policies, load({}).policies

    assert mine["claude"].rates == (RateSettings(rate=1000, per_s=60),)
    assert mine["claude"].preset == shipped["claude"].preset
    assert mine["edgar"].preset == shipped["edgar"].preset
