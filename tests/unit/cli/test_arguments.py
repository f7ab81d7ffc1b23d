"""The command line: what may be typed, and what a wrong one is answered with."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from cli.arguments import COMMANDS, parse
from cli.exit_codes import ExitCode
from cli.failures import Failure
from tests.unit.cli.fakes import FakeDoor, typed


def test_no_command_is_the_daemon() -> None:
    """`python main.py` and `python main.py run` start it; no application is opened for that."""
    door = FakeDoor()
    for line in ("", "run", "--no-web", "run --no-web"):
        assert typed(line, door=door).code == 0

    assert [flags.web for flags in door.served] == [True, True, False, False]
    assert door.opened == 0


def test_a_worker_is_the_daemon_without_the_rest() -> None:
    """No schedule, and no web page unless it is asked for one: several share a machine."""
    door = FakeDoor()
    assert typed("worker", door=door).code == 0
    assert typed("worker --web", door=door).code == 0
    assert [(flags.only_works, flags.web) for flags in door.served] == [(True, False), (True, True)]
    assert typed("run --web", door=door).code == ExitCode.USAGE
    assert typed("worekr", door=door).code == ExitCode.USAGE
    assert typed("worker now", door=door).code == ExitCode.USAGE


@pytest.mark.parametrize("line", ["--json jobs", "jobs --json", "--json jobs --json"])
def test_switches_stand_before_or_after_the_command(line: str) -> None:
    """--json means the same on either side."""
    assert parse(line.split()).json is True


def test_values_are_parsed() -> None:
    """Tickers in any case, days, weeks and numbers as they are printed."""
    scan = parse(["scan", "wmt", "--since", "2026-08-01"])
    assert (scan.ticker, scan.since) == ("WMT", date(2026, 8, 1))
    assert parse(["evidence", "#12"]).id == 12
    assert parse(["report", "--week", "2026-w47"]).week == "2026-W47"
    assert parse(["history"]).limit == 20


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("scna", "did you mean scan?"),
        ("histroy", "did you mean history?"),
        ("evidnce 3", "did you mean evidence?"),
        ("stat", "did you mean status?"),
        ("fly-to-the-moon", "see python main.py --help"),
    ],
)
def test_unknown_command_names_the_nearest(line: str, hint: str) -> None:
    """A slip of the finger is answered with the command that was meant; exit 2."""
    shown = typed(line)

    assert shown.code == ExitCode.USAGE
    assert shown.out == ""
    assert hint in shown.err


@pytest.mark.parametrize(
    "line",
    ["scan --since yesterday", "scan --since 2026-02-30", "scan --since 20260801", "backfill",
     "evidence", "evidence x", "evidence 0", "evidence -1", "report --week 2026-W54",
     "report --week 47", "history --limit many", "scan A B", "jobs --jsn", "company"],
)  # fmt: skip
def test_wrong_usage(line: str) -> None:
    """Nothing is opened, the mistake is named, exit 2."""
    door = FakeDoor()
    shown = typed(line, door=door)

    assert shown.code == ExitCode.USAGE
    assert shown.err.startswith("error: ")
    assert door.opened == 0


def test_wrong_usage_in_json() -> None:
    """A program gets its error in the form it asked for."""
    shown = typed("evidence x --json")

    assert shown.error["code"] == "usage"
    assert "'x'" in shown.error["message"]


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    """--help exits 0 for each of them, and the overview lists all."""
    assert typed("--help").code == 0
    overview = capsys.readouterr().out
    for command in COMMANDS:
        assert command in overview
        with pytest.raises(SystemExit) as ended:
            parse([command, "--help"])
        assert ended.value.code == 0


def test_parse_raises_failures_only() -> None:
    """A library caller gets an exception, not the end of its process."""
    with pytest.raises(Failure):
        parse(["jobs", "--unknown"])


def test_help_does_not_wait_for_the_heavy_parts() -> None:
    """A help text loads neither settings nor rich nor a database driver."""
    code = (
        "import sys\nfrom cli.app import main\n"
        "assert main(['--help'], None) == 0\n"
        "heavy = {'pydantic', 'rich', 'sqlalchemy', 'psycopg2', 'settings', 'requests'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    root = Path(__file__).resolve().parents[3]
    begun = os.times()
    ended = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)

    assert ended.returncode == 0, ended.stderr
    now = os.times()
    took_s = now.children_user + now.children_system - begun.children_user - begun.children_system
    assert 0 < took_s < 1.0  # 0.1 s on a quiet machine
