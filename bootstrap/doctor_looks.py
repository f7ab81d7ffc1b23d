"""What `doctor` looks at once the settings are right."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path

from bootstrap.health import analysts_off, job_age, sources_missing, sources_off
from bootstrap.preflight import DATABASE_FIX, answered, connection_budget, models
from bootstrap.reach import Reach
from bootstrap.services import Services, budgets, build_policies, build_services
from jobs.table import every_plan
from operations import preflight
from operations.checks.jobs import JobsCheck
from operations.doctor import backups, embedded, leftovers, machine, modes, secrets, server, work
from operations.doctor.findings import (
    Look,
    NotLooked,
    NotRepaired,
    Repair,
    Row,
    bad,
    not_applicable,
    of_health,
    of_preflight,
    ok,
    warn,
)
from operations.doctor.kernel_clock import is_synchronised
from operations.doctor.modes import Folder
from operations.doctor.secrets import Need as SecretNeed
from operations.process import processes
from resilience.clock import Clock
from settings import Settings
from settings.loading import SHIPPED
from settings.secret_places import secret_names, secret_places, secret_values
from storage.agents import Agents
from storage.backups import Backups
from storage.database import Database
from storage.dead_letters import DeadLetters
from storage.documents import Documents
from storage.dsn import parse
from storage.embedded_state import look, stop_unused
from storage.leases import Instances
from storage.ledger import Ledger
from storage.paid_batches import PaidBatches
from storage.paid_calls import PaidCallLedger
from storage.paid_desk import PaidDesk
from storage.policy_desk import PolicyDesk
from storage.poolers import is_pooled
from storage.schema import migrate
from storage.server_activity import ServerActivity
from storage.server_address import links_folder
from storage.spending import cap_uses
from storage.states import CallState

GROWTH_DAYS = 7.0
KEYS = {"claude": "ANTHROPIC_API_KEY", "groq": "GROQ_API_KEY"}


@dataclass(frozen=True)
class InstallationLooks:
    settings: Settings
    clock: Clock
    reach: Reach
    stopping: threading.Event

    def table(self) -> dict[str, Look]:
        services = build_services(
            self.settings, self.clock, build_policies(self.settings, self.clock, self.stopping)
        )
        return {
            "folders": self.folders,
            "disk": self.disk,
            "clock": self.clock_rows,
            "time zone": self.time_zone,
            "database": self.database,
            "schema": self.schema,
            "connections": self.connections,
            "locks": self.locks,
            "embedded database": self.embedded,
            "backup": self.backup,
            "secrets": self.secrets,
            "exposed secrets": self.exposed,
            "sources": partial(self.sources, services),
            "analysts": partial(self.analysts, services),
            "breakers": self.breakers,
            "alarm": self.alarm,
            "daemon": self.daemon,
            "jobs": self.jobs,
            "dead letters": self.letters,
            "paid calls": self.paid,
            "batches": self.batches,
            "budget": self.budget,
            "logs": self.logs,
            "leftovers": self.leftovers,
        }

    # ---- the machine --------------------------------------------------------------------

    def folders(self) -> list[Row]:
        settings = self.settings
        wanted = [
            Folder("data", settings.data_dir),
            Folder("log", settings.log_dir),
            Folder("reports", settings.reports_dir),
        ]
        if settings.inbox.enabled:
            wanted.append(Folder("inbox", settings.inbox_dir))
        return modes.folders(wanted)

    def disk(self) -> list[Row]:
        settings = self.settings
        folders = {
            "data": settings.data_dir,
            "logs": settings.log_dir,
            "reports": settings.reports_dir,
        }
        return machine.disk(folders, self._growth())

    def _growth(self) -> machine.Growth | None:
        """Of a database that lies on this machine's disks; of others nothing is known."""
        database = self.reach.maybe() if self.reach.is_embedded else None
        if database is None:
            return None
        try:
            self.reach.needs_tables()
        except NotLooked:
            return None
        return machine.Growth(ServerActivity(database).stored_bytes(GROWTH_DAYS), GROWTH_DAYS)

    def clock_rows(self) -> list[Row]:
        database = self.reach.maybe()
        written = [self.settings.log_file, *self.settings.reports_dir.glob("*")]
        return machine.clock(
            self.clock.now(),
            database.now() if database is not None else None,
            is_synchronised(),
            machine.stamps(written),
        )

    def time_zone(self) -> list[Row]:
        return [of_preflight(preflight.time_zone(self.settings.schedule.zone, self.clock.now()))]

    # ---- the database -------------------------------------------------------------------

    def database(self) -> list[Row]:
        reached: list[Database] = []

        def ask() -> str:
            database = self.reach.database()
            reached.append(database)
            took = database.ping()
            return answered(database.server(), database.place, took)

        rows = [of_preflight(preflight.database(ask, DATABASE_FIX))]
        if reached:
            rows.append(server.size(reached[0].size_bytes()))
            rows += map(of_preflight, preflight.pooler(partial(is_pooled, reached[0].dsn)))
        return rows

    def schema(self) -> list[Row]:
        database = self.reach.database()
        standing = self.reach.schema()
        found, expected = standing.current, standing.expected
        running = self._running(database, found)
        return [
            server.schema(
                preflight.schema(found, expected, standing.is_fit),
                found == "none" or found < expected,
                running,
                Repair(
                    f"brought the schema from revision {found} to {expected}",
                    partial(self._migrate, database, found),
                ),
            )
        ]

    def _running(self, database: Database, found: str) -> list[str]:
        """Who works on it, if it has any schema at all."""
        return [one.told for one in Instances(database).running()] if found != "none" else []

    def _migrate(self, database: Database, found: str) -> None:
        if running := self._running(database, found):
            raise NotRepaired(f"{', '.join(running)} runs on it by now")
        migrate(database.dsn)

    def connections(self) -> list[Row]:
        database = self.reach.database()
        facts = database.server()
        budget = connection_budget(self.settings, facts)
        taken, ours = ServerActivity(database).connections()
        return server.connections(budget, taken, ours, facts.max_connections)

    def locks(self) -> list[Row]:
        activity = ServerActivity(self.reach.database())
        return server.locks(
            lambda waiting_s, idle_s: activity.stuck(waiting_s=waiting_s, idle_s=idle_s),
            lambda idle_s: activity.prepared(idle_s=idle_s),
        )

    def embedded(self) -> list[Row]:
        if not self.reach.is_embedded:
            raise NotLooked("DATABASE_URL names another server")
        folder = self.settings.data_dir
        try:
            state = look(folder, self.clock)
        except PermissionError as error:
            owner = modes.account(folder.stat().st_uid)
            raise NotLooked(f"it is {owner}'s: ask as {owner}, or as root") from error
        return embedded.rows(state, folder)

    def backup(self) -> list[Row]:
        database, now = self.reach.database(), self.clock.now()
        kept = Backups(database)
        last = kept.last()
        documents = sum(Documents(database).by_state().values())
        is_production = self.settings.app_env == "production"
        rows = [backups.age(last, documents, now, is_production)]
        if self.reach.is_embedded:
            rows += backups.place(last, socket.gethostname(), self.settings.data_dir)
        return [*rows, *backups.restored(kept.restored(), now)]

    # ---- secrets ------------------------------------------------------------------------

    def secrets(self) -> list[Row]:
        origins = {one.name: one.kind for one in secret_places()}
        return secrets.present(origins, len(secret_names()), self._needs())

    def _needs(self) -> Iterable[SecretNeed]:
        settings = self.settings
        if self._is_chosen("analysts.order"):
            for name, variable in KEYS.items():
                if name in settings.analysts.order:
                    yield SecretNeed(variable, f"analyst {name}, which analysts.order names")
        if settings.x.enabled:
            yield SecretNeed("X_BEARER_TOKEN", "source x, which x.enabled switches on")
        if settings.youtube.enabled and any(one.youtube for one in settings.companies):
            yield SecretNeed("YOUTUBE_API_KEY", "the channels of YouTube that companies have")

    def _is_chosen(self, key: str) -> bool:
        """By a person: the file that is shipped only says what holds anyhow."""
        return key in self.settings.origins and self.settings.config_file != SHIPPED

    def exposed(self) -> list[Row]:
        values = secret_values(self.settings)
        if (url := values.get("DATABASE_URL")) is not None:
            values["DATABASE_URL"] = dict(parse(url).parts).get("password", "")
        return secrets.exposed(
            values, processes, os.getpid(), self.settings.app_env == "production"
        )

    # ---- what it reads and asks ---------------------------------------------------------

    def sources(self, services: Services) -> list[Row]:
        off = sources_off(services)
        row = of_preflight(preflight.sources(sources_missing(services), off))
        return [row, *self._agents([name for name, why in off.items() if why is None])]

    def analysts(self, services: Services) -> list[Row]:
        off = analysts_off(services)
        return [
            of_preflight(preflight.analysts(off)),
            *(warn(*said) for said in models(self.settings, services, self.clock)),
            *self._agents([name for name, why in off.items() if why is None]),
        ]

    def _agents(self, on: list[str]) -> list[Row]:
        try:
            self.reach.needs_tables()
        except NotLooked as nothing:
            return [not_applicable(f"how they did lately is not known: {nothing}")]
        return work.agents(Agents(self.reach.database()).all(), on, self.clock.now())

    def breakers(self) -> list[Row]:
        desk = PolicyDesk(self.reach.database())
        return work.breakers(desk.breakers(), desk.holds(), desk.pauses(), self.clock.now())

    def alarm(self) -> list[Row]:
        """Nothing is sent: whoever gets alarms is not to be woken by a look."""
        if self.settings.alarm.webhook_url is not None:
            return [ok("a webhook is told; to try it: python main.py alarm trial.service")]
        said = "nobody is told but the journal: RETAILXAI_ALARM_WEBHOOK_URL is not set"
        fix = "set it, or watch /health from elsewhere"
        if self.settings.app_env == "production":
            return [warn(said, fix)]
        return [not_applicable(said)]

    # ---- what it does -------------------------------------------------------------------

    def daemon(self) -> list[Row]:
        return work.running(Instances(self.reach.database()).running())

    def jobs(self) -> list[Row]:
        settings = self.settings
        ledger = Ledger(self.reach.database(), self.clock)
        plans = [
            plan
            for plan in every_plan(settings.schedule.zone, settings.schedule.jobs)
            if plan.enabled
        ]
        check = JobsCheck(ages=lambda: [job_age(ledger, self.clock, plan) for plan in plans])
        return [of_health(check())]

    def letters(self) -> list[Row]:
        return work.letters(DeadLetters(self.reach.database()).counts(), self.clock.now())

    def paid(self) -> list[Row]:
        found = PaidDesk(self.reach.database(), self.clock).listed([CallState.IN_DOUBT])
        return work.paid(len(found), sum((one.taken_usd for one in found), Decimal(0)))

    def batches(self) -> list[Row]:
        found = PaidBatches(self.reach.database(), "doctor", clock=self.clock).recent()
        return work.batches(found, self.clock.now())

    def budget(self) -> list[Row]:
        ledger = PaidCallLedger(
            self.reach.database(), "doctor", is_dead=Instances(self.reach.database()).is_dead
        )
        return work.budget(cap_uses(ledger.spend, budgets(self.settings), self.clock.now()))

    # ---- what lies about ----------------------------------------------------------------

    def logs(self) -> list[Row]:
        folder = self.settings.log_dir
        if not folder.is_dir():
            return [not_applicable(f"{folder} is not there yet")]
        if not os.access(folder, os.R_OK | os.X_OK):
            return [bad(f"{folder} cannot be read", "ask as the user who runs the service")]
        return modes.log_files(folder, self.settings.log_file.name)

    def leftovers(self) -> list[Row]:
        settings, now = self.settings, self.clock.now().timestamp()
        patterns = [
            (settings.data_dir, "postgres.new"),
            (settings.data_dir, ".preflight-*"),
            (settings.log_dir, ".preflight-*"),
            (settings.reports_dir, "*.new"),
            (settings.reports_dir, ".preflight-*"),
            (settings.backup_dir, ".*.part"),
            (settings.scratch_dir, "look-*"),
            (Path.cwd(), ".*.part"),
        ]
        return leftovers.together(
            leftovers.half_made(patterns, now), leftovers.dangling(links_folder()), self._orphan()
        )

    def _orphan(self) -> list[Row]:
        if not self.reach.is_embedded:
            return []
        try:
            state = look(self.settings.data_dir, self.clock)
        except OSError:
            return []
        if state is None:
            return []

        def stop() -> None:
            if not stop_unused(self.settings.data_dir, self.clock):
                raise NotRepaired("somebody uses it by now")

        return leftovers.orphan(state.serving, state.is_used, stop)
