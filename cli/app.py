"""The terminal's door: a command line in, an exit code out.

Nothing heavy is imported before it is needed: a help text must not wait for a database
driver. Errors end here, each in one line with a fix; one that nobody foresaw keeps its
traceback.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import FrameType
from typing import TYPE_CHECKING, TextIO

from cli import arguments
from cli.door import Door, ServeFlags
from cli.exit_codes import ExitCode
from cli.failures import Failure, translated
from cli.session import Session

if TYPE_CHECKING:
    from cli.output import Output

# Imported when asked for.
MODULES = {
    "scan": "cli.commands.scan",
    "backfill": "cli.commands.scan",
    "run": "cli.commands.run",
    "status": "cli.commands.status",
    "jobs": "cli.commands.jobs",
    "history": "cli.commands.history",
    "why": "cli.commands.why",
    "plan": "cli.commands.plan",
    "runs": "cli.commands.runs",
    "company": "cli.commands.company",
    "evidence": "cli.commands.evidence",
    "breakers": "cli.commands.breakers",
    "quota": "cli.commands.quota",
    "policy": "cli.commands.policy",
    "dead-letters": "cli.commands.dead_letters",
    "agent": "cli.commands.agent",
    "recovery": "cli.commands.recovery",
    "paid": "cli.commands.paid",
    "cost": "cli.commands.cost",
    "db": "cli.commands.db",
    "check": "cli.commands.check",
    "doctor": "cli.commands.doctor",
    "alarm": "cli.commands.alarm",
    "chaos": "cli.commands.chaos",
    "headlines": "cli.commands.headlines",
    "report": "cli.commands.report",
    "version": "cli.commands.version",
}


ENDS = {
    signal.SIGINT: ExitCode.INTERRUPTED,
    signal.SIGTERM: ExitCode.TERMINATED,
}


class Terminated(BaseException):
    """SIGTERM reached a command; like KeyboardInterrupt, so that everything is put away."""


def main(
    argv: Sequence[str], door: Door, stdout: TextIO | None = None, stderr: TextIO | None = None
) -> int:
    """Run the command line; returns the exit code. Streams are those of the process unless
    given."""
    out, err = stdout or sys.stdout, stderr or sys.stderr
    try:
        code = _run(argv, door, out, err)
        out.flush()
    except BrokenPipeError:
        # Whoever read us (head, less) has what it wanted. Python would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    return code


def _run(argv: Sequence[str], door: Door, out: TextIO, err: TextIO) -> int:
    try:
        args = arguments.parse(argv)
    except Failure as failure:
        _output(out, err, as_json="--json" in argv).failure(failure)
        return failure.exit_code
    except SystemExit as ended:  # argparse after --help
        return int(ended.code or 0)

    if args.command == "version" and not args.json:
        out.write(f"retailxai {door.version}\n")
        return ExitCode.DONE
    output = _output(out, err, as_json=args.json, no_color=args.no_color)
    session = Session(args, door, output, err, utf8=output.is_utf8)
    with _stoppable():
        if args.command == "worker" or (args.command == "run" and args.job is None):
            code = _ended(lambda: _serve(session), output)
            # Told to stop before it was ready: for a daemon an end in good order.
            return ExitCode.DONE if code == ExitCode.TERMINATED else code
        command: Callable[[Session], int] = import_module(MODULES[args.command]).execute
        return _ended(lambda: command(session), output)


def _serve(session: Session) -> int:
    only_works = session.args.command == "worker"
    web = session.args.web if only_works else not session.args.no_web
    flags = ServeFlags(web=web, only_works=only_works)
    return session.door.serve(session.settings(), flags)


def _ended(command: Callable[[], int], output: Output) -> int:
    """The command's exit code, whatever it ends with."""
    try:
        return command()
    except Failure as failure:
        output.failure(failure)
        return failure.exit_code
    except KeyboardInterrupt:
        output.note("interrupted")
        return ExitCode.INTERRUPTED
    except Terminated:
        output.note("terminated")
        return ExitCode.TERMINATED
    except BrokenPipeError:
        raise
    except Exception as error:
        known = _settings_failure(error, output) or translated(error)
        if known is None:
            raise
        output.failure(known)
        return known.exit_code


def _settings_failure(error: Exception, output: Output) -> Failure | None:
    """All problems of a configuration, each with its fix, and the failure that ends it."""
    from settings import SettingsError

    if not isinstance(error, SettingsError):
        return None
    if not output.as_json:
        for problem in error.problems:
            got = f" (got {problem.got})" if problem.got else ""
            output.note(f"{problem.severity}: {problem.where}: {problem.rule}{got}")
            output.fix(problem.fix)
    count = sum(problem.severity == "error" for problem in error.problems)
    first = error.problems[0]
    return Failure(
        ExitCode.CONFIGURATION,
        "configuration",
        f"the configuration is wrong in {count} place{'' if count == 1 else 's'}"
        + (f": {first.where}: {first.rule}" if output.as_json else ""),
        "python main.py check --json lists them all" if output.as_json else "",
    )


def _output(out: TextIO, err: TextIO, *, as_json: bool, no_color: bool = False) -> Output:
    from cli.output import Output
    from settings.environment import terminal

    facts = terminal()
    return Output(out, err, as_json=as_json, no_color=no_color or facts.no_color, utf8=facts.utf8)


@contextmanager
def _stoppable() -> Iterator[None]:
    """SIGTERM ends a command the way Ctrl-C does: everything is put away first. A second
    signal does not wait for that; what was begun is taken up by the next start."""
    told: list[int] = []

    def on_signal(number: int, frame: FrameType | None) -> None:
        if told:
            os._exit(ENDS[signal.Signals(number)])
        told.append(number)
        raise KeyboardInterrupt if number == signal.SIGINT else Terminated

    try:
        before = {number: signal.signal(number, on_signal) for number in ENDS}
    except ValueError:  # not in the main thread: whoever owns it owns its signals
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            # Threads may still wait for an answer: another Ctrl-C then ends without a word.
            was_interrupted = number == signal.SIGINT and number in told
            signal.signal(number, signal.SIG_DFL if was_interrupted else handler)
