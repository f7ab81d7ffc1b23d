"""`python main.py`: the daemon in the foreground, from its checks to its last line; and
`python main.py worker`, which is the same without the schedule and, unless asked for one, without
a web page."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Iterable
from datetime import timedelta
from typing import NoReturn

from bootstrap.alarm import sound_waiting
from bootstrap.application import Application, open_application
from bootstrap.metrics import build_metrics
from bootstrap.policies import policy_problems
from bootstrap.preflight import preflight
from bootstrap.supervision import Supervision
from bootstrap.version import VERSION
from cli.door import ServeFlags
from cli.exit_codes import ExitCode
from jobs.slots import slots_between
from operations.preflight import Severity, may_pass
from operations.start_waits import StartWaits
from operations.supervisor import ServiceManager
from resilience.clock import Clock
from scheduler import serve
from settings import Settings, SettingsError, load
from settings.environment import supervisor
from storage.leases import InstanceTaken, Kind
from web.server import WebError, WebServer

log = logging.getLogger("main")

DRAIN_S = 27.0  # systemd and people wait 30
NEXT_SHOWN = 3
LONGEST_PERIOD = timedelta(days=8)  # a weekly job, and a change of clocks


def run_daemon(settings: Settings, flags: ServeFlags, clock: Clock) -> int:
    """Returns the exit code. Raises what `open_application` raises."""
    began = clock.monotonic()
    _survive_hangups()
    told_by = supervisor()
    manager = ServiceManager(told_by.notify_socket, told_by.watchdog_s, clock)
    _phase(manager, "looking at the machine, the settings and the database")
    waits = StartWaits(settings.data_dir, clock)
    findings = preflight(settings, clock, online=False)
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        _say(f"error: {one.name}: {one.message}\n  fix: {one.fix}" for one in errors)
        why = f"{errors[0].name}: {errors[0].message}"
        manager.status(f"cannot start: {why}")
        _tell_if_it_lasts(settings, waits, why, clock)
        return ExitCode.TRY_LATER if may_pass(errors) else ExitCode.CONFIGURATION
    _phase(manager, "opening the database and bringing its schema up to date")
    kind: Kind = "worker" if flags.only_works else "daemon"
    application = open_application(settings, kind=kind, clock=clock)
    try:
        _phase(manager, "taking up what was under way")
        try:
            application.begin_work()
        except InstanceTaken as taken:
            _say([str(taken)])
            return ExitCode.TRY_LATER
        for finding in findings:
            if finding.severity is Severity.WARNING:
                log.warning("%s: %s; %s", finding.name, finding.message, finding.fix)
        web = _web(application, flags)
        waits.came_through()
        _banner(application, web, clock.monotonic() - began)
        supervision = Supervision(
            manager, application, clock, lambda: _has_other_settings(settings, clock)
        )
        drained = serve(
            application.scheduler,
            stop=application.stopping,
            drain=lambda: _drain(application, web),
            drain_s=DRAIN_S,
            watcher=supervision,
        )
    finally:
        if not application.stopping.is_set():
            application.close()
    if application.pulse.fenced or supervision.is_renewing:
        _begin_anew()
    if not drained:
        # A thread hangs in something that cannot be interrupted; the locks go with us.
        logging.shutdown()
        os._exit(ExitCode.DONE)
    return ExitCode.DONE


def _tell_if_it_lasts(settings: Settings, waits: StartWaits, why: str, clock: Clock) -> None:
    """Whoever supervises us tries again and tells nobody."""
    since = waits.failed()
    if since is None:
        return
    told = sound_waiting(settings.instance, since, why, clock)
    if told.webhook == "told":
        waits.told()
    elif told.webhook == "failed":  # the next start tries that again too
        _say([f"the webhook was not told: {told.problem}"])


def _survive_hangups() -> None:
    """Until `serve` has a handler: settings that are being read need not be read again."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGHUP, lambda number, frame: None)


def _phase(manager: ServiceManager, words: str) -> None:
    """A step of the start; one that is begun shows that the one before ended."""
    manager.status(words)
    manager.progress()


