"""A machine with a real systemd of its own, in a container of this one: booted, used, gone.

Its files are an overlay over a Debian that is fetched once; nothing of it outlives the block.
systemd-nspawn runs here without a systemd of the host's, so the guest is put into a control
group of its own first: otherwise its systemd would take the host's processes for its own.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.machine.commands import TOO_LONG, run
from deploy.waiting import until

GROUPS = Path("/sys/fs/cgroup")
PACKAGES = (
    "systemd",
    "systemd-sysv",
    "dbus",
    "libpam-systemd",
    "python3",
    "procps",
    "ca-certificates",
)
_MOST_S = 300.0  # that a command of the guest may take
TOOLS = ("systemd-nspawn", "debootstrap", "nsenter")
# What a lab has no use for, and what would wait for something that is not there.
MASKED = (
    "console-getty.service", "systemd-networkd-wait-online.service", "systemd-update-utmp.service",
    "apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer",
    "e2scrub_reap.service", "fstrim.timer",
)  # fmt: skip
LIMITED = ("memory", "pids", "cpu")
POWER_OFF = signal.SIGRTMIN + 4


class LabError(Exception):
    """The lab itself cannot go on; no word on what it was to prove."""


def missing_tools() -> list[str]:
    return [tool for tool in TOOLS if shutil.which(tool) is None]


class Guest:
    """`suite`: a Debian release. `shown`: folders of ours that it sees, read-only: ours, its."""

    def __init__(self, suite: str, cache: Path, shown: Sequence[tuple[Path, str]] = ()) -> None:
        self.suite = suite
        self.limits = False  # whether MemoryMax= and the like are enforced
        self._cache = cache
        self._shown = shown
        self._folder = Path()
        self._nspawn: subprocess.Popen[bytes] | None = None
        self._leader = 0

    @property
    def root(self) -> Path:
        return self._folder / "root"

    # ---- life ---------------------------------------------------------------------------

    def __enter__(self) -> Self:
        base = self._base()
        self._folder = Path(tempfile.mkdtemp(prefix="run-", dir=self._cache))
        try:
            self._mount(base)
            self._boot()
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

    def _base(self) -> Path:
        base = self._cache / f"base-{self.suite}"
        if not base.exists():
            part = self._cache / f"base-{self.suite}.part"
            shutil.rmtree(part, ignore_errors=True)
            sys.stdout.write(f"fetching Debian {self.suite} (once)\n")
            done = subprocess.run(
                ["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}",
                 self.suite, str(part), *_mirror()],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            if done.returncode:
                raise LabError(f"debootstrap {self.suite} failed: {done.stdout[-500:]}")
            part.rename(base)
        return base

    def _mount(self, base: Path) -> None:
        for name in ("upper", "work", "root"):
            (self._folder / name).mkdir()
        layers = f"lowerdir={base},upperdir={self._folder}/upper,workdir={self._folder}/work"
        _do("mount", "-t", "overlay", "overlay", "-o", layers, str(self.root))
        for unit in MASKED:
            link = self.root / "etc/systemd/system" / unit
            link.unlink(missing_ok=True)
            link.symlink_to("/dev/null")
        (self.root / "etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
        (self.root / "etc/machine-id").write_text("")

    def _boot(self) -> None:
        binds = [f"--bind-ro={ours}:{theirs}" for ours, theirs in self._shown]
        environ = ["env", "SYSTEMD_SECCOMP=1"]
        if (GROUPS / "systemd").is_dir() and self.suite != "bookworm":
            # 256 and later refuse the old one
            environ.append("SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1")
        console = self._folder / "console"
        with console.open("wb") as out:
            self._nspawn = subprocess.Popen(
                [*environ, "systemd-nspawn", "--quiet", f"--directory={self.root}",
                 f"--machine={self._name}",
                 "--register=no", "--keep-unit", "--private-network", "--console=pipe",
                 "--resolv-conf=off", "--timezone=off", *binds, "--boot"],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                preexec_fn=self._into_own_group,
            )  # fmt: skip
        if not until(self._is_up, 60):
            raise LabError(f"the guest does not boot: {console.read_text()[-1500:]}")
        self._enforce_limits()
        until(lambda: self.run("systemctl", "is-system-running").stdout.strip() == "running", 60)

    @property
    def _name(self) -> str:
        return f"retailxai-lab-{self._folder.name[4:].lower().replace('_', 'x')}"

    def _own_groups(self) -> Iterator[Path]:
        for above in (GROUPS, *GROUPS.iterdir()):
            if (above / "cgroup.procs").exists():
                yield above / self._name

    def _into_own_group(self) -> None:
        for group in self._own_groups():
            with contextlib.suppress(OSError):
                group.mkdir(exist_ok=True)
                for name in ("cpuset.cpus", "cpuset.mems"):  # empty ones take no process
                    if (group / name).exists():
                        (group / name).write_text((group.parent / name).read_text())
                (group / "cgroup.procs").write_text(str(os.getpid()))

    def _is_up(self) -> bool:
        assert self._nspawn is not None
        if self._nspawn.poll() is not None:
            raise LabError(f"the guest ended: {(self._folder / 'console').read_text()[-1500:]}")
        below = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children").read_text()
        self._leader = int(below.split()[0]) if below.split() else 0
        return (
            bool(self._leader) and Path(f"/proc/{self._leader}/root/run/systemd/private").exists()
        )

    def _enforce_limits(self) -> None:
        """nspawn mounts controllers of the old hierarchy read-only; and with the new one there
        may be none to hand down."""
        if self.run("stat", "-fc", "%T", "/sys/fs/cgroup").stdout.strip() == "tmpfs":
            for name in LIMITED:
                self.run("mount", "-o", "remount,bind,rw", f"/sys/fs/cgroup/{name}")
            self.run("systemctl", "daemon-reexec")
            self.limits = True
        else:
            handed = self.run("cat", "/sys/fs/cgroup/cgroup.controllers").stdout.split()
            self.limits = "memory" in handed

    def _end(self) -> None:
        if self._nspawn is not None and self._nspawn.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._leader or self._nspawn.pid, POWER_OFF)
            if not until(lambda: self._nspawn is None or self._nspawn.poll() is not None, 20):
                self._kill_all()
        if self._nspawn is not None:
            self._nspawn.wait(10)
        subprocess.run(["umount", "--lazy", str(self.root)], capture_output=True, check=False)
        for group in self._own_groups():
            for folder in (*sorted(group.rglob("*/"), reverse=True), group):
                with contextlib.suppress(OSError):
                    folder.rmdir()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _kill_all(self) -> None:
        """What is in its own control group, and nothing else."""
        for group in self._own_groups():
            for procs in group.rglob("cgroup.procs") if group.is_dir() else ():
                for pid in procs.read_text().split():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(int(pid), signal.SIGKILL)
        assert self._nspawn is not None
        self._nspawn.kill()

    # ---- use ----------------------------------------------------------------------------

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """As its root."""
        inside = ["nsenter", "-t", str(self._leader), "-m", "-u", "-i", "-n", "-p", "-C", "--"]
        environ = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
                   "SYSTEMD_PAGER=cat", "SYSTEMD_COLORS=0", "COLUMNS=150"]  # fmt: skip
        done = run(*inside, *environ, *command, within_s=_MOST_S)
        if done.returncode == TOO_LONG:
            raise LabError(f"{' '.join(command)}: no end within {_MOST_S:g} s")
        return done

    def must(self, *command: str) -> str:
        done = self.run(*command)
        if done.returncode:
            raise LabError(f"{' '.join(command)}: {done.returncode} {done.stderr or done.stdout}")
        return done.stdout

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """By way of the guest, which alone sees what it mounted since."""
        file = Path(f"/proc/{self._leader}/root{path}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(mode)


def _mirror() -> list[str]:
    """Where this machine has its own packages from; debootstrap knows another."""
    asked = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return [line for line in asked.stdout.splitlines() if "security" not in line][:1]


def _do(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"{' '.join(command)}: {done.stderr.strip()}")
