"""The steps of an installation, in the order in which they are done; and what came of them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from deploy.failures import CONFIGURATION, Failure
from deploy.machine.lock import held
from deploy.machine.places import Places
from deploy.machine.program import Program
from deploy.machine.releases import Releases, source
from deploy.options import credentials_of, places_of, service_of
from deploy.steps.base import Step
from deploy.steps.configuration import CredentialsStep, EnvironmentStep, UnitsStep
from deploy.steps.database import DatabaseStep, SchemaStep
from deploy.steps.ground import AccountStep, FoldersStep
from deploy.steps.release import CodeStep, CurrentStep, RequirementsStep
from deploy.steps.running import CheckStep, RunningStep


def steps(options: argparse.Namespace, places: Places, handed: tuple[int, ...]) -> list[Step]:
    """Raises Failure for what cannot be meant."""
    code, releases = source(options.source), Releases(places)
    service, given = service_of(options, places), credentials_of(options)
    name = code.name()
    folder = releases.folder(name)
    program = Program(places, folder, handed)
    with_units = [] if options.no_systemd else [UnitsStep(places, folder, service)]
    return [
        AccountStep(places),
        FoldersStep(places),
        CodeStep(releases, code, name),
        RequirementsStep(releases, name, options.venv, handed),
        EnvironmentStep(places, options.embedded),
        CredentialsStep(places, given),
        DatabaseStep(places, program, options.database_admin, options.embedded,
                     "DATABASE_URL" in given),
        CheckStep(program),
        SchemaStep(program),
        CurrentStep(releases, name),
        *with_units,
        RunningStep(service),
    ]  # fmt: skip


@contextmanager
def at_work(options: argparse.Namespace) -> Iterator[tuple[Places, tuple[int, ...]]]:
    """The places, alone. Before anything is there, a look needs no lock, and makes none."""
    places = places_of(options)
    is_fresh_look = options.dry_run and not places.program.is_dir()
    with nullcontext(None) if is_fresh_look else held(places.lock) as lock:
        yield places, (() if lock is None else (lock,))


def installed(places: Places, handed: tuple[int, ...] = ()) -> Program:
    """The current release. Raises Failure (78) if there is none."""
    releases = Releases(places)
    current = releases.current()
    if current is None:
        raise Failure("nothing is installed", "python3 -m deploy install", CONFIGURATION)
    return Program(places, releases.folder(current), handed)
