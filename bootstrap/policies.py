"""What the settings say of each service's policy, as specifications."""

from __future__ import annotations

from resilience.spec import PRESETS, PolicySpec, RateRule
from settings import Settings


def policy_specs(settings: Settings) -> dict[str, PolicySpec]:
    specs = {}
    for service, policy in settings.policies.items():
        rates = (RateRule(settings.sec.requests_per_s, shared=True),) if service == "edgar" else ()
        specs[service] = PolicySpec(
            attempts=policy.attempts,
            wait_s=policy.wait_s,
            max_wait_s=policy.max_wait_s,
            deadline_s=policy.deadline_s,
            failure_threshold=policy.failure_threshold,
            open_s=policy.open_s,
            timeout_s=policy.timeout_s,
            rates=rates,
            persists=service != "database",
        )
    return {**specs, "default": PRESETS["http"]}
