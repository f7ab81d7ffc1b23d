"""What talks to the world, made from the settings: policies, the HTTP door, sources, analysts."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bootstrap.policies import news_feeds, policy_specs
from bootstrap.version import VERSION
from earnings.analysts.batching import BatchProvider
from earnings.analysts.claude_batches import ClaudeBatches
from earnings.analysts.claude_wire import ClaudeSetup, ClaudeWire
from earnings.analysts.groq_wire import GroqSetup
from earnings.analysts.ollama_wire import OllamaSetup
from earnings.analysts.panel import Panel
from earnings.analysts.prices import Prices
from earnings.analysts.table import ANALYSTS, Parts, build_panel
from earnings.sources.base import Source
from earnings.sources.news_parts import NewsParts
from earnings.sources.table import SourceParts, YoutubeParts, make_sources
from outside.http import HttpDoor
from resilience.clock import Clock
from resilience.pressure import Pressure
from resilience.registry import Policies
from resilience.spec import PolicySpec
from settings import Settings, revealed
from settings.secret_places import secret_values
from storage.call_budget import ALL, Caps
from storage.dsn import parse

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
USER_AGENT = f"RetailXAI/{VERSION}"


@dataclass(frozen=True)
class Services:
    """`batches`: who takes questions in batches, or took them before that was switched off."""

    policies: Policies
    door: HttpDoor
    sources: dict[str, Source]
    panel: Panel
    batches: dict[str, BatchProvider]

    def off(self) -> dict[str, str]:
        """Sources and analysts that are not used, each with why and how to switch it on."""
        reasons = ((source.name, source.switched_off()) for source in self.sources.values())
        off = {name: why for name, why in reasons if why is not None}
        unlisted = dict.fromkeys(ANALYSTS.keys() - self.panel.names(), "not in analysts.order")
        return off | dict(self.panel.switched_off()) | unlisted


def build_services(settings: Settings, clock: Clock, policies: Policies) -> Services:
    door = HttpDoor(policies, clock, USER_AGENT)
    claude = _claude(settings, policies)
    wire = ClaudeWire(door, claude, clock)
    batches = ClaudeBatches(wire)
    return Services(
        policies=policies,
        door=door,
        sources={source.name: source for source in build_sources(settings, door, clock)},
        panel=build_panel(
            settings.analysts.order,
            Parts(
                door=door,
                clock=clock,
                claude=claude,
                claude_wire=wire,
                groq=_groq(settings, policies),
                ollama=_ollama(settings, policies),
            ),
            settings.analysts.tasks.model_dump(),
        ),
        batches={batches.name: batches},
    )


def build_policies(
    settings: Settings,
    clock: Clock,
    stopping: threading.Event,
    pressure: Pressure | None = None,
) -> Policies:
    return Policies(policy_specs(settings), clock, shutdown=stopping, pressure=pressure)


def memory_pressure(settings: Settings) -> Pressure:
    """Calls are shed while the machine is short of memory."""
    return Pressure(settings.memory.shed_above_pct, settings.memory.shed_below_pct)


def build_sources(settings: Settings, door: HttpDoor, clock: Clock) -> tuple[Source, ...]:
    return make_sources(
        SourceParts(
            door=door,
            clock=clock,
            version=VERSION,
            sec_contact=settings.sec.contact,
            inbox=settings.inbox_dir,
            samples=SAMPLES if settings.use_samples else None,
            inbox_enabled=settings.inbox.enabled,
            inbox_max_bytes=settings.inbox.max_bytes,
            edgar_enabled=settings.edgar.enabled,
            edgar_facts=settings.edgar.facts,
            edgar_max_document_bytes=settings.edgar.max_document_bytes,
            sec_www_url=settings.sec.www_url,
            sec_data_url=settings.sec.data_url,
            youtube=_youtube(settings),
            news=_news(settings),
        )
    )


def _youtube(settings: Settings) -> YoutubeParts:
    youtube = settings.youtube
    return YoutubeParts(
        api_key=revealed(youtube.api_key),
        channels={one.ticker: one.youtube for one in settings.companies if one.youtube},
        enabled=youtube.enabled,
        transcripts=youtube.transcripts,
        searches=youtube.search,
        languages=youtube.languages,
        patience=timedelta(days=youtube.wait_for_transcript_days),
        max_document_bytes=youtube.max_document_bytes,
        api_url=youtube.api_url,
        watch_url=youtube.watch_url,
    )


def _news(settings: Settings) -> NewsParts:
    tavily, x = settings.tavily, settings.x
    return NewsParts(
        feeds=news_feeds(settings),
        feeds_enabled=settings.feeds.enabled,
        feeds_max_bytes=settings.feeds.max_bytes,
        aliases={one.ticker: one.aliases for one in settings.companies if one.aliases},
        tavily_key=revealed(tavily.api_key),
        tavily_url=tavily.base_url,
        tavily_days=tavily.days,
        tavily_results=tavily.max_results,
        x_enabled=x.enabled,
        x_token=revealed(x.bearer_token),
        x_url=x.base_url,
        x_pages=x.max_pages,
        handles={one.ticker: one.x for one in settings.companies if one.x},
    )


def budgets(settings: Settings) -> dict[str, Caps]:
    """What may be spent on each provider that is paid (Groq's once there is a key), and over
    all of them if that is configured."""
    claude, groq = settings.claude, settings.groq
    caps = {"claude": Caps(daily_usd=claude.daily_cap_usd, monthly_usd=claude.monthly_cap_usd)}
    if groq.api_key is not None:
        caps["groq"] = Caps(daily_usd=groq.daily_cap_usd, monthly_usd=groq.monthly_cap_usd)
    budget = Caps(settings.budget.daily_cap_usd, settings.budget.monthly_cap_usd)
    return caps if budget == Caps() else {**caps, ALL: budget}


def bills_nobody() -> frozenset[str]:
    """Analysts whose questions may always be asked again."""
    return frozenset(name for name, row in ANALYSTS.items() if not row.paid)


def secrets(settings: Settings) -> tuple[str, ...]:
    """Every secret there is, for whoever must not show one."""
    shown = [*secret_values(settings).values()]
    if (url := revealed(settings.database.url)) is not None:
        shown.append(url.partition("://")[2].rpartition("@")[0].partition(":")[2])  # as written
        shown.append(dict(parse(url).parts).get("password", ""))  # as it is
    return tuple(secret for secret in shown if secret)


def _claude(settings: Settings, policies: Policies) -> ClaudeSetup:
    claude = settings.claude
    prices = claude.prices
    return ClaudeSetup(
        model=claude.model,
        prices=Prices(
            input_usd=prices.input_usd,
            cache_write_usd=prices.cache_write_usd,
            cache_read_usd=prices.cache_read_usd,
            output_usd=prices.output_usd,
        ),
        api_key=revealed(claude.api_key),
        base_url=claude.base_url,
        api_version=claude.api_version,
        max_output_tokens=claude.max_output_tokens,
        timeout_s=policies.of("claude").spec.timeout_s,
        batch_share=prices.batch_share,
    )


def _groq(settings: Settings, policies: Policies) -> GroqSetup:
    groq, spec = settings.groq, policies.of("groq").spec
    prices = groq.prices
    return GroqSetup(
        model=groq.model,
        prices=Prices(
            input_usd=prices.input_usd,
            cache_write_usd=prices.input_usd,
            cache_read_usd=prices.cache_read_usd,
            output_usd=prices.output_usd,
            read_on=prices.read_on,
        ),
        api_key=revealed(groq.api_key),
        base_url=groq.base_url,
        max_output_tokens=groq.max_output_tokens,
        context_tokens=groq.context_tokens,
        tokens_at_once=tokens_at_once(spec),
        json_mode=groq.json_mode,
        timeout_s=spec.timeout_s,
    )


def tokens_at_once(spec: PolicySpec) -> int | None:
    """The most tokens that one call may take by a policy's own limits."""
    rates = [rate.most_at_once() for rate in spec.rates if rate.resource == "tokens"]
    quotas = [quota.limit for quota in spec.quotas if quota.resource == "tokens"]
    return int(min([*rates, *quotas], default=0)) or None


def _ollama(settings: Settings, policies: Policies) -> OllamaSetup:
    ollama = settings.ollama
    return OllamaSetup(
        model=ollama.model,
        base_url=ollama.base_url,
        max_context_tokens=ollama.max_context_tokens,
        max_output_tokens=ollama.max_output_tokens,
        keep_alive=ollama.keep_alive,
        timeout_s=policies.of("ollama").spec.timeout_s,
    )


def sends_batches(settings: Settings) -> bool:
    """Whether questions that can wait are sent together."""
    return settings.claude.batches and "claude" in settings.analysts.order
