"""What processes say of their policies, and what is stored of them, as the commands' views."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from cli.policy_views import BreakerView, GateView, HoldView, QuotaView
from jobs.asking import Answered
from resilience.local_quotas import window_of
from resilience.state import QuotaKey
from storage import policy_desk
from storage.call_budget import ALL
from storage.leases import Instance
from storage.policy_desk import PauseView
from storage.spending import CapUse

USD = "usd"


def process(one: Instance) -> str:
    """ "retailxai on retail-01, pid 4121" """
    kind = "" if one.kind == "daemon" else f" ({one.kind})"
    return f"{one.name} on {one.host}, pid {one.pid}{kind}"


def answerer(one: Answered) -> str:
    return process(one.process) if one.process is not None else one.executor


def hold(stored: policy_desk.HoldView) -> HoldView:
    return HoldView(stored.kind, stored.asked_by, stored.asked_at, stored.ends_at, stored.why)


# ---- breakers --------------------------------------------------------------------------------


def breaker(
    told: Mapping[str, Any],
    who: str,
    now: datetime,
    held: HoldView | None,
    pause: PauseView | None,
) -> BreakerView:
    """What a process told of one service (`jobs.policy_commands.told`)."""
    paused_s = float(told["paused_s"])
    return BreakerView(
        service=told["service"],
        state=told["state"],
        why=told["why"],
        retry_at=_moment(told["retry_at"]),
        since=_moment(told["since"]),
        process=who,
        failures=told["failures"],
        calls=told["calls"],
        failed=told["failed"],
        rejected=told["rejected"],
        rejected_by=dict(told["rejected_by"]),
        retries=told["retries"],
        under_way=told["under_way"],
        waiting=told["waiting"],
        late_results=told["late_results"],
        last_error=told["last_error"],
        paused_until=now + timedelta(seconds=paused_s) if paused_s > 0 else None,
        paused_why=pause.why if pause is not None and paused_s > 0 else "",
        hold=held,
    )


def stored_breaker(
    service: str,
    stored: policy_desk.BreakerView | None,
    held: HoldView | None,
    pause: PauseView | None,
) -> BreakerView:
    """As the next start finds it: a person's decision stands above what a breaker learned."""
    state = stored.state if stored is not None else "closed"
    last_error = stored.last_error if stored is not None else ""
    retry_at = stored.open_until if stored is not None and state == "open" else None
    why = f"failures (last: {last_error})" if last_error and state != "closed" else ""
    if held is not None:
        state = "held" if held.kind == "hold" else "disabled"
        retry_at, why = held.until if state == "held" else None, held.why
    return BreakerView(
        service=service,
        state=state,
        why=why,
        retry_at=retry_at,
        since=held.at if held is not None else None,
        process=stored.instance if stored is not None else "",
        failures=stored.failures if stored is not None else 0,
        calls=stored.calls if stored is not None else 0,
        failed=stored.failed if stored is not None else 0,
        rejected=stored.rejected if stored is not None else 0,
        last_error=last_error,
        paused_until=pause.ends_at if pause is not None else None,
        paused_why=pause.why if pause is not None else "",
        hold=held,
    )


# ---- quotas ----------------------------------------------------------------------------------


def quota(
    key: QuotaKey, stored: policy_desk.QuotaView | None, in_hand: Mapping[str, float], now: datetime
) -> QuotaView:
    """Nothing stored: nothing was leased of the window that runs."""
    if stored is None:
        limit, used, ends_at = _decimal(key.limit), Decimal(0), window_of(now, key.per, key.zone)[1]
        most = limit
    else:
        limit, used, ends_at = stored.allowed, stored.used, stored.window_end
        most = limit if stored.ceiling is None else min(limit, stored.ceiling)
    return QuotaView(
        service=key.service,
        resource=key.resource,
        per=key.per,
        zone=key.zone,
        limit=limit,
        used=used,
        left=max(Decimal(0), most - used),
        resets_at=ends_at,
        in_hand=dict(in_hand),
    )


def money(uses: Iterable[CapUse]) -> list[QuotaView]:
    """The caps of the paid-call ledger, which counts days and months in UTC."""
    return [
        QuotaView(
            service=one.provider,
            resource=USD,
            per=one.window.per,
            zone="UTC",
            limit=one.cap_usd,
            used=one.usd,
            left=one.left_usd,
            resets_at=one.window.ends,
            open_usd=one.open_usd,
        )
        for one in uses
        if one.cap_usd is not None and one.left_usd is not None
    ]


def in_hand(answers: Iterable[Answered], key: QuotaKey) -> dict[str, float]:
    """What each process that answered `policy.status` holds of a quota."""
    wanted = (key.service, key.resource, key.per)
    return {
        answerer(answer): float(one["in_hand"])
        for answer in answers
        for service in answer.body["services"]
        for one in service["quotas"]
        if (one["service"], one["resource"], one["per"]) == wanted
    }


# ---- explanations ----------------------------------------------------------------------------


def gates(explained: Mapping[str, Any]) -> list[GateView]:
    """`jobs.policy_commands.explained`, gate for gate."""
    return [
        GateView(
            gate=one["gate"],
            is_open=one["is_open"],
            why=one["why"],
            wait_s=one["wait_s"],
            opens_at=_moment(one["opens_at"]),
        )
        for one in explained["gates"]
    ]


def cap_gates(caps: Iterable[QuotaView], usd: Decimal, now: datetime) -> list[GateView]:
    """The money caps, as gates: they stand before the policy and speak for all processes."""
    found = []
    for one in caps:
        fits = usd <= one.left if usd else one.left > 0
        taken = one.used + (one.open_usd or Decimal(0))
        of = " over all" if one.service == ALL else ""
        found.append(
            GateView(
                gate=f"cap of usd per {one.per}{of}",
                is_open=fits,
                why=f"{taken:.2f} of {one.limit:.2f} spent or open",
                wait_s=0.0 if fits else (one.resets_at - now).total_seconds(),
                opens_at=None if fits else one.resets_at,
            )
        )
    return found


def _moment(stamp: str | None) -> datetime | None:
    return datetime.fromisoformat(stamp) if stamp else None


def _decimal(number: float) -> Decimal:
    return Decimal(repr(number)).normalize() + 0
