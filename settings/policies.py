"""[policies.NAME]: how calls to one service are made. What is left out is the preset's.

The words and the ranges are here, the numbers of the presets in `resilience.spec`, which this
room may not import: a test holds the two to each other. What is wrong only together with
another number (a time-out above its deadline) is found where both are known, in
`bootstrap.policies`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from settings import shapes
from settings.sections import Number, Section, Whole, Zone

LARGEST = 1e12

# fmt: off
Preset = Literal[
    "http", "llm", "database", "webhook", "mail", "feed", "social", "scraping", "api", "groq",
    "tavily",
]
# fmt: on
Jitter = Literal["spread", "full", "equal", "decorrelated", "none"]
Algorithm = Literal["gcra", "token_bucket", "leaky_bucket", "sliding_window"]
Period = Literal["minute", "hour", "day", "month"]
Resource = Annotated[str, BeforeValidator(shapes.resource)]
Amount = Annotated[Number, Field(ge=0, le=LARGEST)]


class RateSettings(Section):
    """A pace: no call begins before its turn."""

    rate: Number = Field(gt=0, le=LARGEST, description="how much may be asked for in `per_s`")
    per_s: Number = Field(default=1, gt=0, le=86_400, description="of how many seconds")
    burst: Number = Field(
        default=1, gt=0, le=LARGEST, description="how much of it at once after a rest"
    )
    resource: Resource = Field(
        default="requests", description="what is counted; whatever else a call reports, as tokens"
    )
    algorithm: Algorithm = Field(
        default="gcra",
        description="gcra: evenly spaced after the burst; token_bucket: the same, and takes calls "
        "above the burst; leaky_bucket: evenly spaced always; sliding_window: never more than "
        "`rate` in any `per_s`",
    )
    shared: bool = Field(
        default=False, description="true: it is for all processes on one database together"
    )


class QuotaSettings(Section):
    """An account: so much in a day, counted over all processes on one database."""

    limit: Number = Field(gt=0, le=LARGEST, description="how much may be asked for")
    per: Period = Field(default="day", description="in a minute, hour, day or month")
    zone: Zone = Field(default="UTC", description="the time zone in which days and months begin")
    resource: Resource = Field(default="requests", description="what is counted")
    block: Amount = Field(
        default=0, description="how much a process takes in hand at a time; 0: a twentieth"
    )


class ChaosSettings(Section):
    """Faults on purpose, to see what they do. Refused in production."""

    fault_pct: Number = Field(
        default=0, ge=0, le=100, description="of all tries: the connection breaks"
    )
    refuse_pct: Number = Field(
        default=0, ge=0, le=100, description="of all tries: nobody answers at that address"
    )
    latency_pct: Number = Field(
        default=0, ge=0, le=100, description="of all tries: it takes `latency_s` longer"
    )
    latency_s: Number = Field(default=1, ge=0, le=600, description="how much longer")


class PolicySettings(Section):
    """How calls to one service are made. None: as the preset has it."""

    preset: Preset = Field(default="http", description="whose numbers hold where none is given")
    # the whole call
    deadline_s: Number | None = Field(
        default=None, gt=0, le=3600, description="longest a call takes, with waits and retries"
    )
    max_queue_s: Number | None = Field(
        default=None, ge=0, le=3600, description="longest a try waits for its turn"
    )
    timeout_s: Number | None = Field(
        default=None, gt=0, le=900, description="longest a try waits for an answer"
    )
    # how one call is tried again
    attempts: Whole | None = Field(
        default=None, ge=1, le=10, description="tries for one call, the first included"
    )
    wait_s: Number | None = Field(
        default=None, ge=0, le=300, description="pause before the second try; doubles"
    )
    max_wait_s: Number | None = Field(
        default=None, ge=0, le=3600, description="longest pause between two tries"
    )
    jitter: Jitter | None = Field(
        default=None,
        description="how pauses are mixed so that not all come back at once; spread: up to half a "
        "second more",
    )
    retry_ratio: Number | None = Field(
        default=None, ge=0, le=10, description="further tries that a call that succeeds earns"
    )
    retry_burst: Number | None = Field(
        default=None, ge=0, le=10_000, description="most further tries saved up"
    )
    # the circuit breaker
    failure_threshold: Whole | None = Field(
        default=None, ge=0, le=1000, description="failures in a row that open the breaker; 0: off"
    )
    failure_rate_pct: Number | None = Field(
        default=None, ge=0, le=100, description="share of failures that opens it; 0: off"
    )
    slow_rate_pct: Number | None = Field(
        default=None, ge=0, le=100, description="share of slow calls that opens it; 0: off"
    )
    slow_s: Number | None = Field(
        default=None, ge=0, le=3600, description="from when on a call is slow"
    )
    minimum_calls: Whole | None = Field(
        default=None, ge=1, le=100_000, description="calls before a share of them counts"
    )
    window_calls: Whole | None = Field(
        default=None, ge=1, le=100_000, description="shares are of so many last calls"
    )
    window_s: Number | None = Field(
        default=None, ge=0, le=86_400, description="or of the calls of so many seconds; 0: not"
    )
    open_s: Number | None = Field(
        default=None, gt=0, le=86_400, description="how long an open breaker lets nothing through"
    )
    open_growth: Number | None = Field(
        default=None, ge=1, le=100, description="times longer after each trial that fails"
    )
    max_open_s: Number | None = Field(default=None, gt=0, le=604_800, description="longest then")
    success_threshold: Whole | None = Field(
        default=None, ge=1, le=100, description="trials that succeed, to close it again"
    )
    probes_at_once: Whole | None = Field(
        default=None, ge=1, le=100, description="trials under way at a time"
    )
    # what each try passes
    at_once: Whole | None = Field(
        default=None, ge=0, le=10_000, description="calls under way at a time; 0: no limit"
    )
    queue: Whole | None = Field(
        default=None, ge=0, le=100_000, description="calls that may wait for one of them to end"
    )
    rates: tuple[RateSettings, ...] | None = Field(
        default=None, description="paces, see below; all of them hold"
    )
    quotas: tuple[QuotaSettings, ...] | None = Field(
        default=None, description="accounts, see below; all of them hold"
    )
    estimates: dict[Resource, Amount] | None = Field(
        default=None,
        description="what a try takes of a resource before it is known: { tokens = 9000 }",
    )
    persists: bool | None = Field(
        default=None, description="false: the breaker's state is not kept over a restart"
    )
    chaos: ChaosSettings | None = Field(default=None, description="faults on purpose, see below")


DEFAULT_POLICIES: dict[str, dict[str, object]] = {
    "edgar": {"preset": "http"},
    "claude": {
        "preset": "llm",
        "rates": ({"rate": 50.0, "per_s": 60.0, "burst": 5.0, "shared": True},),
    },
    # What a free account was allowed on 2026-11-29: 30 requests and 8,000 tokens a minute, 1,000
    # requests and 200,000 tokens a day. One call may take all tokens of a minute.
    "groq": {
        "preset": "groq",
        "timeout_s": 120.0,
        "max_queue_s": 90.0,
        "rates": (
            {"rate": 30.0, "per_s": 60.0, "burst": 5.0, "shared": True},
            {
                "rate": 8_000.0,
                "per_s": 60.0,
                "burst": 8_000.0,
                "resource": "tokens",
                "shared": True,
            },
        ),
        "quotas": (
            {"limit": 1_000.0, "per": "day"},
            {"limit": 200_000.0, "per": "day", "resource": "tokens"},
        ),
    },
    # Minutes for an answer, one at a time; who would wait long for a turn does without it.
    "ollama": {
        "preset": "llm",
        "timeout_s": 600.0,
        "deadline_s": 900.0,
        "max_queue_s": 120.0,
        "attempts": 2,
        "at_once": 1,
        "queue": 8,
        "open_s": 60.0,
        "max_open_s": 600.0,
    },
    # Ten questions a second are far below what is allowed; what counts is the day's account,
    # which begins anew at midnight in California.
    "youtube": {
        "preset": "http",
        "rates": ({"rate": 10.0, "burst": 5.0, "shared": True},),
        "quotas": (
            {
                "resource": "units",
                "limit": 10_000,
                "per": "day",
                "zone": "America/Los_Angeles",
                "block": 50,
            },
            # Searches are counted apart, and few.
            {
                "resource": "searches",
                "limit": 100,
                "per": "day",
                "zone": "America/Los_Angeles",
                "block": 1,
            },
        ),
    },
    # Pages for people, three for each film: whoever hurries there is taken for a robot.
    "youtube_transcripts": {
        "preset": "http",
        "attempts": 2,
        "at_once": 1,
        "rates": ({"rate": 1.0, "burst": 3.0, "shared": True},),
    },
    # Of each feed by itself: "feeds.NAME" goes by these numbers, and by no other's failures.
    "feeds": {"preset": "feed"},
    "tavily": {
        "preset": "tavily",
        "rates": ({"rate": 20.0, "per_s": 60.0, "burst": 5.0, "shared": True},),
        "quotas": ({"limit": 1000.0, "per": "month", "resource": "credits"},),
    },
    "x": {
        "preset": "social",
        "rates": ({"rate": 0.5, "per_s": 1.0, "burst": 5.0, "shared": True},),
    },
    # Everything waits for it and a trial costs one connection, so it is tried again soon.
    "database": {"preset": "database", "open_s": 5.0, "max_open_s": 5.0},
}
