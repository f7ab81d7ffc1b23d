"""What `foresee` promises, played with the ticker itself: processes that start, are killed and
start again, on a clock moved by hand, with any ledger."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from jobs.catch_up import CatchUp, Overlap
from jobs.foresight import INSTANT, Down
from jobs.planning import Plan
from jobs.ports import Ledger
from jobs.slots import Schedule, latest_slot, slots_between
from jobs.ticker import Ticker
from jobs.work import WorkState
from resilience.clock import Clock
from resilience.testing import FakeClock
from tests.unit.jobs.fakes import FakeEngine

ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Tokyo",
    "UTC",
)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Story:
    """Plans in one zone, and the outages of some days."""

    plans: tuple[Plan, ...]
    begin: datetime
    end: datetime
    downs: tuple[Down, ...]
    takes: timedelta
    looks: tuple[datetime, ...]  # further ticks, at any moment


@st.composite
def stories(draw: st.DrawFn, days: int = 12, jobs: int = 3) -> Story:
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    # around the changes of clocks, and Samoa's lost day
    first = draw(
        st.sampled_from(
            [datetime(2026, 3, 5), datetime(2026, 10, 22), datetime(2026, 10, 30),
             datetime(2026, 9, 1), datetime(2026, 4, 2), datetime(2011, 12, 27)]
        )
    )  # fmt: skip
    begin = (first + timedelta(minutes=draw(st.integers(0, 1440)))).replace(tzinfo=UTC)
    end = begin + draw(st.integers(1, days)) * DAY
    span = int((end - begin).total_seconds() // 60)
    moments = st.integers(0, span).map(lambda n: begin + timedelta(minutes=n))
    lengths = st.sampled_from([3, 20, 300, 1440, 3000, 10_080]).map(lambda n: timedelta(minutes=n))
    downs = st.builds(lambda at, length: Down(at, at + length), moments, lengths)
    plan = st.builds(
        Plan,
        st.just("job"),
        st.builds(
            Schedule,
            st.sampled_from([time(0), time(0, 30), time(2), time(2, 30), time(7), time(23, 45)]),
            st.just(zone),
            st.sampled_from([None, None, 0, 3]),
        ),
        st.sampled_from(CatchUp),
        st.sampled_from([timedelta(hours=1), DAY, 9 * DAY]),
        st.sampled_from(Overlap),
        st.sampled_from([True, True, True, False]),
    )
    plans = draw(st.lists(plan, min_size=1, max_size=jobs))
    named = tuple(
        Plan(f"job-{n}", one.schedule, one.catch_up, one.max_age, one.overlap, one.enabled)
        for n, one in enumerate(plans)
    )
    return Story(
        named,
        begin,
        end,
        tuple(draw(st.lists(downs, max_size=4))),
        draw(st.sampled_from([timedelta(0), timedelta(minutes=50), timedelta(hours=30)])),
        tuple(draw(st.lists(moments, max_size=8))),
    )


class Row(Protocol):
    @property
    def job(self) -> str: ...
    @property
    def slot(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def reason(self) -> str: ...


@dataclass
class Reality:
    """`beside`: so many further processes tick at every moment."""

    story: Story
    make_ledger: Callable[[Clock], Ledger]
    beside: int = 0
    clock: FakeClock = field(init=False)
    engine: FakeEngine = field(default_factory=FakeEngine)
    ends: dict[str, tuple[datetime, int, str, str]] = field(default_factory=dict)  # by work
    begun: dict[tuple[str, str], list[datetime]] = field(default_factory=dict)  # by job and slot
    finished: list[tuple[str, str]] = field(default_factory=list)
    alive: str = ""
    starts: int = 0

    def __post_init__(self) -> None:
        self.clock = FakeClock(self.story.begin)
        self.ledger = self.make_ledger(self.clock)
        for plan in self.story.plans:
            before = latest_slot(plan.schedule, self.story.begin - INSTANT)
            self.ledger.decide(plan.job, before.name, before.due_at, "skipped", "before", "-")

    def play(self) -> None:
        for now in self._moments():
            self.clock.advance((now - self.clock.now()).total_seconds())
            self._end_runs(now)
            if any(down.covers(now) for down in self.story.downs):
                self.alive = ""
                self.ends.clear()  # killed with what ran
                continue
            if not self.alive:
                self._start()
            self._tick(now)

    def _moments(self) -> Iterable[datetime]:
        story = self.story
        last = story.end
        while any(down.covers(last) for down in story.downs):
            last = max(down.end for down in story.downs if down.covers(last))
        moments = {story.begin, *story.looks}
        moments |= {at for down in story.downs for at in (down.begin, down.end)}
        for plan in story.plans:
            slots = slots_between(plan.schedule, story.begin, last)
            moments |= {slot.due_at for slot in slots}
        queue = sorted(at for at in moments if story.begin <= at <= last)
        while queue:
            now = heapq.heappop(queue)
            yield now
            for end, *_ in self.ends.values():
                if now <= end <= last and end not in queue:
                    heapq.heappush(queue, end)

    def _start(self) -> None:
        self.starts += 1
        self.alive = self.engine.executor_id = f"process-{self.starts}"
        dead = [f"process-{n}" for n in range(1, self.starts)]
        if self.starts % 2:  # the recovery comes before the first tick, or after it
            self._ticker().tick()
        self.ledger.abandon_of(dead)
        for work_id, status in list(self.engine.work.items()):
            if not status.is_finished and status.state is not WorkState.QUEUED:
                self.engine.finish(work_id)

    def _ticker(self) -> Ticker:
        return Ticker(
            self.story.plans,
            self.ledger,
            self.engine,
            self.clock,
            is_dead=lambda executor: executor != self.alive,
        )

    def _tick(self, now: datetime) -> None:
        for _ in range(1 + self.beside):
            self._ticker().tick()
        for _, work_id, args in self.engine.enqueued:
            if self.engine.work[work_id].state is not WorkState.QUEUED:
                continue
            job, slot = (str(arg) for arg in args)
            run_id = self.ledger.claim(job, slot, self.alive)
            self.engine.finish(work_id, WorkState.RUNNING if run_id is not None else WorkState.DONE)
            if run_id is None:
                continue
            assert job not in {running for _, _, running, _ in self.ends.values()}
            self.ends[work_id] = (now + self.story.takes, run_id, job, slot)
            self.begun.setdefault((job, slot), []).append(now)

    def _end_runs(self, now: datetime) -> None:
        for work_id, (end, run_id, job, slot) in list(self.ends.items()):
            if end <= now:
                assert self.ledger.finish(run_id, "succeeded", executor=self.alive)
                self.engine.finish(work_id)
                self.finished.append((job, slot))
                del self.ends[work_id]


def told(rows: Sequence[Row]) -> dict[tuple[str, str], tuple[str, str]]:
    """(job, slot) -> decision and reason, of what was decided in the story."""
    return {
        (row.job, row.slot): ("skipped" if row.state == "skipped" else "run", row.reason)
        for row in rows
        if row.reason != "before"
    }
