"""The lab's own parts that need no root: what it installs is what the product understands."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deploy.lab import __main__ as lab
from deploy.lab.guest import Guest
from deploy.lab.house import SECRET, House
from deploy.lab.systemd import ALARM, MOST_EXPOSED, PROOFS
from deploy.waiting import until
from settings import load
from tests.unit.test_service_file import MOST_EXPOSED as IN_THE_TESTS
from tests.unit.test_service_file import one

ROOT = Path(__file__).resolve().parents[3]


class Writes(Guest):
    """A guest that is not booted, and only keeps what it is given."""

    def __init__(self, folder: Path) -> None:
        super().__init__("bookworm", folder)
        self.written: dict[str, str] = {}

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        self.written[path] = text


def test_its_configuration_is_one(tmp_path: Path) -> None:
    """Settings that are refused would prove nothing but that."""
    guest = Writes(tmp_path)
    house = House(guest, 150)
    house.configure(more="[web]\nport = 18799")
    (written,) = guest.written.values()
    file = tmp_path / "retailxai.toml"
    file.write_text(written)
    settings = load({"GROQ_API_KEY": SECRET}, file)
    assert [entry.ticker for entry in settings.companies] == house.tickers
    assert settings.web.port == 18799
    assert len(set(house.tickers)) == 150


def test_it_asks_no_less_than_the_unit_promises() -> None:
    assert int(MOST_EXPOSED) == IN_THE_TESTS
    assert one("OnFailure", "Unit").replace("%n", "retailxai.service") == ALARM


def test_every_proof_is_in_the_manual() -> None:
    manual = (ROOT / "docs/lab.md").read_text(encoding="utf-8")
    for proof in PROOFS:
        assert f"| {proof.__name__.replace('_', ' ')} |" in manual


def test_a_machine_that_cannot_run_it_is_told_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is fetched."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert lab.main([]) == 78
    assert "it needs root" in capsys.readouterr().out
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(lab, "missing_tools", lambda: ["debootstrap"])
    assert lab.main([]) == 78
    assert "fix: as root: apt-get install" in capsys.readouterr().out


@pytest.mark.parametrize(("failed", "code"), [(0, 78), (1, 1)])
def test_what_can_be_run_is_run(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    failed: int,
    code: int,
) -> None:
    """And what cannot is told, first and last, and never called well."""
    monkeypatch.setattr(lab, "CACHE", tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(lab, "missing_tools", list)
    monkeypatch.setattr(lab, "missing_engine", lambda: ["docker"])
    suites: list[str] = []

    def on_systemd(suite: str, _: object) -> int:
        suites.append(suite)
        return failed

    monkeypatch.setattr(lab, "on_systemd", on_systemd)
    assert lab.main([]) == code
    assert suites == ["bookworm", "trixie"]
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first == "error: this machine cannot run the lab of docker: docker"
    assert last == f"{2 * failed} failed; SKIP docker: it could not be run"


def test_waiting_has_an_end() -> None:
    answers = iter([False, True])
    assert until(lambda: next(answers), 5, pause_s=0)
    assert not until(lambda: False, 0.01, pause_s=0)
