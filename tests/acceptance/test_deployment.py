"""What is deployed beside the daemon, against the daemon: its health check, its alert rules."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from tests.acceptance.conftest import MakeHouse
from tests.acceptance.processes import eventually
from tests.acceptance.test_two_daemons import page
from tests.servers.http import closed_port

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]

ROOT = Path(__file__).resolve().parents[2]
RULES = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text(encoding="utf-8"))
NAME = re.compile(r"\b(?:retailxai|process)_\w+")


def rules() -> list[dict[str, str]]:
    return [rule for group in RULES["groups"] for rule in group["rules"]]


def test_the_rules_speak_of_metrics_there_are(own_house: MakeHouse) -> None:
    """Every name in them, and every label they ask for, is one that a running daemon tells; and
    the probe of the image finds it well, until it is gone. A worker tells the same if asked."""
    house = own_house()
    daemon = house.daemon()
    daemon.says("Ready in")
    port = house.environ["RETAILXAI_WEB_PORT"]
    eventually(lambda: page(house, "/health/ready")[0] == 200, "readiness", 60)
    status, text = page(house, "/metrics")
    assert status == 200
    told = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    asked = {name for rule in rules() for name in NAME.findall(rule["expr"])}
    assert len(asked) >= 10
    assert asked <= told, asked - told

    well = _probe(port)
    assert well.returncode == 0, well.stdout
    assert well.stdout.splitlines()[0] in {"pass", "warn"}
    beside = str(closed_port())
    worker = house.start("worker", "--web", RETAILXAI_WEB_PORT=beside)
    worker.says("Ready in")
    eventually(lambda: _probe(beside).returncode == 0, "the worker's health", 60)
    assert worker.stop().code == 0
    assert daemon.stop().code == 0
    assert _probe(port).returncode == 1


def _probe(port: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-S", "deploy/docker/probe.py", port],
        cwd=ROOT, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


def test_every_alert_says_what_and_what_to_do() -> None:
    for rule in rules():
        assert set(rule["annotations"]) == {"summary", "action", "runbook"}, rule["alert"]
        assert rule["labels"]["severity"] in {"page", "ticket"}  # type: ignore[index]
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)
