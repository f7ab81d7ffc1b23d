"""A unit of ours that stays down, in words for whoever must act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from operations.runbook import section

ALERT = "unit failed"  # its section of the runbook
CONFIGURATION = "78"
# systemd's $SERVICE_RESULT, see systemd.exec(5)
RESULTS = {
    "watchdog": "it hung: nothing of it came round any more",
    "oom-kill": "it was killed, for the memory it may take is used up",
    "timeout": "it did not start, or end, in time",
    "signal": "it was killed by a signal",
    "core-dump": "it crashed",
    "start-limit-hit": "it failed too often in a short time, and is not started again",
    "resources": "systemd could not give it what it needs",
}


@dataclass(frozen=True)
class Fallen:
    """As systemd tells it; "" where it does not."""

    unit: str
    host: str
    result: str = ""
    code: str = ""
    status: str = ""

    @property
    def is_misconfigured(self) -> bool:
        return self.code == "exited" and self.status == CONFIGURATION


def in_words(fallen: Fallen) -> str:
    if fallen.is_misconfigured:
        why = "its configuration is wrong, and it stays down until somebody puts that right"
    elif fallen.code == "exited" and fallen.status not in ("", "0"):
        why = f"it ended with exit status {fallen.status}"
    else:
        why = RESULTS.get(fallen.result, "systemd does not say why")
    return (
        f"{fallen.unit} on {fallen.host} has failed: {why}. "
        f"What it said last: journalctl -u {fallen.unit} -n 50. What to do: {section(ALERT)}"
    )


def waiting_in_words(host: str, instance: str, since: datetime, why: str) -> str:
    """`why`: what kept the last start from coming through."""
    return (
        f"RetailXAI {instance} on {host} has not come up since {since:%Y-%m-%d %H:%M} UTC, however "
        f"often it was started: {why}. It comes up by itself once that is over, if it is started "
        f"again and again as systemd and Docker do. What to do: {section(ALERT)}"
    )
