"""Commands with verbs of their own, as `breakers hold edgar`: what each takes."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Mapping

from cli import backup_arguments, paid_arguments
from cli.times import day_of, seconds_of

GROUPS: Mapping[str, Mapping[str, str]] = {
    "breakers": {
        "list": "every service, and whether it is asked",
        "show": "everything that is known of one",
        "hold": "let nothing through to a service",
        "disable": "let everything through, whatever it does",
        "close": "as if nothing had happened: ends a hold, an opening, a pause",
        "probe": "do not wait: the next call may try",
        "open": "leave it alone for its usual wait",
    },
    "runs": {
        "list": "what ran, runs and is to run, newest first",
        "show": "the whole life of one, and what became of its documents",
        "log": "what it wrote to the log files of this machine",
        "cancel": "do not run what waits; stop what runs, at its next step",
        "retry": "run a failed, skipped or cancelled one once more",
    },
    "quota": {
        "list": "what may be asked of every service, money included",
        "show": "of one",
    },
    "policy": {
        "explain": "what each gate would say to a call now, without making it",
        "backtest": "what other numbers would have done with the calls of the last days",
    },
    "dead-letters": {
        "list": "what waits for its service, or for a person",
        "show": "everything that is known of one",
        "retry": "try it again, also what was given up",
        "drop": "give it up",
    },
    "agent": {
        "list": "every collector, analyst and the writer, and how it does",
        "show": "everything that is known of one, what it did last, and its days",
        "pause": "let it begin nothing new, in every process at once",
        "resume": "let it go on",
    },
    "recovery": {
        "history": "every start, and every later look that found something",
        "show": "what one found, and what became of it",
    },
    "db": {
        "backup": "a copy of everything, restored and compared before it counts",
        "verify": "restore a backup into a database of its own, and compare",
        "restore": "everything of a backup into an empty database",
        "upgrade": "the embedded database to the PostgreSQL that is installed now",
        "export": "everything the database holds, as it is at one instant, into a file",
        "import": "everything of a file into an empty database",
        "migrate": "bring its schema up to this program, as each start does",
    },
    "paid": {
        "list": "calls that may have been paid for without an answer",
        "retry": "have it asked again: it may be paid a second time",
        "drop": "never ask it again: the local reading stands for good",
        "batches": "what was sent together, and what became of it",
    },
}
# without a verb
DEFAULTS = {
    **dict.fromkeys(("breakers", "runs", "quota", "dead-letters", "agent", "paid"), "list"),
    "recovery": "history",
}


def add(
    group: str,
    parser: argparse.ArgumentParser,
    shared: argparse.ArgumentParser,
    make: type[argparse.ArgumentParser],
) -> None:
    """The verbs of `group`, each with its arguments."""
    parser.set_defaults(verb=DEFAULTS.get(group))
    if (group, "list") in ARGUMENTS:
        ARGUMENTS[group, "list"](parser)  # a list needs no verb
    below = parser.add_subparsers(
        dest="verb", metavar="VERB", parser_class=make, required=group not in DEFAULTS
    )
    below.default = DEFAULTS.get(group)  # of an absent verb; None would win over set_defaults
    for name, meaning in GROUPS[group].items():
        verb = below.add_parser(
            name,
            help=meaning,
            description=f"{meaning[0].upper()}{meaning[1:]}.",
            parents=[shared],
            allow_abbrev=False,
        )
        ARGUMENTS.get((group, name), _nothing)(verb)


def _nothing(verb: argparse.ArgumentParser) -> None:
    """It takes no arguments."""


def _service(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("service", type=_lower, metavar="SERVICE", help="its name, as in breakers")


def _hold(verb: argparse.ArgumentParser) -> None:
    _service(verb)
    verb.add_argument(
        "--for", dest="seconds", type=seconds_of, metavar="TIME", help="as 30m, 2h, 1h30m"
    )
    _why(verb)


def _decided(verb: argparse.ArgumentParser) -> None:
    _service(verb)
    _why(verb)


def _why(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--why", default="", metavar="TEXT", help="for whoever sees it later")


def _explain(verb: argparse.ArgumentParser) -> None:
    _service(verb)
    verb.add_argument(
        "--cost", type=_cost, metavar="COST", help="of the call, as tokens=15000,usd=0.05"
    )


def _backtest(verb: argparse.ArgumentParser) -> None:
    _service(verb)
    verb.add_argument("--days", type=_days, default=7.0, metavar="N", help="how far back; 7")
    verb.add_argument(
        "--set", nargs="+", action="extend", metavar="NAME=NUMBER",
        help="numbers to try, as open_s=120 failure_threshold=3",
    )  # fmt: skip


def _ended(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--all", action="store_true", default=argparse.SUPPRESS, help="also what has ended"
    )


def _agent(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("agent", type=_lower, metavar="AGENT", help="its name, as in agent")


def _pause(verb: argparse.ArgumentParser) -> None:
    _agent(verb)
    verb.add_argument(
        "--for", dest="seconds", type=seconds_of, metavar="TIME", help="as 30m, 2h, 1h30m"
    )
    verb.add_argument(
        "--reason", "--why", dest="why", default="", metavar="TEXT",
        help="for whoever sees it later",
    )  # fmt: skip


def _recovery(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("id", type=_id, metavar="ID", help="as recovery history prints it")


def _recoveries(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("id", type=_id, nargs="?", metavar="ID", help="only this one, whole")
    verb.add_argument(
        "-n", "--limit", type=_id, default=argparse.SUPPRESS, metavar="N",
        help="how many, newest first; 20",
    )  # fmt: skip


def _letter(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("id", type=_id, metavar="ID", help="as dead-letters prints it")


def _export(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("file", metavar="FILE", help="that is written, as retailxai.zip")
    verb.add_argument("--force", action="store_true", help="also over a file that is there")


def _import(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("file", metavar="FILE", help="as db export wrote it")


def _migrate(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--dry-run", action="store_true", help="only look; exit 1 if it is behind")


def _retry(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("id", type=_id, nargs="?", metavar="ID", help="as dead-letters prints it")
    verb.add_argument("--all", action="store_true", default=argparse.SUPPRESS, help="all that wait")
    verb.add_argument("--service", type=_lower, metavar="SERVICE", help="with --all: only of this")


def _which_runs(verb: argparse.ArgumentParser) -> None:
    only = argparse.SUPPRESS  # given before the verb, it must not be reset after it
    verb.add_argument("--job", default=only, metavar="JOB", help="of one job")
    verb.add_argument("--state", type=_lower, default=only, metavar="STATE", help="in one state")
    verb.add_argument(
        "--since", type=day_of, default=only, metavar="DATE", help="due from that day on"
    )
    verb.add_argument(
        "-n", "--limit", type=_id, default=only, metavar="N", help="how many, newest first; 20"
    )


def _run(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "run", metavar="RUN", help="its number, as runs prints it; or a job: its latest run"
    )
    verb.add_argument(
        "slot", nargs="?", metavar="SLOT", help="of a job: 2026-11-22T07:00, or the day"
    )


def _run_log(verb: argparse.ArgumentParser) -> None:
    _run(verb)
    verb.add_argument(
        "--tail", type=_id, default=500, metavar="N", help="only the latest lines; 500"
    )


def _cancel(verb: argparse.ArgumentParser) -> None:
    _run(verb)
    _why(verb)


ARGUMENTS: Mapping[tuple[str, str], Callable[[argparse.ArgumentParser], None]] = {
    ("breakers", "show"): _service,
    ("breakers", "hold"): _hold,
    ("breakers", "disable"): _decided,
    ("breakers", "close"): _service,
    ("breakers", "probe"): _service,
    ("breakers", "open"): _decided,
    ("runs", "list"): _which_runs,
    ("runs", "show"): _run,
    ("runs", "log"): _run_log,
    ("runs", "cancel"): _cancel,
    ("runs", "retry"): _run,
    ("quota", "show"): _service,
    ("policy", "explain"): _explain,
    ("policy", "backtest"): _backtest,
    ("agent", "show"): _agent,
    ("agent", "pause"): _pause,
    ("agent", "resume"): _agent,
    ("recovery", "history"): _recoveries,
    ("recovery", "show"): _recovery,
    ("dead-letters", "list"): _ended,
    ("dead-letters", "show"): _letter,
    ("dead-letters", "retry"): _retry,
    ("dead-letters", "drop"): _letter,
    ("db", "backup"): backup_arguments.backup,
    ("db", "verify"): backup_arguments.read,
    ("db", "restore"): backup_arguments.read,
    ("db", "upgrade"): backup_arguments.upgrade,
    ("db", "export"): _export,
    ("db", "import"): _import,
    ("db", "migrate"): _migrate,
    ("paid", "list"): paid_arguments.listed,
    ("paid", "retry"): paid_arguments.decided,
    ("paid", "drop"): paid_arguments.decided,
}


def _lower(text: str) -> str:
    return text.strip().lower()


def _id(text: str) -> int:
    digits = text.strip().removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18 and int(digits)):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(digits)


def _days(text: str) -> float:
    try:
        days = float(text)
        if not 0 < days <= 366:
            raise ValueError
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days up to 366") from error
    return days


def _cost(text: str) -> dict[str, float]:
    cost = {}
    for part in text.split(","):
        resource, equals, amount = part.partition("=")
        try:
            number = float(amount)
            if not (equals and resource.strip() and math.isfinite(number) and number >= 0):
                raise ValueError
        except ValueError as error:
            raise argparse.ArgumentTypeError(
                f"{part!r} is no cost; write it as tokens=15000,usd=0.05"
            ) from error
        cost[resource.strip().lower()] = number
    return cost
