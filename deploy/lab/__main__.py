"""`python -m deploy.lab`: install the program on a real systemd and on a real container engine,
ill-treat it, say what held."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from deploy.lab import docker, systemd
from deploy.lab.guest import Guest, LabError, missing_tools
from deploy.lab.house import House, shown
from deploy.lab.stack import Stack, missing_engine
from deploy.steps.base import say

CACHE = Path.home() / ".cache" / "retailxai-lab"
EX_CONFIG = 78
SAID = {True: "PASS", False: "FAIL", None: "SKIP"}
NAMES = {
    "systemd": [proof.__name__ for proof in systemd.PROOFS],
    "docker": [proof.__name__ for proof in docker.PROOFS],
}

T = TypeVar("T")


def main(arguments: list[str]) -> int:
    """0: every proof held; 1: one did not; 78: this machine cannot run all of it. What it can run
    is run."""
    args = parser().parse_args(arguments)
    missing = {lab: what_is_missing(lab) for lab in wanted(args)}
    labs = [lab for lab, why in missing.items() if not why]
    for why in filter(None, missing.values()):
        say(why)
    failed = 0
    if "systemd" in labs:
        CACHE.mkdir(parents=True, exist_ok=True)
        for suite in args.suite or ("bookworm", "trixie"):
            failed += tried(on_systemd, suite, args)
    if "docker" in labs:
        failed += tried(in_containers, args)
    left_out = [lab for lab in missing if lab not in labs]
    say(f"{failed} failed" + "".join(f"; SKIP {lab}: it could not be run" for lab in left_out))
    if failed:
        return 1
    return EX_CONFIG if left_out else 0


def parser() -> argparse.ArgumentParser:
    known = argparse.ArgumentParser(prog="python -m deploy.lab", description=main.__doc__)
    known.add_argument("--lab", action="append", choices=list(NAMES), help="which; both")
    known.add_argument("--only", action="append", choices=[*NAMES["systemd"], *NAMES["docker"]])
    known.add_argument("--documents", type=int, default=150, help="in each scan")
    known.add_argument("--suite", action="append", choices=["bookworm", "trixie"],
                       help="Debian release whose systemd is used (252, 257); both")  # fmt: skip
    known.add_argument("--base", default="", help="image to build on; the Dockerfile's")
    known.add_argument("--network", default="default", help="of the build, as for docker build")
    return known


def wanted(args: argparse.Namespace) -> list[str]:
    """What was named; else those that have the proofs, or the options, that were."""
    if args.lab:
        return [lab for lab in NAMES if lab in args.lab]
    if args.only:
        return [lab for lab, names in NAMES.items() if set(names) & set(args.only)]
    if args.suite and not args.base:
        return ["systemd"]
    if args.base and not args.suite:
        return ["docker"]
    return list(NAMES)


def what_is_missing(lab: str) -> str:
    """ "" if this machine can run it."""
    if lab == "systemd":
        wrong = "it needs root" if os.geteuid() else ", ".join(missing_tools())
        fix = "as root: apt-get install systemd-container debootstrap"
    else:
        wrong = ", ".join(missing_engine())
        fix = "install Docker with Compose, or set DOCKER_HOST; without: --lab systemd"
    return (
        f"error: this machine cannot run the lab of {lab}: {wrong}\n  fix: {fix}" if wrong else ""
    )


def tried(prove: Callable[..., int], *given: object) -> int:
    try:
        return prove(*given)
    except LabError as error:
        say(f"FAIL the lab itself: {error}")
        return 1


def on_systemd(suite: str, args: argparse.Namespace) -> int:
    with Guest(suite, CACHE, shown()) as guest:
        say(f"== {suite}: {guest.must('systemctl', '--version').splitlines()[0]}, limits "
            f"{'enforced' if guest.limits else 'not enforced'}")  # fmt: skip
        house = House(guest, args.documents)
        house.install()
        failed = held(systemd.PROOFS, house, args.only)
        if failed:
            say(house.journal("-n", "150"))
    return failed


def in_containers(args: argparse.Namespace) -> int:
    with Stack(args.base, args.network, args.documents) as stack:
        version = stack.ask("docker", "version", "--format", "{{.Server.Version}}").strip()
        compose = stack.ask("docker", "compose", "version", "--short").strip()
        say(f"== docker: engine {version}, compose {compose}")
        only = args.only and ["image", "comes_up", *args.only]  # the rest stands on these
        failed = held(docker.PROOFS, stack, only)
        if failed:
            say(stack.log()[-20_000:])
    return failed


def held(proofs: Sequence[Callable[[T], systemd.Told]], subject: T, only: list[str] | None) -> int:
    """How many did not."""
    began, failed = time.monotonic(), 0
    for proof in proofs:
        if only and proof.__name__ not in only:
            continue
        say(f"-- {proof.__name__.replace('_', ' ')} ({time.monotonic() - began:.0f} s)")
        for is_so, what in proof(subject):
            failed += is_so is False
            say(f"{SAID[is_so]} {what}")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
