"""The image's HEALTHCHECK, run as the engine runs it, against a server told what to say."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.http import LoopbackServer, Reply

ROOT = Path(__file__).resolve().parents[3]
CHECK = {"status": "fail", "output": "no answer", "fix": "is PostgreSQL up?"}


def probe(port: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-S", "deploy/docker/probe.py", str(port)],
        cwd=ROOT, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "code", "ends"), [("pass", 200, 0), ("warn", 200, 0), ("fail", 503, 1)]
)
def test_it_says_what_the_daemon_says(status: str, code: int, ends: int) -> None:
    """The code decides; what does not pass is printed with its fix, for `docker inspect`."""
    good = {"status": "pass", "output": "fine", "fix": ""}
    told = {"status": status, "checks": {"database": [{**CHECK, "status": status}], "disk": [good]}}
    with LoopbackServer() as server:
        server.route("GET", "/health", Reply.json(told, status=code))
        done = probe(server.port)
        (request,) = server.requests
    assert done.returncode == ends
    assert done.stderr == ""
    assert ("database: " in done.stdout) == (status != "pass")
    assert "disk" not in done.stdout
    assert request.query == {"full": ["1"]}
    assert request.headers["host"] == f"127.0.0.1:{server.port}"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"no health"),
        Reply.json({"other": 1}),
        Reply.json([]),
        Reply(drop=True),
        Reply.json({"status": "pass", "checks": {"disk": [{}]}}),
    ],
    ids=["no JSON", "another document", "a list", "nothing", "a check without a word"],
)
def test_another_server_on_its_port_is_no_health(reply: Reply) -> None:
    """200 alone does not do."""
    with LoopbackServer() as server:
        server.route("GET", "/health", reply)
        done = probe(server.port)
    assert done.returncode == 1
    assert "no word of its health" in done.stdout
    assert done.stderr == ""


def test_nobody_there_is_ill() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    done = probe(port)
    assert (done.returncode, done.stderr) == (1, "")
    assert "ConnectionRefusedError" in done.stdout
