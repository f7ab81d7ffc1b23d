"""What analysts are made from, out of the settings."""

from __future__ import annotations

import threading
from decimal import Decimal
from pathlib import Path

import pytest

from bootstrap.policies import policy_specs
from bootstrap.services import (
    bills_nobody,
    budgets,
    build_policies,
    build_services,
    secrets,
    tokens_at_once,
)
from resilience.quota import QuotaRule
from resilience.spec import PolicySpec, RateRule
from resilience.testing import FakeClock
from settings import SettingsError, load

GROQ_KEY = "gsk_" + "a1B2" * 13


@pytest.mark.parametrize(
    ("spec", "most"),
    [
        (PolicySpec(), None),
        (PolicySpec(rates=(RateRule(30, per_s=60, burst=5),)), None),
        (PolicySpec(rates=(RateRule(8_000, per_s=60, burst=6_000, resource="tokens"),)), 6_000),
        (
            PolicySpec(
                rates=(RateRule(8_000, 60, resource="tokens", algorithm="sliding_window"),),
                quotas=(QuotaRule("tokens", 9_000), QuotaRule("requests", 5)),
            ),
            8_000,
        ),
        (PolicySpec(quotas=(QuotaRule("tokens", 7_000),)), 7_000),
    ],
)
def test_one_call_takes_no_more_than_every_limit_allows(spec: PolicySpec, most: int | None) -> None:
    """A question above it would wait for ever: it has to be trimmed before."""
    assert tokens_at_once(spec) == most
    if most is not None:
        assert not any(rate.never_passes(most) for rate in spec.rates if rate.resource == "tokens")


def test_the_shipped_limits_are_those_of_the_free_plan() -> None:
    """Which is what a key without a payment gets."""
    assert tokens_at_once(policy_specs(load({}))["groq"]) == 8_000


def test_groq_has_caps_once_it_has_a_key() -> None:
    """Without one, nothing of it shows; its key is a secret like any other."""
    assert set(budgets(load({}))) == {"claude"}
    settings = load({"GROQ_API_KEY": GROQ_KEY})
    assert budgets(settings)["groq"].daily_usd == Decimal(1)
    assert GROQ_KEY in secrets(settings)


def test_who_is_off_is_said_with_the_way_to_switch_it_on() -> None:
    """For want of a key, or because nobody asks it."""

    def off(environment: dict[str, str]) -> dict[str, str]:
        settings, clock = load(environment), FakeClock()
        policies = build_policies(settings, clock, threading.Event())
        services = build_services(settings, clock, policies)
        services.door.close()
        return services.off()

    bare = off({})
    assert {"claude", "groq", "ollama", "youtube", "tavily", "edgar"} <= set(bare)
    assert "GROQ_API_KEY" in bare["groq"]
    assert "groq" not in off({"GROQ_API_KEY": GROQ_KEY})
    unlisted = off({"GROQ_API_KEY": GROQ_KEY, "RETAILXAI_ANALYSTS_ORDER": "claude"})
    assert unlisted["groq"] == "not in analysts.order"


def test_local_and_ollama_bill_nobody() -> None:
    """The ledger keeps no question to them in doubt."""
    assert bills_nobody() == {"local", "ollama"}


def test_the_prices_of_another_model_are_warned_of(tmp_path: Path) -> None:
    """Groq's like Claude's, if it is asked at all."""
    changed = {"RETAILXAI_GROQ_MODEL": "openai/gpt-oss-20b"}
    assert not load(changed).warnings
    (warning,) = load({**changed, "GROQ_API_KEY": GROQ_KEY}).warnings
    assert "the prices are those of openai/gpt-oss-120b" in warning.rule
    assert "[groq.prices]" in warning.fix


def test_a_key_made_up_for_tests_is_refused_in_production() -> None:
    """Whoever it is for."""
    with pytest.raises(SettingsError, match="GROQ_API_KEY"):
        load(
            {
                "APP_ENV": "production",
                "RETAILXAI_ALLOW_EMBEDDED": "1",
                "GROQ_API_KEY": "gsk_test_" + "a1B2" * 12,
            }
        )
