"""`ask`: a command of the installed program, run as its unit runs it.

    sudo python3 -m deploy ask doctor
    sudo python3 -m deploy ask -- agent pause edgar --for 2h

What root types otherwise has neither the service's settings nor its credentials, and leaves files
behind that the service cannot use.
"""

from __future__ import annotations

import argparse

from deploy.failures import DONE, USAGE, Failure
from deploy.installation import installed
from deploy.options import places_arguments, places_of
from deploy.steps.base import say


def arguments(parser: argparse.ArgumentParser) -> None:
    places_arguments(parser)
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND",
                        help="as after `python main.py`; -- ends our own options")  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """The command's own exit code. No deploy has to end first: nothing is changed here."""
    program = installed(places_of(options))
    words = options.words[1:] if options.words[:1] == ["--"] else options.words
    if not words:
        raise Failure("what is to be asked?", "python3 -m deploy ask doctor", USAGE)
    if options.dry_run:
        say(f"would run, as the service: main.py {' '.join(words)}")
        return DONE
    return program.pass_on(*words)
