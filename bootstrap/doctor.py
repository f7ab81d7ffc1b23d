"""`doctor`, given what it looks at: one look for each name of the table."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import metadata
from pathlib import Path

from bootstrap.doctor_looks import InstallationLooks
from bootstrap.reach import Reach
from bootstrap.services import secrets
from bootstrap.version import VERSION
from operations import preflight
from operations.doctor import machine, modes, unit_files
from operations.doctor.examination import Repaired, Report, Subject, examine
from operations.doctor.findings import Look, NotLooked, Row, Verdict, of_preflight, ok, some, warn
from operations.doctor.kernel_clock import is_synchronised
from operations.doctor.table import Need
from resilience.clock import Clock
from settings import Problem, Settings
from settings.secret_places import secret_places

ROOT = Path(__file__).resolve().parent.parent
UNITS = {
    "retailxai.service": ROOT / "retailxai.service",
    "retailxai-failed@.service": ROOT / "deploy" / "retailxai-failed@.service",
}
PINS = ROOT / "requirements.txt"
MOST = 100  # repairs, and then no more looks
KEPT = ("/etc/retailxai/environment",)  # beside the files that the settings name
CREDENTIALS = "/etc/credstore"


def doctor(
    settings: Settings | None, problems: Sequence[Problem], fix: bool, clock: Clock
) -> Report:
    """`settings` None: they are wrong, `problems` says how; what needs none is looked at. Repairs
    are followed by another look: what was mended may let something else be seen, and mended."""
    began, repairs = clock.monotonic(), list[Repaired]()
    while True:
        report = _once(settings, problems, fix and len(repairs) < MOST, clock)
        done = [one for one in report.repairs if one not in repairs]
        repairs += done
        if not any(not one.problem for one in done):
            took_s = clock.monotonic() - began
            return replace(report, repairs=tuple(repairs), took_s=took_s)


def _once(
    settings: Settings | None, problems: Sequence[Problem], fix: bool, clock: Clock
) -> Report:
    looks: dict[str, Look] = {
        "configuration": lambda: configuration(settings, problems),
        "program": program,
        "unit": lambda: unit_files.units(UNITS),
        "clock": lambda: machine.clock(clock.now(), None, is_synchronised(), {}),
        "secret files": secret_files,
    }
    if settings is None:
        shut = dict.fromkeys(set(Need) - {Need.NOTHING}, _no_settings)
        return examine(Subject(looks, shut), clock, fix=fix)
    reach = Reach(settings, clock)
    try:
        installation = InstallationLooks(settings, clock, reach, threading.Event())
        gates: dict[Need, Callable[[], None]] = {
            Need.DATABASE: reach.needs_database,
            Need.TABLES: reach.needs_tables,
        }
        subject = Subject(looks | installation.table(), gates, secrets(settings))
        return examine(subject, clock, fix=fix)
    finally:
        reach.close()


def _no_settings() -> None:
    raise NotLooked("the settings are wrong; see the check `configuration`")


def configuration(settings: Settings | None, problems: Sequence[Problem]) -> list[Row]:
    rows = [
        Row(
            Verdict.BAD if one.severity == "error" else Verdict.WARN,
            f"{one.where}: {one.rule}" + (f" (got {one.got})" if one.got else ""),
            one.fix,
        )
        for one in problems
    ]
    if settings is not None:
        file = settings.config_file or "no retailxai.toml"
        rows.append(ok(f"{settings.app_env}, {file}, {len(settings.companies)} companies"))
    return rows


def program() -> list[Row]:
    """The Python, and whether the packages are those that were pinned: an upgrade that stopped
    half-way leaves others."""
    rows = [of_preflight(preflight.python_version())]
    differ = []
    for name, pinned in _pins():
        try:
            there = metadata.version(name)
        except metadata.PackageNotFoundError:
            there = "none"
        if there != pinned:
            differ.append(f"{name} {there} instead of {pinned}")
    again = f"pip install --require-hashes -r {PINS}, in this program's .venv"
    if differ:
        rows.append(warn(f"RetailXAI {VERSION} with {some(differ)}", again))
    else:
        rows.append(ok(f"RetailXAI {VERSION}, packages as pinned"))
    return rows


def _pins() -> list[tuple[str, str]]:
    lines = PINS.read_text(encoding="utf-8").splitlines()
    pins = [line.split(";")[0].rstrip(" \\") for line in lines if "==" in line and line[0] != " "]
    return [(name.split("[")[0], version) for name, _, version in
            (pin.partition("==") for pin in pins)]  # fmt: skip


def secret_files() -> list[Row]:
    """Those the settings were read from, and those the service's unit reads."""
    holds: dict[Path, list[str]] = {}
    for place in secret_places():
        if place.path is not None:
            holds.setdefault(place.path, []).append(place.name)
    files = {path: ", ".join(names) for path, names in holds.items()}
    kept, unreadable, credentials = [*map(Path, KEPT)], dict[Path, str](), Path(CREDENTIALS)
    if credentials.is_dir():
        if os.access(credentials, os.R_OK | os.X_OK):
            kept += sorted(credentials.glob("retailxai.*"))
        else:
            unreadable[credentials] = "ask as root"
    for path in filter(_is_there, kept):
        files.setdefault(path, "what the service is told")
    return modes.secret_files(files, unreadable)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:
        return False
