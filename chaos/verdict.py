"""The verdict: pure, from what the providers wrote down and what the product says of it.

Everything that is counted against the product begins in a provider's record: a document that
was listed, a call that was billed. Its own tables are only asked what became of those.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from chaos.evidence import Billed, Evidence
from chaos.papers import number_of, sales_millions
from chaos.plan import OF_SERVER, Fault
from storage.aftermath import CallFound, DocumentFound

BACK_WITHIN_S = 15.0
REQUEUED_WITHIN_S = 3.0
_ENDED = frozenset({"refused", "irrelevant", "failed"})
_OPEN_LETTERS = frozenset({"waiting", "replaying", "dropped"})
_SEEN_THROUGH = frozenset({"succeeded", "failed", "skipped", "deferred"})


@dataclass(frozen=True)
class Check:
    """One line of the table. `met` None: nothing was tried that it could be judged by."""

    name: str
    reach: str
    got: str
    met: bool | None
    breaches: tuple[str, ...] = ()


# What waiting could not have put right: stands also when the storm was ended early.
STANDS = frozenset({"paid twice", "answers from nowhere"})


def judge(evidence: Evidence, *, interrupted: bool = False) -> list[Check]:
    """`interrupted`: nothing had time to settle, so what is open is told and not held against
    anybody."""
    checks = [each for check in _CHECKS for each in check(evidence)]
    if not interrupted:
        return checks
    return [
        each
        if each.met is not False or each.name in STANDS
        else replace(each, met=None, breaches=())
        for each in checks
    ]


# ---- documents --------------------------------------------------------------------------


def _lost(evidence: Evidence) -> Iterator[Check]:
    """Every document that was listed is read, or it is said what it waits for or why not."""
    held = {each.external_id: each for each in evidence.documents}
    fates: Counter[str] = Counter()
    lost: list[str] = []
    for accession in evidence.listed.accessions:
        served = evidence.listed.sha256.get(accession)
        fate = _fate(held.get(accession), served, evidence.listed_doubts)
        fates[fate] += 1
        if fate not in ("answered", "parked in doubt", "explained"):
            lost.append(f"{accession}: {fate}")
    told = ", ".join(f"{fates[name]} {name}" for name in sorted(fates))
    total = len(evidence.listed.accessions)
    yield Check(
        "documents lost",
        "0",
        f"{len(lost)} of {total}" + (f" ({told})" if told else ""),
        None if not total else not lost,
        tuple(lost),
    )


def _fate(found: DocumentFound | None, served: str | None, doubts: frozenset[int]) -> str:
    if found is None:
        return "listed and never written down"
    if found.state in _ENDED:
        return "explained" if found.reason else f"{found.state} without a reason"
    if found.state != "analysed":
        waits = found.letter in _OPEN_LETTERS
        return "explained" if waits else f"left {found.state}, and nothing says why"
    if served is None or found.sha256 != served:
        return "its stored bytes are not those that were served"
    if found.net_sales != sales_millions(number_of(found.external_id)) * 1_000_000:
        return f"reads net sales of {found.net_sales}, which is not what it says"
    if found.analyst != "local" and not found.degraded:
        return "answered"
    if found.id in doubts:
        return "parked in doubt"
    if found.letter in _OPEN_LETTERS:
        return "explained"
    return "read by the rules only, and nothing says why"


# ---- payments ---------------------------------------------------------------------------


def _paid_twice(evidence: Evidence) -> Iterator[Check]:
    """The same document, prompt and model is billed at most once, however it was asked."""
    payments: dict[tuple[object, ...], list[Billed]] = defaultdict(list)
    for each in evidence.billed:
        about = each.release if each.release >= 0 else each.document
        payments[about, each.prompt, each.model].append(each)
    twice = [
        f"release {about}: billed {len(many)} times ({', '.join(one.answer for one in many)})"
        for (about, *_), many in payments.items()
        if len(many) > 1
    ]
    total = len(evidence.billed)
    got = f"{len(twice)} of {total} billed, {evidence.turned_away} turned away unbilled"
    yield Check("paid twice", "0", got, None if not total else not twice, tuple(twice))


def _in_doubt(evidence: Evidence) -> Iterator[Check]:
    """What was billed and whose answer is not stored is in doubt, and listed as such. What
    went as a batch can be looked up, so nothing of it may stay in doubt."""
    by_sha = defaultdict(list)
    for call in evidence.calls:
        by_sha[call.sha256].append(call)
    digest_of = {number_of(name): sha for name, sha in evidence.listed.sha256.items()}
    listed = {each.sha256 for each in evidence.documents if each.id in evidence.listed_doubts}
    stored = {call.answer for call in evidence.calls if call.state == "answered"}
    open_ones = [each for each in evidence.billed if each.answer not in stored]
    for how, name in (("direct", "in doubt, asked directly"), ("batch", "in doubt, in batches")):
        billed = [each for each in evidence.billed if each.how == how]
        mine = [each for each in open_ones if each.how == how]
        if how == "direct":
            unlisted = [
                f"release {each.release}: {each.answer} was billed, {said}"
                for each in mine
                if (said := _unlisted(by_sha[digest_of.get(each.release, "")], listed)) is not None
            ]
            got = f"{len(mine) - len(unlisted)} listed, {len(unlisted)} not, of {len(billed)}"
            yield Check(
                name, "all listed", got, None if not billed else not unlisted, tuple(unlisted)
            )
        else:
            left = [f"release {each.release}: {each.answer} was never fetched" for each in mine]
            got = f"{len(left)} of {len(billed)}"
            yield Check(name, "0", got, None if not billed else not left, tuple(left))
    given = {each.answer for each in evidence.billed}
    invented = sorted(str(answer) for answer in stored - given)
    total = len(stored)
    got = f"{len(invented)} of {total}"
    breaches = tuple(f"{answer} is stored, but was never billed" for answer in invented)
    yield Check("answers from nowhere", "0", got, None if not total else not invented, breaches)


def _unlisted(calls: Sequence[CallFound], listed: set[str | None]) -> str | None:
    """What the product says instead of "in doubt"; None if `paid list` says that."""
    if any(call.sha256 in listed for call in calls):
        return None
    if any(call.state == "in_doubt" for call in calls):
        return "it is in doubt, and `paid list` does not show it"
    return f"the product has it as {calls[0].state}" if calls else "the product knows of no call"


# ---- slots ------------------------------------------------------------------------------


def _slots(evidence: Evidence) -> Iterator[Check]:
    """Each slot that was configured and came due has one decision, and an end or a reason."""
    decisions = defaultdict(list)
    for found in evidence.slots:
        decisions[found.job, found.slot].append(found)
    wrong: list[str] = []
    ends: Counter[str] = Counter()
    for job, slot in evidence.expected_slots:
        made = decisions[job, slot]
        if len(made) != 1:
            wrong.append(f"{job} {slot}: {len(made)} decisions")
            continue
        state = made[0].state
        ends[state] += 1
        if state not in _SEEN_THROUGH:
            wrong.append(f"{job} {slot}: left {state}")
        elif state in ("skipped", "deferred") and not made[0].reason:
            wrong.append(f"{job} {slot}: {state} without a reason")
        elif state == "failed" and not made[0].error:
            wrong.append(f"{job} {slot}: failed without an error")
    total = len(evidence.expected_slots)
    told = ", ".join(f"{count} {state}" for state, count in sorted(ends.items()))
    got = f"{total - len(wrong)} of {total}" + (f" ({told})" if told else "")
    met = None if not total else not wrong
    yield Check("slots with one decision", "all", got, met, tuple(wrong))


# ---- faults -----------------------------------------------------------------------------


def _kills(evidence: Evidence) -> Iterator[Check]:
    kills = [blow for blow in evidence.blows if blow.fault is Fault.KILL]
    daemons = sum(len(blow.victims) for blow in kills if not blow.by_hand)
    scans = sum(len(blow.victims) for blow in kills if blow.by_hand)
    busy = sum(blow.work > 0 for blow in kills)
    got = f"{daemons}, and {scans} of scans by hand; {busy} of {len(kills)} blows hit work"
    wanted = evidence.wanted_kills
    met = None if not wanted else daemons >= wanted and busy > 0
    lacking = () if met is not False else (f"only {daemons} kills of daemons, {busy} hit work",)
    yield Check("kill -9 of daemons", f"≥ {wanted}", got, met, lacking)
    times = sorted(evidence.requeued_s)
    if times:
        middle = median(times)
        got = f"median {middle:.1f} s, longest {times[-1]:.1f} s, of {len(times)}"
        met = middle <= REQUEUED_WITHIN_S
        slow = () if met else (f"half of them took longer than {middle:.1f} s",)
        yield Check(
            "work of the killed queued again", f"median ≤ {REQUEUED_WITHIN_S:g} s", got, met, slow
        )
    else:
        yield Check("work of the killed queued again", "median ≤ 3 s", "not measured", None)


def _outages(evidence: Evidence) -> Iterator[Check]:
    """How long after the server was back work went on."""
    for fault in Fault:
        if fault not in OF_SERVER:
            continue
        name = f"{fault}: working again"
        blows = [blow for blow in evidence.blows if blow.fault is fault]
        if not blows:
            why = evidence.skipped.get(fault, "not asked for")
            yield Check(name, f"≤ {BACK_WITHIN_S:g} s", why, None)
            continue
        late = [
            f"{fault}: " + ("no work for 60 s" if each.back_s is None else f"{each.back_s:.1f} s")
            for each in blows
            if each.back_s is None or each.back_s > BACK_WITHIN_S
        ]
        known = [each.back_s for each in blows if each.back_s is not None]
        longest = f"longest {max(known):.1f} s" if known else "never"
        got = f"{longest}, {len(blows)} time{'s' if len(blows) > 1 else ''}"
        yield Check(name, f"≤ {BACK_WITHIN_S:g} s", got, not late, tuple(late))


def _undead(evidence: Evidence) -> Iterator[Check]:
    """A daemon that was thought dead and was not: what it was doing is paid for once, and the
    answer that counts is the one that was given. (Both also stand in the lines above, for all.)
    """
    twice = next(iter(_paid_twice(evidence)))
    for fault, what in ((Fault.FREEZE_DAEMON, "frozen"), (Fault.CUT_DAEMON, "cut off")):
        name = f"daemon {what}: repeated"
        blows = [blow for blow in evidence.blows if blow.fault is fault]
        if not blows:
            yield Check(name, "0", evidence.skipped.get(fault, "not asked for"), None)
            continue
        held = sum(blow.work for blow in blows)
        count = len(twice.breaches)
        got = f"{count}, {len(blows)} time{'s' if len(blows) > 1 else ''}, holding {held} at work"
        # One that had nothing in hand could do nothing twice, and proves nothing.
        yield Check(name, "0", got, not count if held or count else None, twice.breaches)


def _late(evidence: Evidence) -> Iterator[Check]:
    """A process that was taken for dead ends nothing any more, whatever it has in hand."""
    late = tuple(evidence.late)
    got = f"{len(late)}, of {evidence.fenced} processes that were shut out"
    yield Check("late results that stand", "0", got, not late if evidence.fenced else None, late)


def _calm(evidence: Evidence) -> Iterator[Check]:
    left = evidence.unsettled
    told = {"work": left.work, "runs": left.runs, "paid calls": left.calls}
    told["documents"] = left.documents
    open_ones = tuple(f"{count} {name} still open" for name, count in told.items() if count)
    got = f"{evidence.settled_s:.0f} s after the last fault" if not open_ones else "not settled"
    yield Check("everything settled", "yes", got, not open_ones, open_ones)
    deaths = tuple(evidence.deaths)
    yield Check("daemons that ended by themselves", "0", str(len(deaths)), not deaths, deaths)


_CHECKS: Sequence[Callable[[Evidence], Iterator[Check]]] = (
    _kills,
    _lost,
    _paid_twice,
    _in_doubt,
    _slots,
    _outages,
    _undead,
    _late,
    _calm,
)
