"""`rollback`: back to the former release, or out of an upgrade that was interrupted."""

from __future__ import annotations

import argparse

from deploy.failures import BAD_OUTCOME, DONE
from deploy.installation import at_work
from deploy.machine.releases import Releases
from deploy.options import places_arguments, service_of
from deploy.steps.base import say
from deploy.upgrading.health import WITHIN_S
from deploy.upgrading.upgrade import Upgrade


def arguments(parser: argparse.ArgumentParser) -> None:
    places_arguments(parser)
    parser.add_argument("--healthy-within", type=float, default=WITHIN_S, metavar="SECONDS",
                        help=f"else it is said that it is not; {WITHIN_S:g}")  # fmt: skip


def run(options: argparse.Namespace) -> int:
    with at_work(options) as (places, handed):
        releases = Releases(places)
        going = Upgrade(places, releases, service_of(options, places), not options.no_systemd,
                        handed, options.healthy_within)  # fmt: skip
        unfinished = going.journal.read()
        if options.dry_run:
            to = (
                unfinished.was if unfinished else releases.former() or "nothing: there is no former"
            )
            say(f"would go from {releases.current() or 'nothing'} to {to}")
            return DONE
        if unfinished is not None:
            say(f"the upgrade to {unfinished.to} is unfinished ({unfinished.phase}); undoing it")
            return DONE if going.undo(unfinished) else BAD_OUTCOME
        return going.back()
