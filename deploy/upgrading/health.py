"""Whether the release that was started works: it runs, says so, and still does a while later."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.machine.program import Program
from deploy.machine.service import Service

WITHIN_S = 180.0
STAYS_S = 3.0
_POLL_S = 1.0


@dataclass(frozen=True)
class Verdict:
    is_well: bool
    why: str


def wait_until_well(program: Program, service: Service, within_s: float = WITHIN_S) -> Verdict:
    """Twice in a row, by the same process, STAYS_S apart."""
    give_up_at = time.monotonic() + within_s
    before = 0
    while True:
        pid, why = look(program, service)
        if pid and pid == before:
            return Verdict(True, why)
        if time.monotonic() >= give_up_at:
            return Verdict(False, f"not well within {within_s:g} s: {why}")
        before = pid
        time.sleep(STAYS_S if pid else _POLL_S)


def look(program: Program, service: Service) -> tuple[int, str]:
    """The pid of a daemon of this release that works, else 0 and why not."""
    if not service.is_active():
        return 0, f"{service.who} says that it does not run"
    status = program.json("status")
    daemons = status.get("daemons", []) if isinstance(status, dict) else []
    ours = [one for one in daemons if _is_of(program, one)]
    if not ours:
        return 0, "no daemon of this release has come up" if daemons else "no daemon has come up"
    daemon = ours[0]
    if not daemon["url"]:
        return int(daemon["pid"]), f"pid {daemon['pid']} runs, without a health page"
    return _asked(daemon)


def _is_of(program: Program, daemon: Mapping[str, Any]) -> bool:
    """By the folder that it works in, where that can be seen."""
    try:
        folder = Path(f"/proc/{daemon['pid']}/cwd").readlink()
    except OSError:
        return not Path("/proc/self").exists()
    return folder == program.release.resolve()


def _asked(daemon: Mapping[str, Any]) -> tuple[int, str]:
    for page in ("live", "ready"):
        said = _answer_of(f"{daemon['url']}/health/{page}")
        if said:
            return 0, f"/health/{page}: {said}"
    return int(daemon["pid"]), f"pid {daemon['pid']} is live and ready at {daemon['url']}"


def _answer_of(url: str) -> str:
    """Empty if it is well."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310  a loopback address
            status = json.loads(answer.read())["status"]
            return "" if status in ("pass", "warn") else str(status)
    except urllib.error.HTTPError as error:
        return f"{error.code} {error.read(300).decode(errors='replace')}"
    except (OSError, ValueError, KeyError) as error:
        return str(error)
