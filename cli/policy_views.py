"""What the commands show of the services' policies; also what --json prints, key for key."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class HoldView:
    """What a person decided. `until` None: until a person takes it back."""

    kind: str  # hold: nothing goes through | disable: everything does
    by: str
    at: datetime
    until: datetime | None = None
    why: str = ""


@dataclass(frozen=True)
class BreakerView:
    service: str
    state: str  # closed | open | half_open | held | disabled
    why: str = ""  # it is not closed
    retry_at: datetime | None = None  # the next trial
    since: datetime | None = None
    process: str = ""  # that says so; of what is stored, the instance
    failures: int = 0  # in a row
    calls: int = 0  # that were made
    failed: int = 0
    rejected: int = 0  # that were not made
    rejected_by: dict[str, int] = field(default_factory=dict)  # gate -> calls
    retries: int = 0
    under_way: int = 0
    waiting: int = 0
    late_results: int = 0
    last_error: str = ""
    paused_until: datetime | None = None
    paused_why: str = ""
    hold: HoldView | None = None


@dataclass(frozen=True)
class BreakersView:
    """`source`: processes that run (running), or what was stored last (storage)."""

    source: str
    breakers: tuple[BreakerView, ...] = ()
    processes: tuple[str, ...] = ()  # that answered
    note: str = ""  # why it is not what runs that says so


@dataclass(frozen=True)
class ProcessAnswer:
    """What one process made of an order."""

    process: str
    outcome: str  # done | refused | failed
    state: str = ""  # of the breaker, after it
    why: str = ""  # it was not done


@dataclass(frozen=True)
class OrderView:
    """What became of a person's decision about a service."""

    order: str  # hold | disable | close | probe | open
    service: str
    until: datetime | None = None
    why: str = ""
    by: str = ""
    answers: tuple[ProcessAnswer, ...] = ()
    silent: tuple[str, ...] = ()  # processes that run and have not answered yet
    changed: tuple[str, ...] = ()  # instances that do not run, whose stored breaker was changed

    @property
    def is_confirmed(self) -> bool:
        return not self.silent and all(one.outcome == "done" for one in self.answers)


@dataclass(frozen=True)
class QuotaView:
    """One window of what may be asked of a service. `used` is leased by all processes together;
    of money: spent, or open."""

    service: str
    resource: str
    per: str
    zone: str  # in which the window begins and ends
    limit: Decimal
    used: Decimal
    left: Decimal
    resets_at: datetime
    in_hand: dict[str, float] = field(default_factory=dict)  # process -> of what is leased
    open_usd: Decimal | None = None  # of money: estimated for calls without an answer yet

    @property
    def taken(self) -> Decimal:
        return self.used + (self.open_usd or 0)


@dataclass(frozen=True)
class QuotasView:
    source: str  # running | storage: who says what is in hand
    quotas: tuple[QuotaView, ...] = ()
    note: str = ""
    off: dict[str, str] = field(default_factory=dict)  # services with quotas -> why nobody asks


@dataclass(frozen=True)
class GateView:
    """What one gate would say. `opens_at` None and shut: nobody knows when it opens."""

    gate: str
    is_open: bool
    why: str
    is_binding: bool = False  # it is in the way longest
    wait_s: float | None = 0.0
    opens_at: datetime | None = None


@dataclass(frozen=True)
class ExplainView:
    """What would become of a call now. `passes`: it would be made, after `wait_s` (None: nobody
    knows how long it would have to wait)."""

    service: str
    source: str  # running | storage
    passes: bool
    process: str = ""  # that says so
    cost: dict[str, float] = field(default_factory=dict)
    wait_s: float | None = 0.0
    retry_at: datetime | None = None
    gates: tuple[GateView, ...] = ()
    note: str = ""
