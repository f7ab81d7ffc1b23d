"""The command line: what may be typed, and a hint when something else was."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NoReturn

from cli import chaos_arguments, groups, outages, paid_arguments
from cli.exit_codes import ExitCode
from cli.failures import Failure
from cli.times import day_of

PROGRAM = "python main.py"
COMMANDS = {
    "run": "the daemon in the foreground; with JOB: that job, once, now",
    "worker": "works only, beside a daemon anywhere on the same database; as many as you like",
    "scan": "read what is new and show what was found",
    "backfill": "read what was published since a day",
    "status": "how it is doing, on one screen",
    "jobs": "what runs when",
    "history": "what ran",
    "why": "why a slot of a job ran, did not run, or has not run yet",
    "plan": "what would run when, with outages; what changes of clocks do to it",
    "runs": "single runs: what became of each, its log, and a person's word on it",
    "company": "what a company last reported, and where it says so",
    "headlines": "what others wrote about a company, or the trade: links to read, no evidence",
    "evidence": "the sentence behind a number",
    "breakers": "which services are left alone, and a person's word on it",
    "quota": "what may be asked of each service, and what is left of it",
    "policy": "what would become of a call to a service, now or with other numbers",
    "dead-letters": "what could not be done and is kept, and a person's word on it",
    "agent": "who collects, reads and writes: how each does, and a person's word on it",
    "recovery": "what each start found that the dead had left behind, and what became of it",
    "paid": "calls that may have been paid for without an answer, and a person's word on them",
    "cost": "what was paid, what may still come, and what is left of the caps",
    "db": "back the whole database up, restore it, move it to another server",
    "check": "what would keep a start from working, or a source from being read, with its fix",
    "doctor": "how an installation stands, running or not: a row for each finding, with its fix",
    "report": "the weekly report",
    "alarm": "tell that a systemd unit has failed; retailxai-failed@.service does",
    "chaos": "pull every plug on a scratch database, and see that nothing is lost or paid twice",
    "version": "which version this is",
}
SWITCHES = ("--json", "--no-color", "--no-web", "--web", "--all", "--fix")  # they take no value
ALARM_OPTIONS = {
    "result": "MONITOR_SERVICE_RESULT",
    "code": "MONITOR_EXIT_CODE",
    "status": "MONITOR_EXIT_STATUS",
}
EPILOGUE = """\
Without a command the daemon runs in the foreground, as with `run`.

