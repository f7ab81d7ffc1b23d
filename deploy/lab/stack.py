"""compose.yaml brought up on a real engine, in a folder of its own, and asked how it does."""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from deploy.lab.guest import LabError
from deploy.lab.house import ROOT, Counts, program_files
from deploy.lab.retailers import release, settings, tickers
from deploy.waiting import until

INBOX = "/var/lib/retailxai/inbox"
IMAGE, POSTGRES, STAND_IN = "retailxai:lab", "postgres:18.1-bookworm", "retailxai-postgres:lab"
# Shaped as a key of YouTube's, known to nobody, and used for nothing: no company has a channel.
SECRET = "AIza" + "Lab0nly" * 5
SETTINGS = "RETAILXAI_SAMPLES=off\n"
TWO_HOURS_S = 7200


def missing_engine() -> list[str]:
    """What there is not; asks the engine, which may be elsewhere (DOCKER_HOST)."""
    if shutil.which("docker") is None:
        return ["docker"]
    if _run("docker", "compose", "version").returncode:
        return ["docker compose"]
    asked = _run("docker", "info", "--format", "{{.ServerVersion}}")
    return [f"an engine that answers ({asked.stderr.strip()[:200]})"] if asked.returncode else []


class Stack:
    """`base`: what the image is built on, "" for what the Dockerfile says. `network`: of the
    build. `companies`: how many have a release in each batch."""

    def __init__(self, base: str, network: str, companies: int) -> None:
        self.base = base
        self.network = network
        self.batches = [tickers(letter, companies) for letter in "QVZ"]
        self.folder = Path()
        self.project = f"retailxai-lab-{os.getpid()}"
        self.port = _free_port()
        self.postgres = ""

    # ---- life ---------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="retailxai-lab-"))
        try:
            self._copy_program()
            self._answer()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        if (self.folder / "compose.yaml").exists():
            self.compose("--profile", "scale", "down", "--volumes", "--timeout", "5")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _copy_program(self) -> None:
        for name in program_files():
            target = self.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)

    def _answer(self) -> None:
        """What a person would do in a fresh clone: secrets, settings, a file for this machine."""
        self.ask("make", "--silent", "docker-secrets")
        self.key(SECRET)
        (self.folder / "docker.env").write_text(SETTINGS)
        (self.folder / ".env").write_text("YOUTUBE_API_KEY_FILE=secrets/YOUTUBE_API_KEY\n")
        build = {"network": self.network} | ({"args": {"BASE": self.base}} if self.base else {})
        services = {name: {"build": build} for name in ("daemon", "worker")}
        override = json.dumps({"services": services})
        (self.folder / "compose.override.yaml").write_text(override)
        self._generate(POSTGRES)
        self.configure()

    def _generate(self, postgres: str) -> None:
        self.postgres = postgres
        self.ask(
            sys.executable, "-m", "deploy", "generate", "compose", "--image", IMAGE,
            "--port", str(self.port), "--postgres", postgres, "--output", "compose.yaml",
        )  # fmt: skip

    def build(self) -> None:
        """The image, and PostgreSQL's: the official one, or what stands in for it."""
        built = self.compose("build", "daemon")
        if built.returncode:
            raise LabError(
                f"the image cannot be built: {built.stderr[-1500:]}\n"
                "  fix: without a registry, name an image that there is: --base IMAGE"
            )
        if _run("docker", "image", "inspect", POSTGRES).returncode and (
            _run("docker", "pull", "--quiet", POSTGRES).returncode
        ):
            folder = str(ROOT / "deploy/lab/postgres")
            self.ask("docker", "build", "--quiet", "--tag", STAND_IN, "--build-arg",
                     f"PROGRAM={IMAGE}", folder)  # fmt: skip
            self._generate(STAND_IN)

    # ---- files --------------------------------------------------------------------------

    def key(self, value: str) -> None:
        """YouTube's, as a secret; written anew, since a file that is shown keeps its inode."""
        file = self.folder / "secrets/YOUTUBE_API_KEY"
        file.unlink(missing_ok=True)
        file.write_text(value + "\n")
        file.chmod(0o444)

    def configure(self, *, at: datetime | None = None) -> None:
        """`at`: when the scan is due; None: in twelve hours. Read at the next start."""
        due = at or datetime.now(UTC) + timedelta(hours=12)
        (self.folder / "retailxai.toml").write_text(settings(chain(*self.batches), due))

    def fill_inbox(self, batch: Sequence[str]) -> None:
        """A release of each company, lain there for two hours."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for ticker in batch:
                content = release(ticker).encode()
                entry = tarfile.TarInfo(f"{ticker}.html")
                entry.size, entry.mtime = len(content), int(time.time()) - TWO_HOURS_S
                archive.addfile(entry, io.BytesIO(content))
        put = subprocess.run(
            ["docker", "exec", "-i", self.container("daemon"), "tar", "-C", INBOX, "-x"],
            input=packed.getvalue(), capture_output=True, check=False,
        )  # fmt: skip
        if put.returncode:
            raise LabError(f"the inbox cannot be filled: {put.stderr.decode()[-300:]}")

    # ---- asking -------------------------------------------------------------------------

    def compose(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return _run("docker", "compose", "--project-name", self.project, *arguments,
                    folder=self.folder)  # fmt: skip

    def up(self, *arguments: str, profile: str = "") -> bool:
        """Whether all of it is healthy in the end."""
        of = ("--profile", profile) if profile else ()
        return self.compose(*of, "up", "-d", "--wait", "--no-build", *arguments).returncode == 0

    @property
    def image(self) -> str:
        return IMAGE

    def ask(self, *command: str) -> str:
        done = _run(*command, folder=self.folder)
        if done.returncode:
            raise LabError(f"{' '.join(command)}: {done.stderr.strip()[-300:]}")
        return done.stdout

    def shell(self, line: str) -> str:
        """What a shell says in a fresh container of the image."""
        return self.ask("docker", "run", "--rm", "--network", "none", "--entrypoint", "sh",
                        IMAGE, "-c", line)  # fmt: skip

    def password(self) -> str:
        return (self.folder / "secrets/postgres_password").read_text().strip()

    def inside(self, *command: str, service: str = "daemon") -> subprocess.CompletedProcess[str]:
        return _run("docker", "exec", self.container(service), *command)

    def main(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.inside("python", "main.py", *arguments)

    def containers(self, service: str) -> list[str]:
        asked = self.compose("--profile", "scale", "ps", "--all", "--quiet", service)
        return asked.stdout.split()

    def container(self, service: str) -> str:
        """The first; by its name, which costs no question."""
        return f"{self.project}-{service}-1"

    def look(self, container: str) -> Any:
        """What the engine knows of a container."""
        asked = _run("docker", "inspect", container)
        if asked.returncode:
            raise LabError(f"docker inspect {container}: {asked.stderr.strip()}")
        return json.loads(asked.stdout)[0]

    def state(self) -> Any:
        return self.look(self.container("daemon"))["State"]

    def restarts(self) -> int:
        return int(self.look(self.container("daemon"))["RestartCount"])

    def is_healthy(self) -> bool:
        state = self.state()
        return bool(state["Running"] and state["Health"]["Status"] == "healthy")

    def kill(self) -> None:
        """The program itself, as the kernel kills it: with `docker kill` the engine would take
        it for stopped by a person."""
        killed = self.inside("sh", "-c", "kill -9 $(cat /proc/1/task/1/children)")
        if killed.returncode not in (0, 137):
            raise LabError(f"the daemon cannot be killed: {killed.stderr}")

    def sql(self, name: str) -> list[str]:
        """The one row that a file beside this one asks the database for."""
        done = subprocess.run(
            ["docker", "exec", "-i", self.container("postgres"), "psql", "-h", "/run/postgresql",
             "-U", "retailxai", "-At", "-v", "ON_ERROR_STOP=1"],
            input=(Path(__file__).with_name(name)).read_text(encoding="utf-8"),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise LabError(f"{name}: {done.stderr.strip()}")
        return done.stdout.strip().split("|")

    def counts(self) -> Counts:
        documents, analyses, runs = self.sql("counts.sql")
        return Counts(int(documents), int(analyses), json.loads(runs))

    def log(self) -> str:
        said = self.compose("--profile", "scale", "logs", "--no-color")
        return said.stdout + said.stderr

    def scan_begins(self, batch: Sequence[str]) -> bool:
        """Restarts the daemon with the scan a minute away; True once it has read some of it."""
        before = self.counts().documents
        self.fill_inbox(batch)
        self.configure(at=datetime.now(UTC) + timedelta(seconds=75))
        if self.compose("restart", "daemon").returncode:
            raise LabError("the daemon cannot be restarted")
        return until(lambda: self.counts().documents > before + 3, 180, 0.3)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _run(*command: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False, timeout=1800,
    )  # fmt: skip
