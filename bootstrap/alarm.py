"""Telling somebody that a unit has failed, without anything that may be why it has: no database,
and no setting but where to tell it."""

from __future__ import annotations

import socket
import threading
from datetime import datetime

from bootstrap.services import USER_AGENT
from cli.alarm_view import AlarmView
from operations.fallen import Fallen, in_words, waiting_in_words
from outside.http import HttpDoor
from resilience.clock import Clock
from resilience.outcomes import CallError
from resilience.registry import Policies
from resilience.spec import PRESETS
from settings.alone import alarm_settings

SERVICE = "alarm"


def sound(unit: str, result: str, code: str, status: str, clock: Clock) -> AlarmView:
    fallen = Fallen(unit, socket.gethostname(), result, code, status)
    return _tell(unit, in_words(fallen), clock)


def sound_waiting(instance: str, since: datetime, why: str, clock: Clock) -> AlarmView:
    """No start has come through since then."""
    words = waiting_in_words(socket.gethostname(), instance, since, why)
    return _tell(instance, words, clock)


def _tell(unit: str, text: str, clock: Clock) -> AlarmView:
    settings, problems = alarm_settings()
    if problems:
        first = problems[0]
        return AlarmView(unit, text, "failed", f"{first.where} {first.rule}; {first.fix}")
    if settings.webhook_url is None:
        return AlarmView(unit, text, "unset")
    url = settings.webhook_url.get_secret_value()
    policies = Policies({SERVICE: PRESETS["webhook"]}, clock, shutdown=threading.Event())
    door = HttpDoor(policies, clock, USER_AGENT)
    try:
        # Told twice is better than not at all.
        door.post_json(SERVICE, url, {"text": text, "unit": unit}, repeatable=True)
    except CallError as error:
        return AlarmView(unit, text, "failed", str(error).replace(url, "the webhook"))
    finally:
        door.close()
    return AlarmView(unit, text, "told")
