"""The storm itself: begin calmly, blow, calm down, look what is left.

One thread does it all: between any two things it looks after the daemons (who died is
started again) and after the schedule (a slot that is decided makes room for the next).
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from chaos.evidence import Blow, Evidence
from chaos.faults import carry_out
from chaos.ground import Ground
from chaos.house import House
from chaos.options import Options, Tell
from chaos.papers import Shop
from chaos.plan import OF_OWN_SERVER, Act, Fault, Size, further_kills, plan, size_of
from chaos.processes import Daemon, Lived
from chaos.proxy import Proxy
from chaos.reading import evidence_of
from chaos.schedule import SlotKeeper
from chaos.watch import RequeueWatch
from resilience.clock import Clock
from resilience.outcomes import CallError, CallFailed
from storage.aftermath import Aftermath
from storage.scratch_server import ScratchServer

TICK_S = 0.1
BEGIN_WITHIN_S = 120.0
STOP_WITHIN_S = 40.0
NOT_OURS = "the server is not ours to stop"


class Storm:
    """Made, `blow`n once, closed."""

    def __init__(self, options: Options, clock: Clock, tell: Tell) -> None:
        self.clock = clock
        self.dice = random.Random(options.seed + 1)  # noqa: S311  to be had again, not secret
        self._options = options
        self._tell = tell
        self._began = clock.monotonic()
        self.size: Size = size_of(options.minutes, options.documents, options.kills)
        self.folder = Path(tempfile.mkdtemp(prefix="retailxai-chaos-"))
        self.folder.chmod(0o711)  # the server's account must be able to pass, not to look
        self.skipped: dict[Fault, str] = {}
        self.blows: list[Blow] = []
        self._hands: list[Lived] = []
        self._published = 0
        self._settled_s = 0.0
        self._wanted_kills = self.size.kills if Fault.KILL in options.faults else 0
        with ExitStack() as held:
            self.ground = Ground(self.folder, options, self.size, clock)
            held.callback(self.ground.close)
            self.aftermath: Aftermath = self.ground.aftermath
            self.server: ScratchServer | None = self.ground.server
            self.watch = RequeueWatch(self.aftermath, clock)
            held.callback(self.watch.close)
            held.callback(self._end_everybody)
            providers = {"sec": self.ground.sec.url, "claude": self.ground.claude.url}
            self._house = House(self.folder, providers, options.program)
            self._slots = SlotKeeper(self._house, self.aftermath, self.size.shops, clock)
            self.daemons: Sequence[Daemon] = [
                Daemon(f"storm-{number}", self._house, url, proxy, clock)
                for number in range(1, options.daemons + 1)
                for proxy, url in [self.ground.cable()]
            ]
            self._hand: tuple[Proxy, str] = self.ground.cable()
            self._held = held.pop_all()

    # ---- the course of it ---------------------------------------------------------------

    def blow(self) -> None:
        self._begin()
        acts = self._plan()
        for place, act in enumerate(acts, 1):
            due = self.size.shops + (self.size.documents - self.size.shops) * place // len(acts)
            self._publish(due - self._published)
            self._hit(act, f"{place}/{len(acts)}")
        while missing := self._missing_kills():
            for act in further_kills(self.dice, self.size, missing):
                self._hit(act, f"{missing} more")
        self._calm_down()

    def evidence(self) -> Evidence:
        """Raises CallError if the database cannot be asked."""
        return evidence_of(
            sec=self.ground.sec_record,
            claude=self.ground.claude_record,
            aftermath=self.aftermath,
            blows=self.blows,
            skipped=self.skipped,
            requeued_s=self.watch.times_s(),
            expected_slots=self._slots.expected(),
            deaths=[death for each in self.daemons for death in each.deaths],
            wanted_kills=self._wanted_kills,
            settled_s=self._settled_s,
            listed_doubts=self._house.listed_doubts(self._hand[1]),
        )

    def stop(self) -> None:
        """Everybody leaves in good order: also that is judged."""
        for each in self.daemons:
            each.stop(STOP_WITHIN_S)

    def close(self) -> None:
        """Nothing that was started lives any longer."""
        self._held.close()

    def _hit(self, act: Act, place: str) -> None:
        self._say(f"{place} {_named(act)}")
        blow = carry_out(self, act)
        if blow is not None:
            self.blows.append(blow)
        self.wait(act.pause_s)

    def _missing_kills(self) -> int:
        """Of daemons: a blow may have found fewer of them at work than it wanted."""
        made = [each for each in self.blows if each.fault is Fault.KILL and not each.by_hand]
        return max(0, self._wanted_kills - sum(len(each.victims) for each in made))

    def _begin(self) -> None:
        """One look at every shop before anything happens: what was filed before the first look
        is history, and not owed."""
        self._say(f"seed {self._options.seed}, in {self.folder}")
        self._publish(self.size.shops)
        self.daemons[0].start()
        self._until(lambda: self.daemons[0].is_ready(), "the first daemon is ready")
        self.scan_by_hand(of_one=False)
        self._until(
            lambda: len(self.aftermath.documents()) >= self.size.shops, "all shops were looked at"
        )
        for each in self.daemons[1:]:
            each.start()
        self._until(lambda: all(each.is_ready() for each in self.daemons), "all daemons are ready")

    def _plan(self) -> list[Act]:
        wanted = self._options.faults
        if self.server is None:
            self.skipped |= {each: NOT_OURS for each in wanted if each in OF_OWN_SERVER}
        chosen = [each for each in wanted if each not in self.skipped]
        return plan(self._options.seed, self.size, len(self.daemons), chosen)

    def _calm_down(self) -> None:
        """No more faults: one slot more, which finds what is left, and everything it begins has
        time to end. Within bounds."""
        began = self.clock.monotonic()
        self._publish(self.size.documents - self._published)
        last, patience_s = self._slots.last(), self._options.patience_s
        self._say(f"calm; the last scan at {last:%H:%M} UTC, then up to {patience_s:.0f} s")
        # Who starts now knows of it. It leaves in good order, as for an upgrade.
        self.daemons[0].restart(STOP_WITHIN_S)
        give_up_at = self.clock.monotonic() + (last - self.clock.now()).total_seconds() + patience_s
        while self.clock.monotonic() < give_up_at:
            self.wait(1.0)
            if self._is_settled():
                break
        self._settled_s = self.clock.monotonic() - began

    def _is_settled(self) -> bool:
        try:
            return not self.aftermath.unsettled() and self._slots.is_settled()
        except CallError:
            return False

    # ---- what faults are lent -----------------------------------------------------------

    def wait(self, seconds: float, *, asks: bool = True) -> None:
        until = self.clock.monotonic() + seconds
        while True:
            for each in self.daemons:
                each.look()
            if asks:
                self._slots.look()
            left_s = until - self.clock.monotonic()
            if left_s <= 0:
                return
            self.clock.wait(min(TICK_S, left_s))

    def cables(self) -> list[Proxy]:
        return [*(each.proxy for each in self.daemons), self._hand[0]]

    def scan_by_hand(self, *, of_one: bool) -> Lived:
        """A `scan` as somebody would type it, of all shops or of one. What it reads it asks
        about at once; what scheduled scans read waits for a batch."""
        shop = Shop(self.dice.randrange(self.size.shops))
        arguments = ["scan", *([shop.ticker] if of_one else [])]
        scan = Lived(*self._house.start("storm-hand", self._hand[1], arguments))
        self._hands = [each for each in self._hands if each.code() is None]
        self._hands.append(scan)
        return scan

    def make_work(self) -> None:
        """So that a fault hits somebody who is at work: a few releases more, and a scan."""
        self._publish(min(6, self.size.documents - self._published))
        try:
            has_work = self.aftermath.unsettled().work > 0
        except CallError:
            has_work = False
        if not has_work:
            self.scan_by_hand(of_one=False)

    # ---- within -------------------------------------------------------------------------

    def _publish(self, count: int) -> None:
        if count > 0:
            self.ground.sec.order(f"publish {count}")
            self._published += count

    def _until(self, true: Callable[[], bool], what: str) -> None:
        give_up_at = self.clock.monotonic() + BEGIN_WITHIN_S
        while not _holds(true):
            if self.clock.monotonic() >= give_up_at:
                raise CallFailed("chaos", f"the storm cannot begin: not within 120 s: {what}")
            self.wait(0.2)

    def _say(self, what: str) -> None:
        took_s = self.clock.monotonic() - self._began
        self._tell(f"{took_s:6.0f} s  {what}")

    def _end_everybody(self) -> None:
        for each in getattr(self, "daemons", ()):
            each.end()
        for hand in self._hands:
            hand.kill()


def _holds(true: Callable[[], bool]) -> bool:
    try:
        return true()
    except CallError:
        return False


def _named(act: Act) -> str:
    if act.fault is Fault.KILL:
        return "kill -9 of a scan" if act.by_hand else f"kill -9 of {act.victims}"
    held = f" for {act.lasts_s:.0f} s" if act.lasts_s else ""
    return f"{act.fault}{held}"
