"""`plan`: what would run, by the schedule and with outages; and what a year's clocks do to it.

Reads the settings and nothing else: no database, no daemon.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cli.exit_codes import ExitCode
from cli.failures import Failure, unknown
from cli.output import Cell, Output, Piece, signed
from cli.session import Session
from cli.slot_views import AuditView, ChangeView, PlannedView, PlanView, TouchedView
from jobs.catch_up import ON_TIME, Decision
from jobs.clock_changes import changes, touched_in
from jobs.foresight import INSTANT, Foreseen, foresee
from jobs.planning import Plan
from jobs.slot_story import clock_note
from jobs.slots import first_instant
from jobs.table import every_plan

DAY = timedelta(days=1)
LONGEST = 400  # days
WOULD = {"run": "ok", "late": "warn", "skipped": "quiet", "undecided": "fail"}
TIMES = {0: "never", 2: "twice"}


def execute(session: Session) -> int:
    settings = session.settings()
    zone = session.args.zone or settings.schedule.zone
    plans = _chosen(every_plan(zone, settings.schedule.jobs), session.args.job)
    if session.args.dst is not None:
        return _audit(session, plans, ZoneInfo(zone))
    first, last = _days(session, ZoneInfo(zone))
    found = planned(session, plans, ZoneInfo(zone), first, last)
    if session.output.as_json:
        session.output.document(found)
    else:
        show(session.output, found)
    return ExitCode.DONE


def _chosen(plans: Sequence[Plan], job: str | None) -> Sequence[Plan]:
    if job is None:
        return plans
    chosen = [plan for plan in plans if plan.job == job]
    if not chosen:
        known = [plan.job for plan in plans]
        raise unknown("job", job, known, "python main.py jobs lists them")
    return chosen


def _days(session: Session, zone: ZoneInfo) -> tuple[date, date]:
    args = session.args
    first = args.first or session.door.clock.now().astimezone(zone).date()
    last = args.last or first + 6 * DAY
    if last < first:
        raise _usage(f"--to {last} is before --from {first}")
    if (last - first).days >= LONGEST:
        raise _usage(f"from {first} to {last} is more than {LONGEST} days")
    return first, last


def _usage(message: str) -> Failure:
    return Failure(ExitCode.USAGE, "usage", message, "python main.py plan --help")


def planned(
    session: Session, plans: Sequence[Plan], zone: ZoneInfo, first: date, last: date
) -> PlanView:
    args = session.args
    begin = first_instant(datetime.combine(first, time()), zone)
    end = first_instant(datetime.combine(last + DAY, time()), zone) - INSTANT
    downs = [down for one in args.down for down in one.downs(first, last, zone)]
    found = foresee(plans, begin, end, downs=downs, takes=timedelta(seconds=args.takes or 0))
    by_job = {plan.job: plan for plan in plans}
    slots = tuple(
        _view(one, by_job[one.job]) for one in found if one.slot.name >= first.isoformat()
    )
    counts = Counter(one.would for one in slots)
    typed = tuple(one.typed for one in args.down)
    return PlanView(zone.key, str(first), str(last), typed, slots, dict(counts))


def _view(one: Foreseen, plan: Plan) -> PlannedView:
    return PlannedView(
        job=one.job,
        slot=one.slot.name,
        due_at=one.slot.due_at,
        would=_would(one),
        why=one.reason,
        decided_at=one.decided_at,
        begun_at=one.begun_at,
        clock_change=clock_note(plan.schedule, date.fromisoformat(one.slot.name[:10])),
    )


def _would(one: Foreseen) -> str:
    if one.decision is None:
        return "undecided"
    if one.decision is Decision.SKIPPED:
        return "skipped"
    begun = one.begun_at or one.decided_at or one.slot.due_at
    return "late" if begun - one.slot.due_at > ON_TIME else "run"


def show(output: Output, found: PlanView) -> None:
    down = f", down {' and '.join(found.down)}" if found.down else ""
    output.text(f"{found.first} to {found.last}, {found.zone}{down}")
    output.gap()
    rows: list[list[Cell]] = [
        [
            one.slot,
            Piece(one.job, "name"),
            signed(WOULD[one.would], one.would),
            _begins(one, ZoneInfo(found.zone)),
            "; ".join(words for words in (one.why, one.clock_change) if words),
        ]
        for one in found.slots
    ]
    output.table(("SLOT", "JOB", "WOULD", "BEGINS", "BECAUSE"), rows, wraps=(4,))
    output.gap()
    counts = ", ".join(f"{found.counts[word]} {word}" for word in WOULD if word in found.counts)
    output.text(f"{len(found.slots)} slots: {counts}" if found.slots else "No slot is due then.")


def _begins(one: PlannedView, zone: ZoneInfo) -> str:
    if one.begun_at is None:
        return "–"
    return f"{one.begun_at.astimezone(zone):%Y-%m-%d %H:%M %Z}"


# ---- the audit of a year ------------------------------------------------------------------


def _audit(session: Session, plans: Sequence[Plan], zone: ZoneInfo) -> int:
    args = session.args
    if args.first or args.last or args.down or args.takes:
        raise _usage("--dst looks at a whole year: it goes with --job and --zone only")
    found = audited(plans, zone, args.dst)
    if session.output.as_json:
        session.output.document(found)
    else:
        show_audit(session.output, found)
    return ExitCode.DONE


def audited(plans: Sequence[Plan], zone: ZoneInfo, year: int) -> AuditView:
    return AuditView(
        zone=zone.key,
        year=year,
        changes=tuple(
            ChangeView(one.at, f"{one.before:%Y-%m-%dT%H:%M}", f"{one.after:%Y-%m-%dT%H:%M}")
            for one in changes(zone, year)
        ),
        touched=tuple(sorted(_touched(plans, year), key=lambda one: (one.due_at, one.slot))),
        jobs=tuple(plan.job for plan in plans),
    )


def _touched(plans: Sequence[Plan], year: int) -> Iterator[TouchedView]:
    for plan in plans:
        for one in touched_in(plan.schedule, year):
            local = one.slot.due_at.astimezone(plan.schedule.zone)
            yield TouchedView(
                job=plan.job,
                slot=one.slot.name,
                due_at=one.slot.due_at,
                local=f"{local:%Y-%m-%d %H:%M %Z}",
                cron_runs=one.cron_runs,
                cron_at=one.cron_at,
            )


def show_audit(output: Output, found: AuditView) -> None:
    if not found.changes:
        output.text(f"The clocks of {found.zone} are not changed in {found.year}.")
        return
    output.text(f"The clocks of {found.zone} in {found.year}:")
    for one in found.changes:
        output.text(f"{one.before}  are set to  {one.after}", indent=2)
    output.gap()
    if not found.touched:
        output.text("No slot falls into an hour that is skipped or comes twice.")
        return
    rows: list[list[Cell]] = [
        [one.slot, Piece(one.job, "name"), f"once, {one.local}", TIMES[one.cron_runs]]
        for one in found.touched
    ]
    output.table(("SLOT", "JOB", "HERE IT RUNS", "A PLAIN CRON RUNS IT"), rows)
