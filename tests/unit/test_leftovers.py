"""Nothing that a test started outlives the process that ran it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.acceptance.processes import eventually

ROOT = Path(__file__).resolve().parents[2]
# A worker whose test has started a daemon of its own and a database in memory, and hangs.
WORKER = """
import json, subprocess, sys, time
from tests.leftovers import fresh_folder, marked, watch
held = watch()
sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
daemon = subprocess.Popen(sleeper, env=marked(), start_new_session=True)
child = subprocess.Popen(sleeper)
folder = fresh_folder()
(folder / "file").write_text("data")
print(json.dumps([held.pid, daemon.pid, child.pid, str(folder)]), flush=True)
if sys.argv[1] == "hangs":
    time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_what_a_worker_started_ends_with_it(number: signal.Signals) -> None:
    """Also what has a session of its own, and the folders."""
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, "hangs"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None
    with worker.stdout as said:
        *pids, folder = json.loads(said.readline())
    assert all(psutil.pid_exists(pid) for pid in pids)
    os.kill(worker.pid, number)
    worker.wait(10)
    eventually(lambda: not any(map(_lives, pids)), "all have ended")
    assert not Path(folder).exists()


def test_what_another_worker_started_stays() -> None:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    ended = subprocess.run(
        [sys.executable, "-c", WORKER, "ends"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    *pids, _ = json.loads(ended.stdout)
    eventually(lambda: not any(map(_lives, pids)), "all have ended")
    assert _lives(other.pid)
    other.kill()
    other.wait(10)


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
