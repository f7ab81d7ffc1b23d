"""The single looks: what is well, what is not, and what a person is told to do."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from operations.doctor import backups, embedded, leftovers, machine, secrets, server, work
from operations.doctor.findings import NotLooked, Repair, Row, Verdict
from operations.doctor.machine import Growth
from operations.preflight import Finding as Before
from operations.preflight import Severity
from operations.process import DiskSpace, Seen
from storage.agents import Agent, AgentKind, Pause
from storage.backups import LastBackup, Restoration
from storage.call_budget import Window
from storage.dead_letters import LetterCount
from storage.embedded_state import EmbeddedState
from storage.file_locks import FileLock
from storage.leases import Instance
from storage.paid_batches import PaidBatch
from storage.paid_calls import Spend
from storage.policy_desk import BreakerView, HoldView, PauseView
from storage.server_activity import Stuck
from storage.spending import CapUse
from storage.states import AgentState, BatchState, LetterState

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
GB = 1_000_000_000
OK, WARN, BAD = Verdict.OK, Verdict.WARN, Verdict.BAD


def one(rows: list[Row], verdict: Verdict, *words: str) -> Row:
    """The single row of that verdict; it says the words, and what to do unless it is well."""
    (row,) = [row for row in rows if row.verdict is verdict]
    for word in words:
        assert word in row.found
    assert bool(row.fix) is (verdict in (WARN, BAD))
    return row


# ---- the machine ---------------------------------------------------------------------------


def space(free: int, inodes_free: int = 1000) -> Any:
    return lambda path: DiskSpace(path, 500 * GB, free, 1000, inodes_free)


@pytest.mark.parametrize(
    ("free", "inodes", "verdict"),
    [(50 * GB, 1000, OK), (GB // 2, 1000, WARN), (GB // 20, 1000, BAD), (50 * GB, 1, BAD)],
)
def test_room(tmp_path: Path, free: int, inodes: int, verdict: Verdict) -> None:
    """Several folders on one file system are one finding."""
    folders = {"data": tmp_path, "logs": tmp_path}

    one(machine.disk(folders, None, space(free, inodes)), verdict)


@pytest.mark.parametrize(
    ("stored_gb", "verdict", "said"),
    [(0.7, OK, "250 days"), (7, WARN, "25 days"), (0.0000007, OK, "years")],
)
def test_how_long_the_room_lasts(
    tmp_path: Path, stored_gb: float, verdict: Verdict, said: str
) -> None:
    """Documents are kept twice, as bytes and as text."""
    rows = machine.disk({"data": tmp_path}, Growth(int(stored_gb * GB), 7), space(50 * GB))

    assert rows[-1].verdict is verdict
    assert said in rows[-1].found


def test_a_clock_that_is_right_and_kept() -> None:
    rows = machine.clock(NOW, NOW, True, {})

    assert [row.verdict for row in rows] == [OK, OK]


@pytest.mark.parametrize(("off_s", "verdict"), [(30, OK), (300, WARN), (7200, BAD), (-7200, BAD)])
def test_a_clock_that_differs_from_the_databases(off_s: float, verdict: Verdict) -> None:
    one(machine.clock(NOW + timedelta(seconds=off_s), NOW, None, {}), verdict)


def test_a_clock_that_nobody_keeps() -> None:
    one(machine.clock(NOW, NOW, False, {}), WARN, "nothing keeps the clock")


def test_a_clock_that_was_set_back(tmp_path: Path) -> None:
    """A file of ours is from the future."""
    log = tmp_path / "retailxai.log"
    log.touch()
    os.utime(log, (NOW.timestamp() + 7200,) * 2)
    found = machine.stamps([log, tmp_path / "gone"])

    one(machine.clock(NOW, NOW, None, found), WARN, "set back", "2 h from now")
    assert len(machine.clock(NOW + timedelta(hours=3), None, None, found)) == 1


# ---- the database --------------------------------------------------------------------------


def test_a_schema_that_is_behind_is_repaired_only_under_nobody() -> None:
    """Who runs on it would be surprised."""
    behind = Before("schema", Severity.OK, "revision 0014 of 0015; migrated at the next start")
    repair = Repair("migrated", lambda: None)

    assert server.schema(behind, True, [], repair).repair is repair
    running = server.schema(behind, True, ["retailxai (pid 7 on box)"], repair)
    assert (running.verdict, running.repair) == (WARN, None)
    assert "pid 7" in running.found
    well = server.schema(Before("schema", Severity.OK, "revision 0015"), False, [], repair)
    assert (well.verdict, well.repair) == (OK, None)


def test_connections_that_are_nearly_all_taken() -> None:
    budget = Before("connections", Severity.OK, "30 a process")

    one(server.connections(budget, 95, 30, 100), WARN, "95 of 100", "30 by this program")
    assert [row.verdict for row in server.connections(budget, 12, 9, 100)] == [OK, OK]


def test_locks_that_stand() -> None:
    """Who waits and for whom; who sits in a transaction; what was prepared and forgotten."""
    waits = Stuck(11, "retailxai", "role", True, (12,), 95.0)
    idles = Stuck(12, "psql", "ann", False, (), 900.0)
    rows = server.locks(lambda waiting, idle: [waits, idles], lambda idle: [("tx-1", 7200.0)])

    assert [row.verdict for row in rows] == [WARN, WARN, BAD]
    assert "behind backend 12" in rows[0].found
    assert "pg_terminate_backend(12)" in rows[0].fix
    assert "backend 12 (psql)" in rows[1].found
    assert "rollback prepared 'tx-1'" in rows[2].fix
    one(server.locks(lambda waiting, idle: [], lambda idle: []), OK)


def state(cluster: Path, **changes: Any) -> EmbeddedState:
    facts: dict[str, Any] = {
        "made_by": 18, "programs": 18, "serving": None, "died": False, "is_used": False,
    }  # fmt: skip
    return EmbeddedState(cluster, **{**facts, **changes})


def test_the_embedded_database(tmp_path: Path) -> None:
    """Closed, fit for its programs; its folder is closed by --fix and by nothing else changed."""
    cluster = tmp_path / "postgres"
    cluster.mkdir(mode=0o700)
    assert {row.verdict for row in embedded.rows(state(cluster), tmp_path)} == {OK}
    one(embedded.rows(state(cluster, programs=17), tmp_path), BAD, "PostgreSQL 18", "17")
    one(embedded.rows(state(cluster, programs=None), tmp_path), BAD, "no programs")
    died = embedded.rows(state(cluster, died=True), tmp_path)
    assert any("recovers by itself" in row.found for row in died)
    cluster.chmod(0o755)
    row = one(embedded.rows(state(cluster), tmp_path), BAD, "does not start on it")
    assert row.repair is not None
    row.repair.do()
    assert {row.verdict for row in embedded.rows(state(cluster), tmp_path)} == {OK}
    with pytest.raises(NotLooked):
        embedded.rows(None, tmp_path)


def backup(age: timedelta, file: str = "/mnt/a.zip", host: str = "box") -> LastBackup:
    return LastBackup(NOW - age, NOW, file, host, 2_500_000, 56, True)


@pytest.mark.parametrize(
    ("age", "production", "verdict"),
    [
        (timedelta(hours=20), True, OK),
        (timedelta(days=3), True, WARN),
        (timedelta(days=9), False, WARN),
        (timedelta(days=9), True, BAD),
    ],
)
def test_the_age_of_the_last_backup(age: timedelta, production: bool, verdict: Verdict) -> None:
    one([backups.age(backup(age), 60, NOW, production)], verdict, "56 documents", "encrypted")


def test_no_backup_is_owed_of_nothing() -> None:
    """Nor of a trial on a laptop."""
    one([backups.age(None, 60, NOW, True)], BAD, "of 60 documents")
    assert backups.age(None, 60, NOW, False).verdict is Verdict.NOT_APPLICABLE
    assert backups.age(None, 0, NOW, True).verdict is Verdict.NOT_APPLICABLE


def test_a_backup_on_the_databases_own_disk(tmp_path: Path) -> None:
    """One failure takes both; of another machine's file nothing is known here."""
    there = tmp_path / "a.zip"
    there.touch()
    last = backup(timedelta(hours=1), str(there))
    one(backups.place(last, "box", tmp_path), WARN, "on the disk of the database")
    other_disk = {there: 1, tmp_path: 2}
    assert backups.place(last, "box", tmp_path, other_disk.__getitem__) == []
    assert backups.place(last, "elsewhere", tmp_path) == []
    (gone,) = backups.place(backup(timedelta(0), str(tmp_path / "gone")), "box", tmp_path)
    assert gone.verdict is Verdict.NOT_APPLICABLE
    (told,) = backups.restored(Restoration(NOW, NOW - timedelta(days=1), "a.zip", "box"), NOW)
    assert "2026-11-19 12:00 UTC" in told.found


