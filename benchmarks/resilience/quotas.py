"""Row 10: a quota over kill -9, and what counting it costs a call."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import process_time, thread_time

from benchmarks.peers.base import Call, peer
from benchmarks.resilience.child import OURS, Orders
from benchmarks.resilience.house import SERVICE, House
from benchmarks.resilience.lives import DidNotStart, Life, lived, told
from benchmarks.resilience.size import Size
from benchmarks.resilience.table import MET, MISSED, WRONG, Line, Row
from benchmarks.resilience.timing import cpu_us
from resilience.quota import QuotaRule

LIMIT = 100
BLOCK = 5  # a twentieth, as it is if nothing is said
PAUSE_S = 0.005
MID_SPEND = 12  # calls of a start, at which it is killed in the middle of spending
HIGH, SMALL_BLOCK = 1e9, 1000.0
TARGET_US = 5.0
QUOTAS = ("pyrate in memory", "limits in memory", "pyrate SQLite", "pyrate Postgres")


def run(house: House, size: Size) -> list[Row]:
    return [_over_crashes(house, size), _cost(house, size)]


def _over_crashes(house: House, size: Size) -> Row:
    """Ours is killed while it spends, which loses the blocks in hand, and once more when
    nothing is left; they live as long each time."""
    left = iter(range(size.starts, -1, -1))

    def until(lines: Callable[[], int]) -> None:
        _mid_spend(house, size, lines, next(left))

    ours = _lived(house, size, size.starts + 1, OURS, "", until)
    with ThreadPoolExecutor(len(QUOTAS)) as pool:
        lines = list(pool.map(partial(_theirs, house, size), QUOTAS))
    total, least = sum(life.lines for life in ours), LIMIT - size.starts * BLOCK
    return Row(
        10,
        f"quota of {LIMIT} a day over {size.starts} x kill -9, 8 threads",
        f"<= {LIMIT}, >= {least} (each kill may lose a block of {BLOCK})",
        MET if least <= total <= LIMIT else WRONG,
        [Line("ours, killed while it spends", told(ours), None, total), *lines],
    )


def _mid_spend(house: House, size: Size, lines: Callable[[], int], left: int) -> None:
    ends = house.clock.monotonic() + size.lives_s
    while house.clock.monotonic() < ends and not (left and lines() >= MID_SPEND):
        house.clock.wait(0.002)


def _theirs(house: House, size: Size, title: str) -> Line:
    name, place = title.split()[0], ""
    if "SQLite" in title:
        place = str(house.folder / "quota.sqlite")
    elif "Postgres" in title:
        place = house.dsn
    found = peer(name)
    if found.module is None:
        return Line(title, found.why)
    try:
        lives = _lived(house, size, size.starts, name, place, partial(_wait, house, size), title)
    except DidNotStart as words:
        return Line(title, f"did not start: {words}")
    return Line(title, told(lives), None, sum(life.lines for life in lives))


def _wait(house: House, size: Size, _lines: Callable[[], int]) -> None:
    house.clock.wait(size.lives_s)


def _lived(
    house: House,
    size: Size,
    starts: int,
    who: str,
    place: str,
    until: Callable[[Callable[[], int]], None],
    title: str = OURS,
) -> list[Life]:
    orders = Orders(
        who=who,
        file=str(house.folder / f"spent-{title.replace(' ', '-')}"),
        folder=str(house.folder),
        instance="quota",
        pause_s=PAUSE_S,
        limit=LIMIT,
        place=place,
    )
    return lived(orders, starts, house.clock, until)


def _cost(house: House, size: Size) -> Row:
    """A call through the policy with a leased quota beside the same without one. The account
    is a month's, so that it is not the one that was spent above."""
    usual = house.policies(quotas=(QuotaRule("requests", HIGH, "month"),))
    small = house.policies(quotas=(QuotaRule("requests", HIGH, "hour", block=SMALL_BLOCK),))
    ours = "ours, whole call, blocks as by default"
    subjects: dict[str, Call] = {
        ours: partial(house.kept(usual, "cost").of(SERVICE).call, lambda: None),
        f"ours, whole call, blocks of {SMALL_BLOCK:g}": partial(
            house.kept(small, "cost").of(SERVICE).call, lambda: None
        ),
        "ours, whole call, no quota": partial(house.policy.call, lambda: None),
    }
    missing = []
    for title in QUOTAS:
        found = peer(title.split()[0])
        if found.module is None:
            missing.append(Line(title, found.why))
        elif "Postgres" not in title:  # row 3 has it
            place = str(house.folder / "cost.sqlite") if "SQLite" in title else ""
            (subjects[f"{title}, limiter alone"],) = found.module.quota(int(HIGH), place).values()
    own = cpu_us(subjects, size.rounds, thread_time)
    whole = cpu_us(subjects, size.rounds, process_time)
    usual.close()
    small.close()
    lines = []
    for who in subjects:
        figure = f"{own[who]:10.2f} us of its thread, {whole[who]:.2f} of the process"
        lines.append(Line(who, figure, None, own[who]))
    met = max(own[ours], whole[ours]) <= TARGET_US
    return Row(
        10,
        "a leased quota, limit high: CPU of a call",
        f"<= {TARGET_US:g} us",
        MET if met else MISSED,
        lines + missing,
    )
