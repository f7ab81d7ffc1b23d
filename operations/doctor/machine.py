"""Room on the disks, and the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from operations import preflight
from operations.checks.base import CheckResult, duration, megabytes
from operations.checks.disk import DiskCheck
from operations.doctor.findings import Row, Verdict, of_health, of_preflight, ok, warn
from operations.process import DiskSpace, disk_space

SOON_DAYS = 30
AHEAD_S = 60.0


@dataclass(frozen=True)
class Growth:
    """What was stored within the last so many days."""

    stored_bytes: int
    days: float

    @property
    def bytes_a_day(self) -> float:
        return self.stored_bytes / self.days


def disk(
    folders: Mapping[str, Path],
    growth: Growth | None,
    space: Callable[[Path], DiskSpace] = disk_space,
) -> list[Row]:
    """As the health check judges it, and for how long the room lasts. `growth` None: the database
    is elsewhere, or nothing is known."""
    judge = DiskCheck(folders=folders).judge
    # Several folders on one file system are one finding.
    said: dict[tuple[Verdict, int], Row] = {}
    for purpose, path in folders.items():
        there = space(path)
        status, message, fix = judge(purpose, there)
        row = of_health(CheckResult("disk", status, message, fix=fix))
        said.setdefault((row.verdict, there.free_bytes), row)
    return [*said.values(), *_lasts(folders, growth, space)]


def _lasts(
    folders: Mapping[str, Path], growth: Growth | None, space: Callable[[Path], DiskSpace]
) -> Iterable[Row]:
    if growth is None or not growth.stored_bytes or "data" not in folders:
        return
    free = space(folders["data"]).free_bytes
    # A document is stored as it came and as text, with its indexes: about twice its size.
    days = free / (2 * growth.bytes_a_day)
    said = (
        f"documents of {_a_day(growth)} came in the last "
        f"{growth.days:.0f} days: the room lasts {'years' if days > 730 else f'{days:,.0f} days'}"
    )
    if days < SOON_DAYS:
        yield warn(said, f"make room on the file system of {folders['data']}, or move the data")
    else:
        yield ok(said)


def _a_day(growth: Growth) -> str:
    few = growth.bytes_a_day < 1e6
    return "less than 1 MB a day" if few else f"{megabytes(growth.bytes_a_day)} a day"


def clock(
    now: datetime,
    database_now: datetime | None,
    is_synchronised: bool | None,
    stamps: Mapping[Path, float],
) -> list[Row]:
    """`stamps`: when files of the program were last written, by the machine's own clock then."""
    rows = [of_preflight(preflight.system_clock(now, database_now))]
    keep = "timedatectl set-ntp true, or start chrony: it keeps the clock right"
    if is_synchronised is False:
        rows.append(warn("the kernel says that nothing keeps the clock right", keep))
    elif is_synchronised:
        rows.append(ok("kept right (the kernel says so)"))
    newest = max(stamps.items(), key=lambda pair: pair[1], default=None)
    if newest is not None and newest[1] - now.timestamp() > AHEAD_S:
        path, stamp = newest
        ahead = duration(stamp - now.timestamp())
        when = datetime.fromtimestamp(stamp, UTC)
        rows.append(
            warn(
                f"{path} was written {ahead} from now ({when:%Y-%m-%d %H:%M} UTC): the clock was "
                "set back since, or was ahead then",
                "look at `plan --dst` and `history` for slots that this moved; nothing runs twice",
            )
        )
    return rows


def stamps(paths: Iterable[Path]) -> dict[Path, float]:
    """Those of `paths` that are there, with when each was last written."""
    found: dict[Path, float] = {}
    for path in paths:
        try:
            found[path] = path.stat().st_mtime
        except OSError:
            continue
    return found
