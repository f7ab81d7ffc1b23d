"""`python -m deploy.lab`: boot a systemd, install the service, ill-treat it, say what held."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from deploy.lab.guest import Guest, LabError, missing_tools
from deploy.lab.house import House, shown
from deploy.lab.systemd import PROOFS

CACHE = Path.home() / ".cache" / "retailxai-lab"
EX_CONFIG = 78
SAID = {True: "PASS", False: "FAIL", None: "SKIP"}


def main(arguments: list[str]) -> int:
    """0: every proof held; 1: one did not; 78: this machine cannot run it."""
    parser = argparse.ArgumentParser(prog="python -m deploy.lab", description=main.__doc__)
    parser.add_argument("--suite", action="append", choices=["bookworm", "trixie"],
                        help="Debian release whose systemd is used (252, 257); both")  # fmt: skip
    parser.add_argument("--only", action="append", choices=[proof.__name__ for proof in PROOFS])
    parser.add_argument("--documents", type=int, default=150, help="in the scan")
    args = parser.parse_args(arguments)
    wrong = "it needs root" if os.geteuid() else ", ".join(missing_tools())
    if wrong:
        say(f"error: this machine cannot run the lab: {wrong}\n"
            "  fix: as root: apt-get install systemd-container debootstrap")  # fmt: skip
        return EX_CONFIG
    CACHE.mkdir(parents=True, exist_ok=True)
    failed = 0
    for suite in args.suite or ("bookworm", "trixie"):
        try:
            failed += prove(suite, args.only, args.documents)
        except LabError as error:
            failed += 1
            say(f"FAIL the lab itself: {error}")
    say(f"{failed} failed")
    return 1 if failed else 0


def prove(suite: str, only: list[str] | None, documents: int) -> int:
    began, failed = time.monotonic(), 0
    with Guest(suite, CACHE, shown()) as guest:
        say(f"== {suite}: {guest.must('systemctl', '--version').splitlines()[0]}, limits "
            f"{'enforced' if guest.limits else 'not enforced'}")  # fmt: skip
        house = House(guest, documents)
        house.install()
        for proof in PROOFS:
            if only and proof.__name__ not in only:
                continue
            say(f"-- {proof.__name__.replace('_', ' ')} ({time.monotonic() - began:.0f} s)")
            for held, what in proof(house):
                failed += held is False
                say(f"{SAID[held]} {what}")
        if failed:
            say(house.journal("-n", "150"))
    return failed


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