# ---- secrets -------------------------------------------------------------------------------


def test_secrets_that_are_needed_and_missing() -> None:
    need = secrets.Need("GROQ_API_KEY", "analyst groq, which analysts.order names")

    rows = secrets.present({"DATABASE_URL": "credential"}, 7, [need])
    one(rows, BAD, "GROQ_API_KEY is not set", "analyst groq")
    one(rows, OK, "1 of 7 set: DATABASE_URL (credential)")
    one(secrets.present({"GROQ_API_KEY": ".env"}, 7, [need]), OK)


SECRET = "gsk_notakeynotakeynotakey"


def seen(pid: int, command: str = "sleep 1", **environ: str) -> Seen:
    return Seen(pid, command.split()[0], command, environ)


def test_a_secret_in_a_command_line_is_bad() -> None:
    """And the finding does not repeat it."""
    found = [seen(5), seen(7, f"curl -H {SECRET}")]
    rows = secrets.exposed({"GROQ_API_KEY": SECRET}, lambda: found, 1, False)

    row = one(rows, BAD, "GROQ_API_KEY in pid 7 (curl)")
    assert SECRET not in row.found + row.fix


@pytest.mark.parametrize(("is_production", "verdict"), [(True, WARN), (False, OK)])
def test_a_secret_in_an_environment(is_production: bool, verdict: Verdict) -> None:
    """On a laptop that is how people do it."""
    found = [seen(7, "python main.py", URL=f"postgresql://u:{SECRET}@box/db")]
    rows = secrets.exposed({"DATABASE_URL": SECRET}, lambda: found, 1, is_production)

    one(rows, verdict, "DATABASE_URL in pid 7")


