"""The main job: ask every source, then see each open document through.

Documents go to the shared queue, so a scan by hand, the daemon and other machines work on
them together and none is worked on twice. What one scope or one document meets is told in
the summary; only when nothing at all could be asked does the run count as failed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from earnings.vocabulary import Company, DocumentState
from jobs.context import JobContext
from jobs.discovery import Asked, Discovered, Problem, discover
from jobs.interrupted import untold
from jobs.job import FAILED, GATE, SAID, STOPPED, Run, Summary
from jobs.leads import STEPS_BACK, enqueue
from jobs.slots import is_slot
from jobs.work import WorkState, WorkStatus
from resilience.outcomes import ShuttingDown

BATCH = 500
LISTED = 200  # of each list in the summary; counts are always whole


@dataclass(frozen=True)
class ScanProgress:
    """How far a scan is. `what` is the latest thing that happened."""

    asked: int
    scopes: int
    found: int
    documents: int
    done: int
    what: str


@dataclass
class _Tally:
    """What became of the documents."""

    states: Counter[DocumentState] = field(default_factory=Counter)
    held_up: list[str] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)  # the documents that were held up
    degraded: list[str] = field(default_factory=list)
    instead: Counter[str] = field(default_factory=Counter)  # who answered for whom, and why
    later: int = 0  # whose questions wait for a batch, or for its answers
    troubled: list[dict[str, Any]] = field(default_factory=list)
    documents: list[int] = field(default_factory=list)
    earlier: list[str] = field(default_factory=list)
    asked_again: set[int] = field(default_factory=set)  # read before, but by nobody configured
    after_break: list[int] = field(default_factory=list)  # read for a scan that could not tell

    def count(self, document_id: int, status: WorkStatus) -> str:
        """Add one document; what became of it, in a few words."""
        result = status.result if status.state is WorkState.DONE else {}
        if document_id not in self.asked_again or (result and not _is_unanswered(result)):
            self.documents.append(document_id)
        reason = result.get("held_up") or result.get("reason") or status.error
        if result.get("earlier"):
            self.earlier.append(result["earlier"])
        if result.get("degraded"):
            self.degraded.append(result["degraded"])
        if result.get("instead"):
            self.instead[result["instead"]] += 1
        self.later += bool(result.get("later"))
        if result.get("held_up") or not result:
            self.held_up.append(str(reason))
            self.waiting.append(document_id)
            return f"held up: {reason}"
        state = DocumentState(result["state"])
        if document_id not in self.asked_again:
            self.states[state] += 1
        if state in (DocumentState.REFUSED, DocumentState.FAILED):
            self.troubled.append({"document": document_id, "state": state, "reason": reason})
        return f"{state}: {reason}" if reason else str(state)


def daily_earnings_scan(context: JobContext, run: Run) -> Summary:
    """Options: "tickers" (only these companies), "since" (a date: everything from then on),
    "progress" (told a ScanProgress)."""
    return _Scan(context, run).run()


class _Scan:
    def __init__(self, context: JobContext, run: Run) -> None:
        self._context = context
        self._run = run
        self._deadline_at = run.deadline_at
        self._tickers = tuple(str(t).upper() for t in run.options.get("tickers") or ())
        self._since: date | None = run.options.get("since")
        self._tell: Callable[[ScanProgress], None] = run.options.get("progress") or (lambda _: None)
        self._progress = ScanProgress(0, 0, 0, 0, 0, "")
        self._tally = _Tally()
        self._waiting = 0
        self._again: set[int] = set()  # to be worked on although they were read
        self._paused: dict[str, str] = {}  # analysts, and who paused them
        # Somebody who scans by hand waits for the answers; nobody waits for a scheduled scan's.
        self._later = is_slot(run.slot)

    def run(self) -> Summary:
        companies, unknown = self._companies()
        found = Discovered()
        try:
            found = discover(
                self._context,
                companies,
                since=self._since,
                with_folders=not self._tickers,
                deadline_at=self._deadline_at,
                on_asked=self._asked,
            )
            seen: set[int] = set()
            while batch := self._open_documents(found, seen):
                seen.update(batch)
                work = enqueue(self._context, batch, later=self._later, again=self._again)
                self._see_through(work)
                if self._left_s() <= 0:
                    break
        except ShuttingDown:
            if not self._run.is_cancelled():
                raise
            return {**self._summary(found, [*unknown, *found.problems]), STOPPED: True}
        return self._summary(found, [*unknown, *found.problems])

    # ---- whom to ask --------------------------------------------------------------------

    def _companies(self) -> tuple[Sequence[Company], list[Problem]]:
        watched = self._context.companies.watched()
        if not self._tickers:
            return watched, []
        chosen = [company for company in watched if company.ticker in self._tickers]
        unknown = sorted(set(self._tickers) - {company.ticker for company in chosen})
        fix = "is not on the watch list; add it under [[companies]] in retailxai.toml"
        return chosen, [Problem("", ticker, f"{ticker} {fix}") for ticker in unknown]

    def _asked(self, asked: Asked, scopes: int) -> None:
        before = self._progress
        what = asked.problem or (f"{asked.scope}: {len(asked.new)} new" if asked.new else "")
        self._say(
            asked=before.asked + 1,
            scopes=scopes,
            found=before.found + len(asked.new),
            what=what or asked.scope,
        )

    # ---- what to work on ----------------------------------------------------------------

    def _open_documents(self, found: Discovered, seen: set[int]) -> list[int]:
        documents = self._context.documents
        ids = documents.pending(len(seen) + BATCH, self._context.limits.document_attempts)
        if not seen:
            # What is new may be read already: by another scan, or the watch of the feed.
            ids = list(dict.fromkeys([*ids, *found.new, *self._unanswered(set(found.new))]))
            self._tally.after_break = self._finished_after_break(set(ids))
        open_ids = [document_id for document_id in ids if document_id not in seen]
        if not self._tickers:
            return open_ids
        new = set(found.new)
        return [i for i in open_ids if i in new or self._is_asked_for(i)]

    def _finished_after_break(self, told_anyway: set[int]) -> list[int]:
        found = untold(self._context, self._run, LISTED)
        mine = [one for one in found if not self._tickers or self._is_asked_for(one)]
        return [one for one in mine if one not in told_anyway]

    def _unanswered(self, new: set[int]) -> list[int]:
        """Documents that only `local` has read, although others are configured: what kept
        them from answering (an outage, a spent budget) may be over. Nothing is paid twice: a
        stored answer is used, a call in doubt is not made again."""
        paused = {name: str(pause) for name, pause in self._context.agents.paused().items()}
        panel = self._context.panel.without(paused)
        self._paused = dict(panel.left_out())
        if not panel.asks():
            return []
        found = self._context.insights.unanswered(
            BATCH, queued=not self._later, upgrade=self._context.upgrades
        )
        again = [one for one in found if one not in new or not self._later]
        self._again = set(again)
        self._tally.asked_again.update(self._again - new)
        return again

    def _is_asked_for(self, document_id: int) -> bool:
        document = self._context.documents.get(document_id)
        return document is not None and document.ticker in self._tickers

    def _see_through(self, work: dict[str, int]) -> None:
        """Wait for the documents, and for those that stand in for one without results."""
        for _ in range(STEPS_BACK + 1):
            if not work:
                return
            self._wait(work)
            earlier, self._tally.earlier = self._tally.earlier, []
            work = {work_id: int(work_id.split(":")[2]) for work_id in earlier}

    def _wait(self, work: dict[str, int]) -> None:
        self._say(documents=self._progress.documents + len(work), what="reading documents")

        def finished(status: WorkStatus) -> None:
            what = self._tally.count(work[status.id], status)
            self._say(done=self._progress.done + 1, what=f"document {work[status.id]} {what}")

        stop = self._context.stopping
        done = self._context.engine.wait(work, max(0.0, self._left_s()), finished, stop)
        left = [work_id for work_id in work if work_id not in done]
        self._waiting += len(left)
        if stop.is_set():
            if self._run.is_cancelled():
                self._give_back(left)
            raise ShuttingDown("scan", "stopped before every document was seen through")

    def _give_back(self, work_ids: Sequence[str]) -> None:
        """What nobody has begun is left to the next scan, unless another one waits for it as
        well; what was begun comes to its end, and no question is asked for nothing."""
        if any(one.job == self._run.job and one.slot != self._run.slot
               for one in self._context.ledger.running()):  # fmt: skip
            return
        engine = self._context.engine
        for work_id, status in engine.statuses(work_ids).items():
            if status.state is WorkState.QUEUED:
                engine.cancel(work_id)

    def _left_s(self) -> float:
        return self._deadline_at - self._context.clock.monotonic()

    # ---- what to tell -------------------------------------------------------------------

    def _say(self, **changes: Any) -> None:
        self._progress = ScanProgress(**{**asdict(self._progress), **changes})
        self._tell(self._progress)

    def _summary(self, found: Discovered, problems: list[Problem]) -> Summary:
        tally, states = self._tally, self._tally.states
        summary: Summary = {
            "asked": sum(1 for one in found.asked if one.was_asked),
            "companies": found.companies,
            "new": len(found.new),
            "headlines": found.headlines,
            "analysed": states[DocumentState.ANALYSED],
            "irrelevant": states[DocumentState.IRRELEVANT],
            "refused": states[DocumentState.REFUSED],
            "failed_documents": states[DocumentState.FAILED],
            "held_up": len(tally.held_up),
            "unfinished": self._waiting,
            "degraded": len(tally.degraded),
            "later": tally.later,
            "instead": dict(tally.instead.most_common(LISTED)),
            "documents": [*tally.after_break, *tally.documents][:LISTED],
            "after_break": tally.after_break,
            "troubled": tally.troubled[:LISTED],
            "waiting": tally.waiting[:LISTED],
            "given_up": self._given_up(),
            "reasons": sorted({*tally.held_up, *tally.degraded})[:LISTED],
            "notes": [note for one in found.asked for note in one.notes][:LISTED],
            "problems": [asdict(problem) for problem in problems][:LISTED],
            "off": dict(found.off),
            "paused": {**found.paused, **self._paused},
        }
        summary[SAID] = _sentence(summary, problems)
        if found.asked and all(one.problem or not one.was_asked for one in found.asked):
            summary[FAILED] = f"nothing could be asked: {found.problems[0].what}"
        if found.gate is not None:
            summary[GATE] = found.gate
        return summary

    def _given_up(self) -> list[dict[str, Any]]:
        """Documents that failed so often that only a person can help."""
        failed = self._context.documents.in_state(DocumentState.FAILED, LISTED)
        most = self._context.limits.document_attempts
        return [
            {"document": d.id, "title": d.title, "attempts": d.attempts, "reason": d.reason}
            for d in failed
            if d.attempts >= most
        ]


def _is_unanswered(result: Mapping[str, Any]) -> bool:
    return any(result.get(why) for why in ("held_up", "degraded", "later"))


def _stand_ins(instead: Mapping[str, int]) -> Counter[str]:
    """By who answered for whom, with the reason that was given most often."""
    found: Counter[str] = Counter()
    whys: dict[str, str] = {}
    for said, count in instead.items():
        who = said.partition(":")[0]
        whys.setdefault(who, said)
        found[who] += count
    return Counter({whys[who]: count for who, count in found.items()})


def _sentence(summary: Summary, problems: Iterable[Problem]) -> str:
    counts = [
        (summary["analysed"], "analysed"),
        (summary["irrelevant"], "without results"),
        (summary["refused"], "refused"),
        (summary["failed_documents"], "failed"),
        (summary["held_up"] + summary["unfinished"], "held up"),
    ]
    done = ", ".join(f"{count} {what}" for count, what in counts if count)
    parts = [f"{summary['new']} new documents" + (f": {done}" if done else "")]
    if summary["after_break"]:
        parts.append(f"{len(summary['after_break'])} finished after a break")
    if summary["later"]:
        parts.append(f"{summary['later']} to be answered in a batch")
    parts += [f"{count} read by {who}" for who, count in _stand_ins(summary["instead"]).items()]
    if told := summary["headlines"]:
        parts.append(f"{told} new headline{'s' if told > 1 else ''}")
    number = len(list(problems))
    if number:
        parts.append(f"{number} problem{'s' if number > 1 else ''}")
    parts += [f"{source} is off" for source in summary["off"]]
    parts += [f"{agent} is {pause}" for agent, pause in summary["paused"].items()]
    return "; ".join(parts)
