"""`backup`: of the installed program's database, by the program itself, which proves it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from deploy.failures import DONE
from deploy.installation import at_work, installed
from deploy.machine.program import Program
from deploy.options import places_arguments
from deploy.steps.base import say


def arguments(parser: argparse.ArgumentParser) -> None:
    places_arguments(parser)
    parser.add_argument("target", nargs="?", metavar="FILE|FOLDER",
                        help="the service's user must be able to write there; default: its own "
                        "backups")  # fmt: skip
    parser.add_argument("--keep", metavar="N", help="then all but the latest N in the folder go")


def run(options: argparse.Namespace) -> int:
    with at_work(options) as (places, handed):
        program = installed(places, handed)
        asked = ["db", "backup", _absolute(options.target) or f"{places.backups}/"]
        asked += ["--keep", options.keep] if options.keep else []
        return done_by(program, asked, options.dry_run)


def _absolute(target: str | None) -> str | None:
    """It runs in another folder; a slash at the end says that it is one."""
    if target is None:
        return None
    return str(Path(target).absolute()) + ("/" if target.endswith("/") else "")


def done_by(program: Program, asked: list[str], only_look: bool) -> int:
    """Its words and its exit code are ours."""
    if only_look:
        say(f"would run, as the service: main.py {' '.join(asked)}")
        return DONE
    done = program.run(*asked, within_s=24 * 3600)
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    return done.returncode
