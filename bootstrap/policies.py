"""What the settings say of each service's policy, as specifications.

A preset's numbers with what is set laid over them. What only both together show to be wrong
is a problem like any other of the configuration: `settings.load(further=policy_problems)`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from earnings.sources.feeds import FeedAddress, service_of
from resilience.quota import QuotaRule
from resilience.soundness import Flaw, UnsoundSpec
from resilience.spec import PRESETS, REQUESTS, ChaosRule, PolicySpec, RateRule
from settings import Configured, Problem, Settings, SettingsError
from settings.policies import PolicySettings
from settings.problems import nearest, shown


@dataclass(frozen=True)
class Ceiling:
    """What a provider allows at most, whoever asks."""

    requests_per_s: float
    source: str


CEILINGS: Mapping[str, Ceiling] = MappingProxyType(
    # https://www.sec.gov/about/developer-resources: for all machines of one user together
    {"edgar": Ceiling(10.0, "the SEC allows 10 requests a second over all machines")}
)


def policy_specs(settings: Settings) -> dict[str, PolicySpec]:
    """By service; "default" is for all others. Raises SettingsError."""
    errors = [one for one in policy_problems(settings) if one.severity == "error"]
    if errors:
        raise SettingsError(errors)
    specs = {service: _spec(settings, service) for service in settings.policies}
    specs |= {service_of(feed.name): specs["feeds"] for feed in news_feeds(settings)}
    return {**specs, "default": PRESETS["http"]}


def news_feeds(settings: Configured) -> tuple[FeedAddress, ...]:
    """Those that are read."""
    if not settings.feeds.enabled:
        return ()
    every = settings.feeds.list.items()
    return tuple(FeedAddress(name, feed.url) for name, feed in every if feed.enabled)


def policy_problems(settings: Configured, refused: Collection[str] = ()) -> list[Problem]:
    """What is wrong with the policies, the keys in `refused` aside: those are known already."""
    found = []
    for service in settings.policies:
        for flaw in (*_unsound(settings, service), *_above(settings, service)):
            keys = {f"policies.{service}.{name}" for name in (flaw.field, *flaw.others)}
            if not keys & set(refused):
                found.append(_problem(settings.policies[service], service, flaw))
        found += _doubtful(settings, service)
    return found


def _spec(settings: Configured, service: str) -> PolicySpec:
    """Raises UnsoundSpec."""
    policy = settings.policies[service]
    given = {name: value for name, value in policy if name != "preset" and value is not None}
    return replace(PRESETS[policy.preset], **{**given, **_rules(settings, service)})


def _rules(settings: Configured, service: str) -> dict[str, Any]:
    """Rates, quotas and chaos, as the specification has them."""
    policy = settings.policies[service]
    made: dict[str, Any] = {}
    if policy.rates is not None:
        made["rates"] = tuple(RateRule(**dict(one)) for one in policy.rates)
    elif service == "edgar":
        made["rates"] = (RateRule(settings.sec.requests_per_s, shared=True),)
    if policy.quotas is not None:
        made["quotas"] = tuple(QuotaRule(**dict(one)) for one in policy.quotas)
    if policy.chaos is not None:
        made["chaos"] = ChaosRule(**dict(policy.chaos))
    return made


def _limits(
    settings: Configured, service: str
) -> tuple[tuple[RateRule, ...], tuple[QuotaRule, ...]]:
    preset, given = PRESETS[settings.policies[service].preset], _rules(settings, service)
    return given.get("rates", preset.rates), given.get("quotas", preset.quotas)


def _unsound(settings: Configured, service: str) -> Iterator[Flaw]:
    try:
        _spec(settings, service)
    except UnsoundSpec as unsound:
        yield from unsound.flaws
    rates, quotas = _limits(settings, service)
    limited = {*(rate.resource for rate in rates), *(quota.resource for quota in quotas)}
    for resource, amount in (settings.policies[service].estimates or {}).items():
        if resource not in limited:  # a misspelt one would change nothing, in silence
            meant = nearest(resource, sorted(limited))
            yield Flaw(
                f"estimates.{resource}",
                "is a resource that no rate and no quota counts",
                amount,
                f"did you mean estimates.{meant}?" if meant else "add one, or remove it",
                ("rates", "quotas"),
            )


def _above(settings: Configured, service: str) -> Iterator[Flaw]:
    """Rates that the provider itself does not allow."""
    ceiling = CEILINGS.get(service)
    if ceiling is None:
        return
    rates, _ = _limits(settings, service)
    counted = [(at, rate) for at, rate in enumerate(rates) if rate.resource == REQUESTS]
    most, processes = ceiling.requests_per_s, settings.database.processes
    for at, rate in counted:
        if rate.rate / rate.per_s > most:
            yield Flaw(
                f"rates[{at}].rate",
                f"must not be above {most * rate.per_s:g} in {rate.per_s:g} s: {ceiling.source}",
                rate.rate,
                "lower it",
            )
    shared = [(at, rate) for at, rate in counted if rate.shared]
    if any(rate.most_in(1.0, processes) <= most for _, rate in shared):
        return  # all rates hold, so the strictest does
    for at, rate in shared:
        if rate.rate / rate.per_s <= most:
            name = "rate" if rate.algorithm == "sliding_window" else "burst"
            yield Flaw(
                f"rates[{at}].{name}",
                f"lets {rate.most_in(1.0, processes):g} begin in a second, from {processes} "
                f"processes (database.processes) together: {ceiling.source}",
                getattr(rate, name),
                f"lower {name}",
                ("rates",),
            )
    if not shared:
        yield Flaw(
            "rates",
            f"must hold one of requests with shared = true: {ceiling.source}",
            f"{len(counted)} of requests, none shared",
            "add shared = true to one, or remove them: the pace is sec.requests_per_s then",
        )


def _doubtful(settings: Configured, service: str) -> Iterator[Problem]:
    policy = settings.policies[service]
    if policy.chaos is not None and settings.app_env != "production":  # which refuses it
        yield Problem(
            where=f"policies.{service}.chaos",
            rule="is on: calls fail on purpose",
            got="",
            fix="remove it when the experiment is over",
            severity="warning",
        )
    if service == "edgar" and policy.rates and "requests_per_s" in settings.sec.model_fields_set:
        yield Problem(
            where="sec.requests_per_s",
            rule="is not used: policies.edgar.rates says the pace",
            got=f"{settings.sec.requests_per_s:g}",
            fix="remove one of the two",
            severity="warning",
        )


def _problem(policy: PolicySettings, service: str, flaw: Flaw) -> Problem:
    top = flaw.field.partition("[")[0].partition(".")[0]
    got = flaw.got if isinstance(flaw.got, str) else f"{flaw.got:g}"
    whose = f", of the preset {policy.preset}" if getattr(policy, top) is None else ""
    if whose and (service, top) == ("edgar", "rates"):
        whose = ", of the pace of sec.requests_per_s"
    return Problem(
        where=f"policies.{service}.{flaw.field}",
        rule=flaw.rule,
        got=f"{shown(got) if got is flaw.got else got}{whose}",
        fix=flaw.fix,
    )