def _has_other_settings(current: Settings, clock: Clock) -> bool:
    """What SIGHUP asks. Wrong ones are told of and not taken: we go on with what we have."""
    try:
        read = load(further=policy_problems)
    except SettingsError as wrong_settings:
        for one in wrong_settings.problems:
            log.warning("%s: %s; %s", one.where, one.rule, one.fix)
        log.warning("the settings are wrong and not taken; those of the start stay")
        return False
    if read == current:
        log.info("the settings are as they were: nothing to do")
        return False
    found = preflight(read, clock, online=False)
    # A database that is away now is waited for by the next start, as by any. What else may pass
    # does not end us, and would keep the next start from coming through.
    wrong = [
        one
        for one in found
        if one.severity is Severity.ERROR and not (one.name == "database" and one.passes)
    ]
    for finding in wrong:
        log.warning("%s: %s; %s", finding.name, finding.message, finding.fix)
    if wrong:
        log.warning("with these settings it could not start; those of the start stay")
        return False
    log.info("the settings are others: ending what is under way, to begin anew with them")
    return True


def _begin_anew() -> NoReturn:
    """The same program in the same process, as a new executor. Whatever thread of the old one
    still hangs ends here, so nothing of it can speak for the new one."""
    log.warning("beginning anew")
    logging.shutdown()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # kept over exec, until there is a handler
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  ourselves


def _drain(application: Application, web: WebServer | None) -> None:
    if web is not None:
        web.stop()
    application.close()


def _web(application: Application, flags: ServeFlags) -> WebServer | None:
    """Health and metrics are a convenience: without a free port the daemon still works."""
    settings = application.settings.web
    if not (flags.web and settings.enabled):
        return None
    metrics = build_metrics(application)
    web = WebServer(
        application.context.health, metrics.render, host=settings.host, port=settings.port,
        in_container=settings.in_container,
    )  # fmt: skip
    try:
        port = web.start()
    except WebError as error:
        log.warning("no health page and no metrics: %s", error)
        return None
    application.lock.note({**application.about(), "http_port": port})
    return web


def _banner(application: Application, web: WebServer | None, took_s: float) -> None:
    settings, zone = application.settings, application.context.zone
    server = application.database.server()
    kind = "embedded, " if settings.database.url is None else ""
    now = application.clock.now()
    due = []
    for plan in application.plans:
        slot = next(iter(slots_between(plan.schedule, now, now + LONGEST_PERIOD)), None)
        if slot is not None:
            due.append((slot.due_at, plan.job))
    coming = ", ".join(
        f"{at.astimezone(zone):%a %H:%M} {job}" for at, job in sorted(due)[:NEXT_SHOWN]
    )
    on = [name for name, source in application.services.sources.items()
          if source.switched_off() is None]  # fmt: skip
    analysts = ["local", *application.services.panel.asks()]
    if application.kind == "worker":
        program, end = (
            f"RetailXAI worker {VERSION}",
            ["takes      jobs and documents that others put in the queues"],
        )
    else:
        status = f"{web.url}/health" if web is not None else "no web server"
        program, end = f"RetailXAI {VERSION}", [f"status     {status}", f"next       {coming}"]
    _say(
        [
            f"{program}  {settings.app_env}  {settings.instance}  pid {os.getpid()}",
            f"config     {settings.config_file or 'defaults'}, {len(settings.companies)} "
            f"companies, {len(application.plans)} jobs, {settings.schedule.zone}",
            f"database   PostgreSQL {server.version} ({kind}{application.database.place})",
            f"reads      {', '.join(on)}; analysed by {', '.join(analysts)}",
            *end,
            f"Ready in {took_s:.1f} s. Ctrl-C stops after the running work is safe.",
        ]
    )
    log.info("ready", extra={"fields": {"took_s": round(took_s, 3), "version": VERSION}})


def _say(lines: Iterable[str]) -> None:
    """For the person who started it; the log has its own lines."""
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()
