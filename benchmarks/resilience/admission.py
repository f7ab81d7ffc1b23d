"""Row 8: how many an exact limiter lets through in any one second, with 32 threads at it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from random import Random

from benchmarks.peers.base import Take, peer
from benchmarks.resilience.house import SERVICE, House
from benchmarks.resilience.size import Size
from benchmarks.resilience.table import MET, WRONG, Line, Row
from benchmarks.resilience.timing import together
from resilience.outcomes import RateLimited
from resilience.policy import Policy
from resilience.spec import RateRule
from resilience.testing import FakeClock

THREADS = 32
PER_S = 1000
FAKE_CALLS = 200_000
EXACT = (RateRule(PER_S, algorithm="sliding_window"),)


def run(house: House, size: Size) -> list[Row]:
    policy = house.policies(rates=EXACT, at_once=0, max_queue_s=0.0).of(SERVICE)
    line, most = _line(house, "ours, sliding window", _taking(policy), size)
    fake = _by_fake_clock(house)
    lines = [
        line,
        Line("ours, random steps of a fake clock", f"most in a second {fake}", None, fake),
    ]
    for name in ("limits", "pyrate"):
        found = peer(name)
        if found.module is None:
            lines.append(Line(name, found.why))
            continue
        for kind, take in found.module.exact(PER_S).items():
            lines.append(_line(house, f"{name} {kind}", take, size)[0])
    return [
        Row(
            8,
            f"{THREADS} threads not waiting, {PER_S}/s: let through in any one second",
            f"never more than {PER_S}",
            MET if most <= PER_S and fake <= PER_S else WRONG,
            lines,
        )
    ]


def _taking(policy: Policy) -> Take:
    def take() -> bool:
        try:
            policy.call(_nothing)
        except RateLimited:
            return False
        return True

    return take


def _nothing() -> None:
    return None


def _line(house: House, who: str, take: Take, size: Size) -> tuple[Line, int]:
    """A grant lies somewhere between just before and just after it was asked for."""
    clock = house.clock
    ends = clock.monotonic() + size.spinning_s
    grants: list[list[tuple[float, float]]] = [[] for _ in range(THREADS)]
    broken: list[str] = []

    def work(number: int) -> None:
        while (before := clock.monotonic()) < ends:
            try:
                granted = take()
            except Exception as error:  # noqa: BLE001 - a peer's own race; it is in the table
                broken.append(type(error).__name__)
                continue
            if granted:
                grants[number].append((before, clock.monotonic()))

    together(work, THREADS)
    known = [grant for mine in grants for grant in mine]
    most = most_in_a_second(known)
    errors = f"; {len(broken)} {broken[0]}" if broken else ""
    return Line(who, f"most in a second {most} ({len(known)} in all){errors}", None, most), most


def most_in_a_second(grants: list[tuple[float, float]]) -> int:
    """As many as are proven: those that began after, and were had before, one second's ends."""
    known = sorted(grants)
    begun = [before for before, _ in known]
    had = sorted(after for _, after in known)
    most = 0
    for first, start in enumerate(begun):
        inside = bisect_left(had, start + 1.0)
        earlier = bisect_right(begun, start + 1.0, 0, first)
        # of those that began before it, all but the few still under way were had before its end
        most = max(most, inside - earlier)
    return most


def _by_fake_clock(house: House) -> int:
    clock = FakeClock()
    take = _taking(
        Policy(
            SERVICE, house.policies(rates=EXACT, at_once=0, max_queue_s=0.0).of(SERVICE).spec, clock
        )
    )
    random = Random(8)
    at: list[float] = []
    for _ in range(FAKE_CALLS):
        clock.advance(random.choice((0.0, 0.0, 0.00001, 0.0001, 0.001)) * random.random())
        if random.random() < 0.001:
            clock.advance(random.random())
        if take():
            at.append(clock.monotonic())
    return max(bisect_left(at, start + 1.0) - first for first, start in enumerate(at))
