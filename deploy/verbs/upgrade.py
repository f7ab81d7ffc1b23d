"""`upgrade`: the release of this checkout beside the installed one, then in its place."""

from __future__ import annotations

import argparse

from deploy.failures import BAD_OUTCOME, DONE
from deploy.installation import at_work
from deploy.machine.releases import Releases, schema_of, source
from deploy.options import places_arguments, release_arguments, service_of
from deploy.steps.base import Step, carry_out, plan, say
from deploy.steps.configuration import UnitsStep
from deploy.steps.ground import FoldersStep
from deploy.steps.release import CodeStep, RequirementsStep
from deploy.steps.way_back import WayBackStep
from deploy.upgrading.health import WITHIN_S
from deploy.upgrading.journal import Phase
from deploy.upgrading.upgrade import Upgrade


def arguments(parser: argparse.ArgumentParser) -> None:
    places_arguments(parser)
    release_arguments(parser)
    parser.add_argument("--healthy-within", type=float, default=WITHIN_S, metavar="SECONDS",
                        help=f"else the old release is put back; {WITHIN_S:g}")  # fmt: skip
    parser.add_argument("--no-return", action="store_true",
                        help="also where the old release cannot work on the new schema: it is "
                        "stopped first, and only the backup leads back")  # fmt: skip


def run(options: argparse.Namespace) -> int:
    with at_work(options) as (places, handed):
        code, releases = source(options.source), Releases(places)
        service, to = service_of(options, places), code.name()
        was = releases.current()
        laying: list[Step] = [FoldersStep(places), CodeStep(releases, code, to)]
        if was is not None and was != to:
            laying.append(WayBackStep(releases, was, to, options.no_return))
        laying.append(RequirementsStep(releases, to, options.venv, handed))
        going = Upgrade(places, releases, service, not options.no_systemd, handed,
                        options.healthy_within, options.no_return)  # fmt: skip
        found = going.journal.read()
        if options.dry_run:
            plan(laying)
            say(f"then {was or 'nothing'} -> {to}" if was != to else f"{to} is installed")
            return DONE
        if found is not None and found.phase is Phase.UNDOING:
            going.undo(found)
            say(
                f"the upgrade to {found.to} had failed and is undone; upgrade again to try it again"
            )
            return BAD_OUTCOME
        if found is None and was == to:
            units = [UnitsStep(places, releases.folder(to), service)] if going.has_units else []
            carry_out([*laying, *units])
            say(f"{to} (schema {schema_of(releases.folder(to))}) is installed: nothing to upgrade")
            return DONE
        return going.run(going.begin(to), laying)
