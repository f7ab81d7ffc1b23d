"""The desk of a command: stores for reading; the engine only for what does work."""

from __future__ import annotations

import os
import pwd
import socket
from collections.abc import Mapping
from datetime import date
from typing import Any

from bootstrap.application import Application, open_application
from bootstrap.version import VERSION
from cli.desk import House, StoreDesk
from cli.door import OnStep
from cli.policy_counter import PolicyHouse
from cli.views import RunView, ScanView
from jobs.asking import Asking
from jobs.orders import Orders
from jobs.table import JOBS
from resilience.clock import Clock
from settings import Settings
from storage.policy_state import PolicyStates


class WorkingDesk(StoreDesk):
    """Looking must not wait for the engine to start; scanning and running need it."""

    def __init__(self, house: House, application: Application) -> None:
        super().__init__(house)
        self._application = application

    def scan(self, ticker: str | None, since: date | None, on_step: OnStep) -> ScanView:
        self._application.begin_work()
        return super().scan(ticker, since, on_step)

    def run_again(self, name: str, asked: Mapping[str, Any], on_step: OnStep) -> RunView:
        self._application.begin_work()
        return super().run_again(name, asked, on_step)


def open_desk(settings: Settings, clock: Clock) -> WorkingDesk:
    """Raises what `open_application` raises."""
    application = open_application(settings, kind="command", clock=clock)
    house = House(
        version=VERSION,
        context=application.context,
        runner=application.runner,
        ledger=application.ledger,
        instances=application.instances,
        database=application.database,
        job_names=tuple(JOBS),
        plans=application.every_plan,
        policies=_policies(application),
        close=application.close,
        log_file=application.logs.path,
    )
    return WorkingDesk(house, application)


def _policies(application: Application) -> PolicyHouse:
    context, database = application.context, application.database
    asking = Asking(application.hearing.commands, application.instances, application.clock)
    return PolicyHouse(
        policies=application.services.policies,
        store=application.policy_desk,
        states=application.policy_states,
        asking=asking,
        orders=Orders(
            asking,
            application.policy_desk,
            lambda instance: PolicyStates(database, instance, application.executor_id),
            application.settings.instance,
        ),
        spend=context.paid_calls.spend,
        budgets=context.budgets,
        clock=application.clock,
        by=_who(),
        off=application.services.off(),
    )


def _who() -> str:
    """Whoever sits at this terminal, for those who see later what was decided."""
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user needs no name
        user = f"uid {os.getuid()}"
    return f"{user} on {socket.gethostname()}"
