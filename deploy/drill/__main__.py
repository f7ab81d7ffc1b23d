"""`python -m deploy.drill`: the release before this one, filled, upgraded under load and killed.

It is installed out of git's history into a tree of its own, reads releases from its inbox, and is
upgraded to HEAD while it does. The upgrade is killed at each of its phases and run again. Then
every document must be there, byte for byte, read once, in one run; and the old release must work
on the schema that it finds when it is rolled back to.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from deploy.drill.history import Former, former
from deploy.drill.house import House, due_in
from deploy.drill.tree import HOME
from deploy.failures import BAD_OUTCOME, CONFIGURATION, DONE, Failure
from deploy.lab.retailers import JOB, tickers
from deploy.steps.base import say
from deploy.upgrading.journal import Phase
from deploy.waiting import until

Told = Iterator[tuple[bool, str]]
READ_S = 900.0
KILLS = ((Phase.BEGUN, False), (Phase.LAID, True), (Phase.SAVED, False), (Phase.MIGRATED, False),
         (Phase.SWITCHED, False))  # fmt: skip
AFTERWARDS = 5  # documents that the old release reads on the newer schema


def main(arguments: list[str]) -> int:
    """0: nothing was lost; 1: something was, or went wrong; 78: it cannot be run here."""
    parser = argparse.ArgumentParser(prog="python -m deploy.drill", description=main.__doc__)
    parser.add_argument("--documents", type=int, default=1000, help="in the inbox; 1000")
    parser.add_argument("--venv", type=Path, default=HOME / ".venv", help="with the requirements")
    parser.add_argument("--keep", action="store_true", help="the tree, to look at")
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="retailxai-drill-"))
    house: House | None = None
    failed = 0
    try:
        if not (options.venv / "bin/python").exists():
            raise Failure(f"{options.venv} is no environment", "make runtime", CONFIGURATION)
        old = former(HOME)
        house = House(folder, options.venv.resolve())
        for held, what in proofs(house, old, folder, options.documents):
            failed += not held
            say(f"{'PASS' if held else 'FAIL'} {what}")
    except Failure as failure:
        say(str(failure))
        return failure.code
    finally:
        _clear(house, folder, options.keep)
    say(f"{failed} failed")
    return BAD_OUTCOME if failed else DONE


def proofs(house: House, old: Former, folder: Path, documents: int) -> Told:
    began = time.monotonic()
    companies = tickers("Q", documents + AFTERWARDS)
    first, later = companies[:documents], companies[documents:]
    say(f"from {old.commit[:12]} (schema {old.schema}: {old.subject})")
    house.prepare()
    house.configure(companies, due_in(12 * 3600))
    house.drop(first)
    code, said = house.do("install", "--source", str(old.lay(HOME, folder / "former")))
    yield code == 0, f"the former release is installed and runs: {house.running()}"
    if code:
        say(said)
        return
    was = house.running()
    house.configure(companies, due_in(5))
    begun = until(lambda: house.state()["analysed"] > 0, 300, 1.0)
    yield begun, f"its scan of {documents} releases has begun ({time.monotonic() - began:.0f} s)"
    with Watched(house) as watched:
        yield from _upgraded(house, documents)
    yield True, f"in which no daemon ran for {watched.dark_s:.1f} s"
    yield from _nothing_lost(house, documents)
    yield from _back(house, was, later)
    say(f"{time.monotonic() - began:.0f} s")


def _upgraded(house: House, documents: int) -> Told:
    for phase, alone in KILLS:
        was_killed, said = house.killed(phase, alone)
        read = house.state()["analysed"]
        whom = "alone" if alone else "with all that it had started"
        yield was_killed, f"upgrade killed when {phase}, {whom}; {read} of {documents} are read"
        if not was_killed:
            say(said)
    code, said = house.do("upgrade")
    yield code == 0, f"upgrade run again: exit {code}, {house.running()} runs"
    if code:
        say(said)


def _nothing_lost(house: House, documents: int) -> Told:
    def is_done() -> bool:
        return any(run.endswith(" succeeded") for run in house.state()["runs"] if JOB in run)

    ended = until(is_done, READ_S, 2.0)
    found = house.state()
    yield ended, f"the run that the old release began is ended: {found['runs']}"
    runs = [run for run in found["runs"] if run.startswith(JOB)]
    yield len(runs) == 1, "it is one run, begun once"
    stored = found["digests"]
    yield set(stored) == house.digests, f"every document is there, byte for byte: {len(stored)}"
    yield len(stored) == documents, "and each is stored once"
    yield found["analysed"] == documents, f"every one is read: {found['states']}"
    yield found["analyses"] == documents, f"and read once: {found['analyses']} analyses"
    yield found["claims"] >= documents, f"with what it claims: {found['claims']}"
    left = sorted(path.name for path in (house.places.state / "inbox").glob("*.html"))
    yield not left, f"nothing is left in the inbox {left[:3] or ''}"
    backups = [path.stat().st_size for path in house.places.backups.glob("before-upgrade-*.zip")]
    yield bool(backups) and all(backups), f"a backup from before it is there: {backups} bytes"


def _back(house: House, was: str, later: list[str]) -> Told:
    schema = house.state()["schema"]
    code, said = house.do("rollback")
    yield code == 0 and house.running() == was, f"rolled back: {house.running()}, schema {schema}"
    if code:
        say(said)
    house.drop(later)
    done = house.program.run("scan")
    found = house.state()
    yield done.returncode == 0, f"the old release scans on the newer schema: exit {done.returncode}"
    yield set(found["digests"]) == house.digests, f"and reads {len(later)} more documents"
    code, said = house.do("uninstall", "--purge", "--yes")
    left = [path for path in (house.places.program, house.places.state) if path.exists()]
    yield code == 0 and not left and not house.keeper.pid(), "uninstalled, nothing is left"


class Watched:
    """How long no daemon lived while it was open."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.dark_s = 0.0

    def __enter__(self) -> Watched:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        before = time.monotonic()
        while not self._over.wait(0.05):
            at = time.monotonic()
            if not self._house.keeper.pid():
                self.dark_s += at - before
            before = at


def _clear(house: House | None, folder: Path, keep: bool) -> None:
    if house is not None:
        house.keeper.stop()
    if keep:
        say(f"kept: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
