"""`uninstall`: service, unit files, releases and environment go; data stays, unless purged."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from deploy.failures import DONE, REFUSED, Failure
from deploy.installation import at_work
from deploy.machine import account
from deploy.machine.places import UNITS, Places
from deploy.machine.service import Service
from deploy.options import places_arguments, service_of
from deploy.steps.base import say

WORD = "purge"


def arguments(parser: argparse.ArgumentParser) -> None:
    places_arguments(parser)
    parser.add_argument("--purge", action="store_true",
                        help="also data, credentials and the account; asks first")  # fmt: skip
    parser.add_argument("--yes", action="store_true", help="with --purge: do not ask")


def run(options: argparse.Namespace) -> int:
    with at_work(options) as (places, _):
        service = service_of(options, places)
        there = [path for path in _goes(places, options) if path.exists() or path.is_symlink()]
        if options.dry_run:
            say("\n".join(f"would remove {path}" for path in there) or "nothing is installed")
            return DONE
        if options.purge and not options.yes:
            _must_mean_it(places)
        _stop(service, places, options.no_systemd)
        for path in there:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
            say(f"removed  {path}")
        if places.settings.is_dir() and not any(places.settings.iterdir()):
            places.settings.rmdir()
        service.reread()
        if options.purge and account.find(places) is not None:
            account.remove()
            say("removed  the account")
    say(_left(places))
    return DONE


def _goes(places: Places, options: argparse.Namespace) -> list[Path]:
    units = [] if options.no_systemd else [places.units / name for name in UNITS]
    gone = [*units, places.program, places.environment]
    if options.purge:
        gone += [places.state, places.logs, *sorted(places.credentials.glob("retailxai.*"))]
    return gone


def _stop(service: Service, places: Places, no_systemd: bool) -> None:
    if no_systemd or (places.units / UNITS[0]).exists():
        service.stop()
        service.forget()


def _must_mean_it(places: Places) -> None:
    say(f"everything it has read and paid for goes: {places.state}, {places.logs}")
    if not sys.stdin.isatty():
        raise Failure("there is nobody to ask", "--purge --yes, if you mean it", REFUSED)
    sys.stdout.write(f"type {WORD} to go on: ")
    sys.stdout.flush()
    if sys.stdin.readline().strip() != WORD:
        raise Failure("nothing was removed", f"type {WORD}, or leave out --purge", REFUSED)


def _left(places: Places) -> str:
    kept = [path for path in (places.state, places.logs, places.settings) if path.exists()]
    kept += sorted(places.credentials.glob("retailxai.*"))
    if not kept:
        return "nothing is left"
    return "kept     " + ", ".join(map(str, kept)) + " (--purge removes them)"
