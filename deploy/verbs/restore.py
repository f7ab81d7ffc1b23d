"""`restore`: a backup into the installed program's empty database, while the service is stopped."""

from __future__ import annotations

import argparse
from pathlib import Path

from deploy.failures import REFUSED, Failure
from deploy.installation import at_work, installed
from deploy.options import places_arguments, service_of
from deploy.verbs.backup import done_by


def arguments(parser: argparse.ArgumentParser) -> None:
    places_arguments(parser)
    parser.add_argument("file", metavar="FILE", help="that the service's user can read")


def run(options: argparse.Namespace) -> int:
    with at_work(options) as (places, handed):
        program = installed(places, handed)
        if service_of(options, places).is_active():
            raise Failure(
                "the service runs on the database that would be filled",
                "stop it (systemctl stop retailxai), and see that the database is empty: move "
                f"{places.state}/postgres away, or createdb a new one",
                REFUSED,
            )
        file = str(Path(options.file).absolute())  # it runs in another folder
        return done_by(program, ["db", "restore", file], options.dry_run)
