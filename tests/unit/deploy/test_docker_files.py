"""Dockerfile and compose.yaml: what the engine is told fits what the program does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from bootstrap.daemon import DRAIN_S
from bootstrap.version import VERSION
from cli.arguments import parse
from settings import load
from settings.environment import gather
from settings.variables import misspelt, variables
from tests.test_architecture import BELOW

ROOT = Path(__file__).resolve().parents[3]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PROGRAMS = ("daemon", "worker")


def instruction(name: str) -> list[str]:
    """The arguments of every such instruction of the stage that runs, in order."""
    stage = DOCKERFILE.rpartition("\nFROM ")[2]
    joined = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", stage, flags=re.MULTILINE))
    return [line.partition(" ")[2] for line in joined.splitlines() if line.startswith(f"{name} ")]


def image_environment() -> dict[str, str]:
    (line,) = instruction("ENV")
    return dict(pair.split("=", 1) for pair in line.split())


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


def test_both_stages_stand_on_one_pinned_image() -> None:
    """A version to the last number; a digest is better still, and `generate docker --base` takes
    one (docs/docker.md)."""
    (base,) = re.findall(r"^ARG BASE=(.+)$", DOCKERFILE, re.MULTILINE)
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+(@sha256:[0-9a-f]{64})?", base)
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["${BASE}", "${BASE}"]


def test_it_runs_as_nobody_in_particular() -> None:
    """A number, so that an orchestrator can see that it is not root."""
    assert instruction("USER") == ["10001:10001"]
    assert instruction("STOPSIGNAL") == ["SIGTERM"]
    assert instruction("ENTRYPOINT") == ['["python", "main.py"]']


def test_what_is_installed_is_what_is_locked() -> None:
    """By hash, as wheels; nothing of what installed it is left."""
    before = DOCKERFILE.partition("# ---- what runs")[0]
    assert "--require-hashes --only-binary :all:" in before
    assert "requirements.txt" in before
    assert "pip uninstall --yes" in instruction("RUN")[0]
    assert "pip install" not in DOCKERFILE.partition("# ---- what runs")[2]


def test_version_is_the_programs() -> None:
    assert f"ARG VERSION={VERSION}" in DOCKERFILE
    assert COMPOSE["x-program"]["image"] == f"retailxai:{VERSION}"


def test_its_settings_are_ones() -> None:
    """The image's and Compose's variables are known, and with a database they are enough."""
    environ = image_environment() | SERVICES["daemon"]["environment"]
    assert misspelt(dict.fromkeys(environ, "image")) == []
    del environ["RETAILXAI_CONFIG"]
    environ["DATABASE_URL"] = "postgresql://retailxai:zZ8-long-enough-0@postgres/retailxai"
    settings = load(environ | {"CREDENTIALS_DIRECTORY": "/nonexistent"})
    assert settings.app_env == "production"
    assert settings.web.in_container
    for folder in (settings.data_dir, settings.reports_dir):
        assert str(folder).startswith("/var/lib/retailxai")


def test_the_image_holds_every_room_and_no_test() -> None:
    """.dockerignore lets in what is named; a new room has to be named there as well."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines
    let_in = {line[1:] for line in lines if line.startswith("!")}
    rooms = {room for room in BELOW if (ROOT / room).is_dir()} - {"benchmarks", "tests"}
    modules = {f"{room}.py" for room in BELOW if (ROOT / f"{room}.py").is_file()}
    needed = {*rooms, *modules, "main.py", "requirements.txt", "retailxai.toml", "samples"}
    assert needed <= let_in
    assert not let_in & {"tests", "benchmarks", "docs", "data", "logs", "secrets", ".env", ".git"}
    assert [name for name in let_in if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_container_has_walls(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["init"] is True
    assert service["pids_limit"] == 256
    assert service["mem_limit"] == service["memswap_limit"] == "1g"
    assert service["cpus"]
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
    written = [volume.split(":")[1] for volume in service["volumes"] if not volume.endswith(":ro")]
    assert written == ["/var/lib/retailxai", "/var/log/retailxai"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_may_end_in_good_order(name: str) -> None:
    """The engine waits longer than the program takes."""
    assert seconds(SERVICES[name]["stop_grace_period"]) > 30 > DRAIN_S
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_the_databases_password_is_no_variable() -> None:
    """Files alone, for both; nothing in the file itself is a secret."""
    postgres = SERVICES["postgres"]
    assert postgres["environment"]["POSTGRES_PASSWORD_FILE"] == "/run/secrets/postgres_password"
    assert "POSTGRES_PASSWORD" not in postgres["environment"]
    assert postgres["secrets"] == ["postgres_password"]
    assert set(COMPOSE["secrets"]) == {*SERVICES["daemon"]["secrets"], "postgres_password"}


def test_every_secret_of_the_settings_can_be_given() -> None:
    secrets = {one.name for one in variables() if one.is_secret}
    for name in PROGRAMS:
        assert set(SERVICES[name]["secrets"]) == secrets
    for name in secrets - {"DATABASE_URL"}:
        assert COMPOSE["secrets"][name]["file"] == f"${{{name}_FILE:-/dev/null}}"


def test_a_secret_that_is_dev_null_is_not_set(tmp_path: Path) -> None:
    """As Compose shows a key whose file nobody named; an empty file is still a mistake."""
    (tmp_path / "GROQ_API_KEY").symlink_to("/dev/null")
    (tmp_path / "X_BEARER_TOKEN").touch()
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    found = gather(environ, None, ["GROQ_API_KEY", "X_BEARER_TOKEN"])
    assert found.values == {}
    assert [problem.where for problem in found.problems] == ["X_BEARER_TOKEN (systemd credential)"]


def test_the_database_is_healthy_first_and_shut_off() -> None:
    """Nobody but the program reaches it; nothing but this machine reaches the daemon."""
    for name in PROGRAMS:
        assert SERVICES[name]["depends_on"]["postgres"] == {"condition": "service_healthy"}
    postgres = SERVICES["postgres"]
    assert re.fullmatch(r"postgres:\d+\.\d+-\w+(@sha256:[0-9a-f]{64})?", postgres["image"])
    assert "ports" not in postgres
    assert postgres["networks"] == ["database"]
    assert COMPOSE["networks"]["database"] == {"internal": True}
    assert SERVICES["daemon"]["ports"] == ["127.0.0.1:8717:8717"]
    assert "ports" not in SERVICES["worker"]
    assert postgres["cap_drop"] == ["ALL"]
    assert postgres["read_only"] is True


def test_workers_come_when_asked_for() -> None:
    worker = SERVICES["worker"]
    assert worker["profiles"] == ["scale"]
    assert "container_name" not in worker
    args = parse(worker["command"])
    assert (args.command, args.web) == ("worker", True)


def test_health_is_asked_of_the_program() -> None:
    (check,) = instruction("HEALTHCHECK")
    assert 'CMD ["python", "-I", "-S", "deploy/docker/probe.py", "8717"]' in check
    assert (ROOT / "deploy/docker/probe.py").is_file()
    assert "retries=3" in check
