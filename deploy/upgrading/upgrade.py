"""An upgrade, step by step; killed anywhere, `run` goes on and `undo` goes back.

The new release is laid beside the old one, a backup is made, and the schema is migrated while the
old one runs on it. Then the old one is stopped, the link is turned and the new one started: half
a minute at most in which nothing runs, and what is due then is caught up. A new release that is
not well is replaced by the old one again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from deploy.failures import BAD_OUTCOME, CONFIGURATION, DONE, REFUSED, Failure
from deploy.machine.places import Places
from deploy.machine.program import Program
from deploy.machine.releases import Releases
from deploy.machine.service import Service
from deploy.steps.base import Step, carry_out, say
from deploy.steps.configuration import UnitsStep
from deploy.steps.running import CheckStep
from deploy.upgrading import backup, health
from deploy.upgrading.journal import Journal, JournalFile, Phase


@dataclass(frozen=True)
class Upgrade:
    places: Places
    releases: Releases
    service: Service
    has_units: bool
    handed: tuple[int, ...]
    healthy_within_s: float = health.WITHIN_S
    gives_up_return: bool = False  # a person accepts that the old release cannot be gone back to

    @property
    def journal(self) -> JournalFile:
        return JournalFile(self.places.journal)

    def program(self, release: str) -> Program:
        return Program(self.places, self.releases.folder(release), self.handed)

    # ---- forward ------------------------------------------------------------------------

    def begin(self, to: str) -> Journal:
        """Raises Failure if nothing is installed, or another upgrade is unfinished."""
        current, found = self.releases.current(), self.journal.read()
        if found is not None and found.phase is not Phase.UNDOING and found.to == to:
            say(f"an upgrade to {to} was interrupted when {found.phase}; going on")
            return found
        if found is not None and found.phase is not Phase.UNDOING:
            raise Failure(
                f"an upgrade to {found.to} is unfinished ({found.phase})",
                "rollback undoes it; or upgrade to that release first",
                REFUSED,
            )
        if current is None:
            raise Failure("nothing is installed", "python3 -m deploy install", CONFIGURATION)
        return self.journal.write(Journal(was=current, to=to, former=self.releases.former()))

    def run(self, journal: Journal, laying: Sequence[Step]) -> int:
        """Before the switch a failure leaves everything as it was, but for a schema on which the
        old release works too."""
        new = self.program(journal.to)
        try:
            if not journal.has(Phase.LAID):
                carry_out(laying)
                CheckStep(new).look()
                journal = self.journal.move(journal, Phase.LAID)
            if self.gives_up_return:
                self.service.stop()
            if not journal.has(Phase.SAVED):
                knowing = self.program(self.releases.with_newest_schema(journal.to))
                file = backup.make(self.places, knowing, journal.was)
                say(f"backup   {file}")
                journal = self.journal.move(journal, Phase.SAVED, str(file))
            if not journal.has(Phase.MIGRATED):
                said = new.must("db", "migrate", fix="nothing was switched; mend it, then again")
                say(f"schema   {said.strip().splitlines()[0]}")
                journal = self.journal.move(journal, Phase.MIGRATED)
        except Failure:
            self._give_up(journal)
            raise
        return self._switch(journal)

    def _switch(self, journal: Journal) -> int:
        if not journal.has(Phase.SWITCHED):
            self.service.stop()
            self._turn(journal.to, former=journal.was)
            journal = self.journal.move(journal, Phase.SWITCHED)
        verdict = self._started(journal.to)
        if verdict.is_well:
            self.journal.close()
            gone = self.releases.prune()  # not before: an undo may need them
            say(f"healthy  {verdict.why}")
            say(f"upgraded {journal.was} -> {journal.to}")
            say(f"removed  {', '.join(gone)}" if gone else "removed  nothing")
            return DONE
        say(f"FAILED   {journal.to} is not well: {verdict.why}")
        if self.gives_up_return:
            raise Failure(
                f"{journal.to} is not well, and {journal.was} cannot work on its schema",
                f"mend it and run upgrade again; or restore {journal.backup}, then rollback",
            )
        self.journal.move(journal, Phase.UNDOING)
        self.undo(journal)
        return BAD_OUTCOME

    # ---- back ---------------------------------------------------------------------------

    def undo(self, journal: Journal) -> bool:
        """Whatever the upgrade had done; True if the old release runs well after it."""
        journal = self.journal.move(journal, Phase.UNDOING)
        if self.releases.current() != journal.was:
            self.service.stop()
        self._turn(journal.was, former=journal.former)
        verdict = self._started(journal.was)
        self.journal.close()
        if verdict.is_well:
            say(f"undone   {journal.was} runs again: {verdict.why}")
        else:
            say(f"FAILED   {journal.was} was put back and is not well: {verdict.why}")
        return verdict.is_well

    def back(self) -> int:
        """To the former release. Raises Failure if there is none, or it refuses the schema."""
        current, former = self.releases.current(), self.releases.former()
        if former is None or current is None or former == current:
            raise Failure("there is no former release", "install or upgrade to the one you want",
                          REFUSED)  # fmt: skip
        old = self.program(former)
        CheckStep(old).look()
        journal = Journal(was=former, to=current, former=None, phase=Phase.UNDOING)
        return DONE if self.undo(self.journal.write(journal)) else BAD_OUTCOME

    # ---- the pieces ---------------------------------------------------------------------

    def _give_up(self, journal: Journal) -> None:
        """Before the switch: the old release goes on as if nothing had been tried."""
        self.journal.close()
        if self.service.supervises and not self.service.is_active():
            self.service.start()
        say(f"stopped  {journal.was} stays the current release")

    def _turn(self, release: str, former: str | None) -> None:
        """The former link first: killed between the two, the journal knows both."""
        self.releases.remember(former)
        self.releases.switch(release)
        if self.has_units:
            UnitsStep(self.places, self.releases.folder(release), self.service).apply()

    def _started(self, release: str) -> health.Verdict:
        """Of a release that was just switched to, or that should run all along."""
        if not self.service.supervises:
            return health.Verdict(True, "nobody is told to start it: start it, then smoke")
        try:
            if not self.service.is_active():
                self.service.start()
        except Failure as failure:
            return health.Verdict(False, str(failure))
        return health.wait_until_well(self.program(release), self.service, self.healthy_within_s)
