"""`smoke`: the installed program is asked what a person would ask first, and each answer judged."""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from deploy.failures import BAD_OUTCOME, DONE
from deploy.installation import at_work, installed
from deploy.machine import account, files
from deploy.machine.places import Places
from deploy.machine.program import Program, last
from deploy.machine.releases import VERSION_FILE
from deploy.machine.service import Service
from deploy.options import places_arguments, service_of
from deploy.steps.base import say
from deploy.upgrading.health import look

JOB = "daily_earnings_scan"
Told = Iterator[tuple[bool, str]]


def arguments(parser: argparse.ArgumentParser) -> None:
    places_arguments(parser)


def run(options: argparse.Namespace) -> int:
    with at_work(options) as (places, handed):
        program = installed(places, handed)
        if options.dry_run:
            name = program.release.name
            say(f"would ask {name}: version, check, health, {JOB}, a scan of the samples")
            return DONE
        failed = 0
        for held, what in proofs(places, program, service_of(options, places)):
            failed += not held
            say(f"{'PASS' if held else 'FAIL'} {what}")
    say(f"{failed} failed")
    return BAD_OUTCOME if failed else DONE


def proofs(places: Places, program: Program, service: Service) -> Told:
    yield _version(program)
    checked = program.run("check")
    words = (checked.stdout.strip().splitlines() or [last(checked)])[-1]
    yield checked.returncode in (0, 1), f"check: {words}"
    if service.supervises:
        pid, why = look(program, service)
        yield bool(pid), f"health: {why}"
    explained = program.run("why", JOB)
    told = " ".join(explained.stdout.split())[:110] or last(explained)
    yield explained.returncode == 0 and JOB in explained.stdout, f"why: {told}"
    yield _samples(places, program)


def _version(program: Program) -> tuple[bool, str]:
    text = (program.release / VERSION_FILE).read_text(encoding="utf-8")
    wanted = re.search(r'^VERSION = "([^"]+)"', text, re.MULTILINE)
    said = program.json("version")
    found = said.get("version") if isinstance(said, dict) else None
    return bool(wanted and found == wanted[1]), f"version: {found} of {program.release.name}"


def _samples(places: Places, program: Program) -> tuple[bool, str]:
    """In a folder and a database of its own, gone afterwards: the real ones are not touched."""
    with tempfile.TemporaryDirectory(prefix="retailxai-smoke-", dir=places.state) as name:
        owner = account.find(places)
        if owner is not None:
            files.grant(Path(name), 0o700, (owner.uid, owner.gid))
        seen = replace(program, alone=Path(name)).json("scan")
    readings = seen.get("readings", []) if isinstance(seen, dict) else []
    wanted = len(list((program.release / "samples").glob("ZZ*.*")))
    return len(readings) == wanted, f"scan: {len(readings)} of {wanted} sample documents read"
