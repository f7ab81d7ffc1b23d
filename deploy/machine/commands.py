"""Other programs of the machine, run to their end."""

from __future__ import annotations

import subprocess

NOT_THERE, TOO_LONG = 127, 124  # as a shell and timeout(1) end


def run(
    *command: str, within_s: float = 600.0, feed: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Never raises for what the program does; one that is missing ends with 127, one that
    does not end with 124."""
    try:
        return subprocess.run(
            command,
            input=feed,
            stdin=subprocess.DEVNULL if feed is None else None,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=within_s,
        )
    except FileNotFoundError:
        return subprocess.CompletedProcess(command, NOT_THERE, "", f"{command[0]}: not found")
    except subprocess.TimeoutExpired:
        said = f"{command[0]}: no end within {within_s:g} s"
        return subprocess.CompletedProcess(command, TOO_LONG, "", said)


def bytes_of(*command: str) -> bytes | None:
    """Its standard output as it is; None if it failed or is not there."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=600
        )
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None