exit codes: 0 done, 1 done but the outcome is bad, 2 wrong usage, 3 daemon not running,
4 no such job, run, company, evidence, report, service, agent, dead letter or paid call,
5 refused, 75 try again later, 78 configuration wrong
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """As a Failure, so that --json gets its form."""
        raise Failure(ExitCode.USAGE, "usage", message, f"see {self.prog} --help")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Raises Failure for a wrong command line, SystemExit after --help."""
    _check_command(argv)
    args = _parser().parse_args(argv)
    args.command = args.command or "run"
    absent = {"json": False, "no_color": False, "job": None, "no_web": False, "web": False}
    for name, default in absent.items():
        if not hasattr(args, name):
            setattr(args, name, default)
    return args


def _check_command(argv: Sequence[str]) -> None:
    """argparse lists all the commands for a misspelt one; the nearest is a better answer."""
    before = ["", *argv]
    typed = [
        word
        for word, last in zip(argv, before, strict=False)
        if not word.startswith("-") and (last in SWITCHES or not last.startswith("-"))
    ]  # what follows another option is its value
    if not typed:
        return
    _check_word(typed[0], COMMANDS, "command", f"{PROGRAM} --help")
    if typed[0] in groups.GROUPS and len(typed) > 1:
        verbs = groups.GROUPS[typed[0]]
        _check_word(typed[1], verbs, f"{typed[0]} command", f"{PROGRAM} {typed[0]} --help")


def _check_word(typed: str, known: Mapping[str, str], what: str, see: str) -> None:
    if typed in known:
        return
    from settings.problems import nearest

    meant = nearest(typed, known)
    hint = f"did you mean {meant}?" if meant else f"see {see}"
    raise Failure(ExitCode.USAGE, "unknown_command", f"there is no {what} {typed!r}", hint)


def _parser() -> argparse.ArgumentParser:
    # SUPPRESS: the same switch before and after the command, the later must not reset the former.
    shared = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument("--json", action="store_true", help="print one JSON document")
    shared.add_argument("--no-color", action="store_true", help="no colours and no moving lines")
    parser = _Parser(
        prog=PROGRAM,
        description="RetailXAI reads what retailers publish about their earnings and cites every "
        "figure.",
        epilog=EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[shared],
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="store_const", const="version", dest="command")
    parser.add_argument(
        "--no-web",
        action="store_true",
        default=argparse.SUPPRESS,
        help="daemon without /health and /metrics",
    )
    below = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    for name, meaning in COMMANDS.items():
        command = below.add_parser(
            name, help=meaning, description=f"{meaning[0].upper()}{meaning[1:]}.", parents=[shared],
            allow_abbrev=False,
        )  # fmt: skip
        if name in groups.GROUPS:
            groups.add(name, command, shared, _Parser)
        else:
            _add_arguments(name, command)
    return parser


def _add_arguments(name: str, command: argparse.ArgumentParser) -> None:
    if name == "run":
        command.add_argument("job", nargs="?", metavar="JOB", help="its name, as in jobs")
        command.add_argument(
            "--week", type=_week, metavar="WEEK", help="of weekly_summary: 2026-W47, or now"
        )
        command.add_argument(
            "--no-web", action="store_true", default=argparse.SUPPRESS,
            help="daemon without /health and /metrics",
        )  # fmt: skip
    elif name == "worker":
        command.add_argument(
            "--web", action="store_true", help="serve /health and /metrics of its own"
        )
    elif name in ("scan", "backfill"):
        command.add_argument("ticker", nargs="?", type=_ticker, metavar="TICKER")
        command.add_argument(
            "--since", type=day_of, metavar="DATE", required=name == "backfill",
            help="also what was published from that day on, as 2026-08-01",
        )  # fmt: skip
    elif name == "history":
        command.add_argument("job", nargs="?", metavar="JOB", help="its name, as in jobs")
        command.add_argument(
            "--limit", type=_count, default=20, metavar="N", help="how many, newest first"
        )
    elif name == "why":
        command.add_argument("job", metavar="JOB", help="its name, as in jobs")
        command.add_argument(
            "day", nargs="?", type=day_of, metavar="DATE", help="of the slot, as 2026-11-22"
        )
    elif name == "plan":
        outages.add_plan(command)
    elif name == "company":
        command.add_argument("ticker", type=_ticker, metavar="TICKER")
    elif name == "headlines":
        command.add_argument("ticker", nargs="?", type=_ticker, metavar="TICKER")
        command.add_argument(
            "--since", type=day_of, metavar="DATE", help="told from that day on, as 2026-11-22"
        )
        command.add_argument(
            "-n", "--limit", type=_count, default=20, metavar="N", help="how many, newest first; 20"
        )
    elif name == "evidence":
        command.add_argument("id", type=_count, metavar="ID", help="as scan and company print it")
    elif name == "check":
        command.add_argument(
            "--online", action="store_true", help="also ask each provider its cheapest question"
        )
    elif name == "doctor":
        command.add_argument(
            "--fix", action="store_true", help="put right what is safe to: modes, folders, stale "
            "files, a schema nobody uses, units systemd has not read; never data",
        )  # fmt: skip
    elif name == "cost":
        paid_arguments.cost(command)
    elif name == "alarm":
        command.add_argument("unit", metavar="UNIT", help="as retailxai.service")
        for option, variable in ALARM_OPTIONS.items():
            meaning = f"systemd's ${variable}"
            command.add_argument(f"--{option}", default="", metavar="WORD", help=meaning)
    elif name == "chaos":
        chaos_arguments.add(command)
    elif name == "report":
        command.add_argument("--week", type=_week, metavar="WEEK", help="as 2026-W47, or now")


def _ticker(text: str) -> str:
    return text.strip().upper()


def _week(text: str) -> str:
    week = text.strip().upper()
    if week == "NOW":
        return week
    match = re.fullmatch(r"(\d{4})-W(\d{2})", week)
    try:
        if match is None:
            raise ValueError
        date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no week; write it as 2026-W47, or now"
        ) from error
    return week


def _count(text: str) -> int:
    digits = text.strip().removeprefix("#")
    if not re.fullmatch(r"[0-9]{1,18}", digits) or int(digits) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(digits)