def test_this_process_and_short_values_are_no_finding() -> None:
    mine = [seen(1, f"python {SECRET}"), Seen(8, "x", "x", None)]

    one(secrets.exposed({"GROQ_API_KEY": SECRET}, lambda: mine, 1, True), OK, "none shows one")
    with pytest.raises(NotLooked):
        secrets.exposed({"DATABASE_URL": "pw"}, lambda: mine, 1, True)


# ---- work ----------------------------------------------------------------------------------


def instance(kind: str = "daemon", silent_s: float = 0.0) -> Instance:
    return Instance("ex", "retailxai", kind, 7, "box", NOW, NOW, None, {}, silent_s=silent_s)


def test_who_runs() -> None:
    one(work.running([instance()]), OK, "daemon retailxai (pid 7 on box)")
    one(work.running([]), WARN, "none runs")
    one(work.running([instance("worker")]), WARN, "none runs")
    one(work.running([instance(silent_s=60)]), BAD, "not been heard of for 60 s")


def test_paid_calls_in_doubt() -> None:
    one(work.paid(0, Decimal(0)), OK)
    one(work.paid(3, Decimal("0.42")), WARN, "3 may have been paid for", "0.42 USD")


def batch(ended: bool, deadline: timedelta) -> PaidBatch:
    return PaidBatch(
        4, "claude", BatchState.SENT, "ex", "b1", 12, NOW - timedelta(hours=9), NOW + deadline,
        NOW, NOW if ended else None, "",
    )  # fmt: skip


def test_a_batch_is_stuck_an_hour_after_its_deadline() -> None:
    """Until then it is being cancelled and its end awaited."""
    one(work.batches([batch(False, timedelta(minutes=-30))], NOW), OK, "1 under way")
    one(work.batches([batch(True, timedelta(hours=-5))], NOW), OK, "0 under way")
    one(work.batches([batch(False, timedelta(hours=-2))], NOW), WARN, "batch 4", "2 h ago")


@pytest.mark.parametrize(
    ("taken", "verdict", "said"),
    [("0.79", OK, "no cap"), ("0.80", WARN, "0.80 of 1.00"), ("1.00", WARN, "nothing more")],
)
def test_caps(taken: str, verdict: Verdict, said: str) -> None:
    spend = Spend("claude", Decimal(taken), Decimal(0), 3, 0, 0, 0, 0, 0)
    window = Window("day", NOW.replace(hour=0), NOW.replace(hour=0) + timedelta(days=1))

    one(work.budget([CapUse("claude", window, Decimal(1), spend)]), verdict, said)


def test_letters() -> None:
    """What an outage stopped goes on by itself; what is poison waits for a person."""
    old = NOW - timedelta(hours=5)
    waiting = LetterCount("edgar", "outage", LetterState.WAITING, 3, old)
    poison = LetterCount("edgar", "poison", LetterState.WAITING, 1, old)
    rows = work.letters([waiting, poison], NOW)

    one(rows, OK, "3 (outage)", "goes on by itself")
    one(rows, WARN, "1 (poison)", "5 h")
    one(work.letters([], NOW), OK, "none waits")


def test_services_left_alone() -> None:
    """By a breaker, by a person, by their own word."""
    opened = BreakerView(
        "retailxai", "edgar", "open", 5, 1, NOW + timedelta(minutes=3), "ReadTimeout", 9, 5, 4,
        "ex", NOW,
    )  # fmt: skip
    held = HoldView("claude", "hold", None, "their maintenance", "ann", NOW)
    paused = PauseView("groq", NOW + timedelta(hours=1), "429", NOW)
    brief = PauseView("x", NOW + timedelta(seconds=20), "429", NOW)
    rows = work.breakers([opened], [held], [paused, brief], NOW)

    assert [row.verdict for row in rows] == [WARN] * 3
    assert "held by ann" in rows[0].found
    assert "breakers close claude" in rows[0].fix
    assert "5 failures (last: ReadTimeout), next trial 12:03:00 UTC" in rows[1].found
    one(work.breakers([], [], [brief], NOW), OK)


