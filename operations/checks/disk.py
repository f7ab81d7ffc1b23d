"""Whether there is room where this program writes, and whether it may write there."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from operations.checks.base import CheckResult, Status, megabytes
from operations.process import DiskSpace, disk_space


@dataclass(frozen=True)
class DiskCheck:
    """Absolute limits, because a filing is as large on a large disk; on a disk so small that
    they would never hold, a share of it."""

    name: ClassVar[str] = "disk"
    deadline_s: ClassVar[float] = 5.0  # a dead network mount hangs

    folders: Mapping[str, Path]  # what it is for -> where
    space: Callable[[Path], DiskSpace] = disk_space
    warn_bytes: int = 1_000_000_000
    fail_bytes: int = 100_000_000
    warn_share: float = 0.10
    fail_share: float = 0.02

    def __call__(self) -> CheckResult:
        looked = {purpose: self.space(path) for purpose, path in self.folders.items()}
        purpose, least = min(looked.items(), key=lambda item: item[1].free_bytes)
        status, message, fix = self.judge(purpose, least)
        for other, path in self.folders.items():
            if path.is_dir() and not os.access(path, os.W_OK | os.X_OK):
                status = Status.FAIL
                message = f"the {other} folder {path} cannot be written"
                fix = f"give the user that runs this (id {os.geteuid()}) the right to write there"
        return CheckResult(
            self.name,
            status,
            message,
            observed=least.free_bytes,
            unit="bytes",
            fix=fix,
            details={
                name: {"path": str(space.path), "free_bytes": space.free_bytes}
                for name, space in looked.items()
            },
        )

    def judge(self, purpose: str, space: DiskSpace) -> tuple[Status, str, str]:
        """The room alone: status, sentence, fix."""
        message = (
            f"{megabytes(space.free_bytes)} of {megabytes(space.total_bytes)} free for {purpose} "
            f"({space.path})"
        )
        fix = f"make room on the file system of {space.path}, or move {purpose} to a larger one"
        if space.inodes_total and space.inodes_free < 0.01 * space.inodes_total:
            return (
                Status.FAIL,
                f"{space.inodes_free} file entries left for {purpose} ({space.path})",
                f"delete small files on the file system of {space.path}",
            )
        if space.free_bytes < min(self.fail_bytes, self.fail_share * space.total_bytes):
            return Status.FAIL, message, fix
        if space.free_bytes < min(self.warn_bytes, self.warn_share * space.total_bytes):
            return Status.WARN, message, fix
        return Status.PASS, message, ""
