"""Row 1: what a call costs when nothing is wrong. CPU of the calling thread."""

from __future__ import annotations

from functools import partial

from benchmarks.peers.base import Call, peer
from benchmarks.resilience.house import SERVICE, House
from benchmarks.resilience.size import Size
from benchmarks.resilience.table import MET, MISSED, Line, Row, against
from benchmarks.resilience.timing import cpu_us
from resilience.policy import Policy

OURS = "ours, as the daemon has it"
BARE = "ours, Policy alone"
FORGETFUL = "ours, hooks but no store"
PEERS = {
    "pyresilience": "pyresilience, all parts",
    "circuitbreaker": "tenacity + circuitbreaker + limits",
    "pybreaker": "tenacity + pybreaker + pyrate-limiter",
    "interlock": "interlock-cb pipeline + pyrate-limiter",
}
TARGET = 0.51


def run(house: House, size: Size) -> list[Row]:
    subjects: dict[str, Call] = {
        OURS: partial(house.policy.call, answer),
        FORGETFUL: partial(house.forgetful().of(SERVICE).call, answer),
        BARE: partial(Policy(SERVICE, house.spec, house.clock).call, answer),
        "no policy at all": answer,
    }
    missing: list[Line] = []
    for name, title in PEERS.items():
        found = peer(name)
        if found.module is None:
            missing.append(Line(title, found.why))
        else:
            subjects[title] = found.module.closed(answer)
    took = cpu_us(subjects, size.rounds)
    rival = took.get(PEERS["pyresilience"])
    verdict = MET if rival and took[OURS] / rival <= TARGET else MISSED
    return [
        Row(
            1,
            "closed, success: limiter + breaker + budget + bulkhead + retry",
            f"<= {TARGET} of pyresilience (2.5 us where it takes 4.9)",
            verdict,
            against(OURS, took, "us") + missing,
        )
    ]


def answer() -> int:
    return 7