def agent(**changes: Any) -> Agent:
    facts: dict[str, Any] = {
        "name": "edgar", "kind": AgentKind.COLLECTOR, "state": AgentState.IDLE,
        "degraded_since": None, "last_error": "", "pause": None, "state_since": NOW, "workers": (),
        "cursor": "c", "executions": 5, "successes": 5, "failures": 0, "found": 1, "read": 0,
        "claims": 0, "withheld": 0, "seconds": 1.0, "last_success_at": NOW - timedelta(hours=3),
        "last_error_at": None, "scopes": 72, "moved_at": NOW - timedelta(hours=4),
    }  # fmt: skip
    return Agent(**{**facts, **changes})


def test_sources_and_what_they_did() -> None:
    """Last success and the age of their cursors; paused, failing, silent ones are told."""
    day = timedelta(days=2)

    def rows(**changes: Any) -> list[Row]:
        return work.agents([agent(**changes), agent(name="off")], ["edgar"], NOW)

    one(rows(), OK, "last success 3 h ago", "72 cursors, moved 4 h ago")
    one(rows(pause=Pause("edgar", NOW, None, "ann", "later")), WARN, "paused by ann")
    one(rows(degraded_since=NOW - day, last_error="403"), WARN, "fails for 2 days: 403")
    one(rows(last_success_at=NOW - day), WARN, "2 days ago")
    one(rows(last_success_at=NOW - day, kind=AgentKind.ANALYST), OK)
    one(rows(last_success_at=None, executions=0), OK, "was not asked yet")


# ---- leftovers -----------------------------------------------------------------------------


def test_half_made_files_are_removed_when_they_are_old(tmp_path: Path) -> None:
    """One that is being made just now is left alone."""
    old, fresh = tmp_path / "2026-W46.html.new", tmp_path / "2026-W47.html.new"
    whole = tmp_path / "2026-W45.html"
    for path in (old, fresh, whole):
        path.write_text("x")
        os.utime(path, (NOW.timestamp() - 7200,) * 2)
    os.utime(fresh, (NOW.timestamp() - 60,) * 2)
    row = one(leftovers.half_made([(tmp_path, "*.new")], NOW.timestamp()), WARN, str(old))
    assert row.repair is not None

    row.repair.do()

    assert [path.exists() for path in (old, fresh, whole)] == [False, True, True]


def test_what_its_maker_still_holds_is_left_alone(tmp_path: Path) -> None:
    """A backup under proof is not written any more, and the folder of its proof no more either."""
    part, look = tmp_path / ".a.zip.7.part", tmp_path / "look-a"
    look.mkdir()
    held = [FileLock(part), FileLock(look / "held")]
    for path in (part, look):
        os.utime(path, (NOW.timestamp() - 7200,) * 2)

    def found() -> list[Row]:
        patterns = [(tmp_path, ".*.part"), (tmp_path, "look-*")]
        return leftovers.half_made(patterns, NOW.timestamp())

    assert [held[0].try_exclusive(), held[1].try_shared()] == [True, True]
    assert found() == []
    for lock in held:
        lock.release()
    assert len(found()) == 2


def test_a_database_folder_that_was_never_finished(tmp_path: Path) -> None:
    """initdb was killed: there is nothing in it yet."""
    folder = tmp_path / "postgres.new"
    (folder / "base").mkdir(parents=True)
    os.utime(folder, (NOW.timestamp() - 7200,) * 2)
    (row,) = leftovers.half_made([(tmp_path, "postgres.new")], NOW.timestamp())
    assert row.repair is not None
    row.repair.do()
    assert not folder.exists()


def test_links_to_folders_that_are_gone(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "good").symlink_to(tmp_path / "there")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    row = one(leftovers.dangling(tmp_path), WARN, "gone")
    assert row.repair is not None

    row.repair.do()

    assert sorted(path.name for path in tmp_path.iterdir()) == ["good", "there"]
    assert leftovers.dangling(tmp_path / "nowhere") == []


def test_a_server_nobody_uses() -> None:
    stopped: list[str] = []
    row = one(leftovers.orphan(7, False, lambda: stopped.append("x")), WARN, "pid 7")
    assert row.repair is not None
    row.repair.do()
    assert stopped == ["x"]
    assert leftovers.orphan(7, True, lambda: None) == leftovers.orphan(None, False, lambda: None)


def test_nothing_left_is_said() -> None:
    one(leftovers.together([], []), OK, "nothing")
