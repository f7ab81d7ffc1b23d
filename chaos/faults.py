"""How each fault is carried out, and what is noted of it."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from chaos.evidence import Blow
from chaos.plan import OF_SERVER, Act, Fault
from chaos.processes import Daemon, Lived
from chaos.proxy import Proxy
from chaos.watch import RequeueWatch
from resilience.clock import Clock
from resilience.outcomes import CallError
from storage.aftermath import Aftermath
from storage.scratch_server import ScratchServer

READY_WITHIN_S = 30.0
BACK_WITHIN_S = 60.0
WORK_WITHIN_S = 8.0
BUSY_WITHIN_S = 2.0
_POLL_S = 0.2


class Field(Protocol):
    """What the storm lends to a fault."""

    clock: Clock
    aftermath: Aftermath
    daemons: Sequence[Daemon]
    server: ScratchServer | None
    watch: RequeueWatch
    dice: random.Random

    def wait(self, seconds: float, *, asks: bool = True) -> None:
        """Time passes, and everybody is looked after meanwhile. `asks` False: without asking
        the database, which would not answer before it is thawed."""
        ...

    def cables(self) -> Sequence[Proxy]:
        """Every way to the database there is."""
        ...

    def scan_by_hand(self, *, of_one: bool) -> Lived: ...

    def make_work(self) -> None: ...


def carry_out(field: Field, act: Act) -> Blow | None:
    """None if there was nobody to hit."""
    if act.fault is Fault.KILL:
        return _kill_a_scan(field, act) if act.by_hand else _kill(field, act)
    if act.fault in OF_SERVER:
        return _hit_server(field, act)
    return _hit_daemon(field, act)


# ---- kill -9 ----------------------------------------------------------------------------


def _kill(field: Field, act: Act) -> Blow | None:
    _until(field, lambda: any(each.is_ready() for each in field.daemons), READY_WITHIN_S)
    _until(field, lambda: _has_work(field), BUSY_WITHIN_S)
    ready = [each for each in field.daemons if each.is_ready()]
    victims = field.dice.sample(ready, min(act.victims, len(ready)))
    held = _held(field, victims)
    for victim in victims:
        victim.kill(act.back_after_s)
    others = [each for each in field.daemons if each.is_ready()]
    if others:  # else nobody is there who could take the work over
        for executor, work in held.values():
            if executor and work:
                field.watch.killed(executor)
    names = tuple(each.name for each in victims)
    work = sum(work for _, work in held.values())
    return Blow(Fault.KILL, names, work) if victims else None


def _kill_a_scan(field: Field, act: Act) -> Blow | None:
    scan = field.scan_by_hand(of_one=True)
    field.wait(field.dice.uniform(2.0, 5.0))
    if scan.code() is not None:
        return None
    scan.kill()
    return Blow(Fault.KILL, ("scan",), by_hand=True)


def _held(field: Field, victims: Sequence[Daemon]) -> Mapping[str, tuple[str, int]]:
    """By name: the executor, and how much it is doing."""
    try:
        executors = {each.name: field.aftermath.executor(each.name) or "" for each in victims}
        work = field.aftermath.holds([each for each in executors.values() if each])
    except CallError:
        return {}
    return {name: (executor, work.get(executor, 0)) for name, executor in executors.items()}


# ---- the server -------------------------------------------------------------------------


def _hit_server(field: Field, act: Act) -> Blow:
    _until(field, lambda: any(each.is_ready() for each in field.daemons), READY_WITHIN_S)
    field.make_work()
    _until(field, lambda: _has_work(field), WORK_WITHIN_S)
    field.watch.forget_open()
    _SERVER_FAULTS[act.fault](field, act.lasts_s)
    back_at = field.clock.now()
    worked_at = None
    give_up_at = field.clock.monotonic() + BACK_WITHIN_S
    while worked_at is None and field.clock.monotonic() < give_up_at:
        field.wait(_POLL_S)
        try:
            worked_at = field.aftermath.worked_since(back_at)
        except CallError:
            continue
    back_s = None if worked_at is None else (worked_at - back_at).total_seconds()
    return Blow(act.fault, tuple(each.name for each in field.daemons), back_s=back_s)


def _stop(field: Field, lasts_s: float) -> None:
    _server(field).stop("fast")
    field.wait(lasts_s, asks=False)
    _server(field).start()


def _fast(field: Field, lasts_s: float) -> None:
    _server(field).stop("fast")
    _server(field).start()


def _immediate(field: Field, lasts_s: float) -> None:
    _server(field).stop("immediate")
    _server(field).start()


def _crash(field: Field, lasts_s: float) -> None:
    _server(field).kill()
    _server(field).start()


def _black_hole(field: Field, lasts_s: float) -> None:
    for each in field.cables():
        each.cut()
    try:
        field.wait(lasts_s)
    finally:
        for each in field.cables():
            each.mend()


def _freeze(field: Field, lasts_s: float) -> None:
    _server(field).freeze()
    try:
        field.wait(lasts_s, asks=False)
    finally:
        _server(field).thaw()


_SERVER_FAULTS: Mapping[Fault, Callable[[Field, float], None]] = {
    Fault.STOP: _stop,
    Fault.FAST: _fast,
    Fault.IMMEDIATE: _immediate,
    Fault.CRASH: _crash,
    Fault.BLACK_HOLE: _black_hole,
    Fault.FREEZE_SERVER: _freeze,
}


def _server(field: Field) -> ScratchServer:
    assert field.server is not None, "the plan leaves these out where the server is not ours"
    return field.server


def _has_work(field: Field) -> bool:
    try:
        return field.aftermath.unsettled().work > 0
    except CallError:
        return False


# ---- one daemon -------------------------------------------------------------------------


def _hit_daemon(field: Field, act: Act) -> Blow | None:
    """The busiest one: what it holds is what could be done twice."""
    _until(field, lambda: any(each.is_ready() for each in field.daemons), READY_WITHIN_S)
    ready = [each for each in field.daemons if each.is_ready()]
    if not ready:
        return None
    field.make_work()
    _until(field, lambda: any(work for _, work in _held(field, ready).values()), WORK_WITHIN_S)
    held = _held(field, ready)
    victim = max(ready, key=lambda each: held.get(each.name, ("", 0))[1])
    life = victim.life
    if act.fault is Fault.CUT_DAEMON:
        victim.proxy.cut()
        field.wait(act.lasts_s)
        victim.proxy.mend()
    elif life is not None:
        life.tell(signal.SIGSTOP)
        field.wait(act.lasts_s)
        life.tell(signal.SIGCONT)
    return Blow(act.fault, (victim.name,), held.get(victim.name, ("", 0))[1])


def _until(field: Field, true: Callable[[], bool], within_s: float) -> bool:
    give_up_at = field.clock.monotonic() + within_s
    while not true():
        if field.clock.monotonic() >= give_up_at:
            return False
        field.wait(_POLL_S)
    return True
