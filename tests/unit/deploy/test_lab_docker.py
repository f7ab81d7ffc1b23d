"""The lab of containers: its own parts that need no engine."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from deploy.lab import __main__ as lab
from deploy.lab.docker import GRACE_S, PROOFS, WORKERS
from deploy.lab.house import ROOT, program_files
from deploy.lab.retailers import tickers
from deploy.lab.stack import POSTGRES, SECRET, Stack
from deploy.lab.systemd import Told
from settings import load

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def test_its_configuration_is_one(tmp_path: Path) -> None:
    """Settings that are refused would prove nothing but that."""
    stack = Stack("", "default", 150)
    stack.folder = tmp_path
    stack.configure()
    settings = load({"YOUTUBE_API_KEY": SECRET}, tmp_path / "retailxai.toml")
    assert [one.ticker for one in settings.companies] == [
        ticker for batch in stack.batches for ticker in batch
    ]
    assert len({one.ticker for one in settings.companies}) == 3 * 150


def test_it_proves_what_is_shipped() -> None:
    daemon = COMPOSE["services"]["daemon"]
    assert daemon["stop_grace_period"] == f"{GRACE_S}s"
    assert COMPOSE["services"]["postgres"]["image"] == POSTGRES
    assert WORKERS >= 3
    assert {"Dockerfile", ".dockerignore", "compose.yaml", "main.py"} <= set(program_files())
    assert not [name for name in program_files() if name.startswith("tests/")]
    assert not set(tickers("Q", 9)) & set(tickers("V", 9))


def test_every_proof_is_in_the_manual() -> None:
    manual = (ROOT / "docs/lab.md").read_text(encoding="utf-8")
    for proof in PROOFS:
        assert f"| {proof.__name__.replace('_', ' ')} |" in manual


@pytest.mark.parametrize(
    ("arguments", "labs"),
    [
        ([], ["systemd", "docker"]),
        (["--lab", "docker"], ["docker"]),
        (["--only", "walls"], ["docker"]),
        (["--only", "hangs"], ["systemd"]),
        (["--only", "hangs", "--only", "walls"], ["systemd", "docker"]),
        (["--suite", "trixie"], ["systemd"]),
        (["--base", "python:3.11-slim"], ["docker"]),
        (["--lab", "docker", "--suite", "trixie"], ["docker"]),
    ],
)
def test_which_lab_is_meant(arguments: list[str], labs: list[str]) -> None:
    assert lab.wanted(lab.parser().parse_args(arguments)) == labs


def test_no_proof_has_the_name_of_another_labs() -> None:
    assert not set(lab.NAMES["systemd"]) & set(lab.NAMES["docker"])


def test_a_machine_without_an_engine_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """No docker; one whose engine does not answer. Exit 78, before anything is made."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert lab.main(["--lab", "docker"]) == 78
    assert "the lab of docker: docker\n" in capsys.readouterr().out
    docker = tmp_path / "docker"
    docker.write_text(
        '#!/bin/sh\n[ "$1" = compose ] && exit 0\necho "no engine here" >&2; exit 1\n'
    )
    docker.chmod(0o755)
    assert lab.main(["--lab", "docker"]) == 78
    said = capsys.readouterr().out
    assert "no engine here" in said
    assert "fix: install Docker" in said


def test_a_proof_that_does_not_hold_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    def proof(_: object) -> Told:
        yield True, "one"
        yield False, "two"
        yield None, "three"

    assert lab.held([proof], object(), None) == 1
    assert lab.held([proof], object(), ["another"]) == 0
    assert "PASS one\nFAIL two\nSKIP three" in capsys.readouterr().out
