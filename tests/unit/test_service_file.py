"""The unit file: what systemd is told fits what the program does."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bootstrap.daemon import DRAIN_S
from bootstrap.supervision import HELD_UP_S, TELL_S
from cli.arguments import parse
from settings import Configured
from settings.variables import misspelt, variables

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "retailxai.service"
EX_USAGE, EX_CONFIG = "2", "78"
MOST_EXPOSED = 12  # of 100, as systemd-analyze counts with --threshold
PROMISED_S = 30  # within which the daemon ends after SIGTERM, as README and docs say
# Read from systemd 254 on; those before ignore them with a word.
LATER = ("RestartSteps", "RestartMaxDelaySec", "RestartMode")
UNITS = {"s": 1, "min": 60}


def values(section: str, key: str) -> list[str]:
    """All values of a key, in order; systemd allows it several times."""
    text = UNIT.read_text(encoding="utf-8")
    inside = re.split(r"^\[(\w+)\]$", text, flags=re.MULTILINE)
    body = dict(zip(inside[1::2], inside[2::2], strict=True))[section]
    lines = [line for line in body.splitlines() if line and not line.startswith("#")]
    pairs = [line.split("=", 1) for line in lines]
    return [value for name, value in pairs if name == key]


def one(key: str, section: str = "Service") -> str:
    (value,) = values(section, key)
    return value


def seconds(key: str) -> int:
    """A time span as it is written here: 40, 3min."""
    match = re.fullmatch(r"(\d+)(s|min)?", one(key))
    assert match, f"{key}={one(key)}"
    return int(match[1]) * UNITS[match[2] or "s"]


def analysed(*arguments: str) -> subprocess.CompletedProcess[str]:
    """systemd-analyze, which needs no running systemd for this."""
    program = shutil.which("systemd-analyze")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("systemd-analyze is missing: make ci-deps installs the package systemd")
        pytest.skip("systemd-analyze is not installed (package systemd)")
    return subprocess.run(
        [program, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_it_starts_the_daemon_from_its_own_environment() -> None:
    """The interpreter of .venv runs main.py in the folder that both lie in."""
    folder = one("WorkingDirectory")
    assert one("ExecStart") == f"{folder}/.venv/bin/python main.py"


def test_a_wrong_configuration_is_not_tried_again() -> None:
    """Exit 78 and 2 stay down until a person acts."""
    assert one("Restart") == "on-failure"
    assert set(one("RestartPreventExitStatus").split()) == {EX_USAGE, EX_CONFIG}


def test_a_database_that_is_away_for_hours_is_waited_for() -> None:
    """Each start ends with 75 meanwhile; systemd's default limit of starts would make an outage
    of a minute the end of the service."""
    assert one("StartLimitIntervalSec", "Unit") == "0"
    assert 5 <= seconds("RestartSec") <= 30
    assert seconds("RestartSec") < seconds("RestartMaxDelaySec") <= 300
    assert int(one("RestartSteps")) > 1


def test_it_gets_the_time_to_finish() -> None:
    """systemd kills later than the daemon promises to be done, and only the daemon itself is
    asked to end: an embedded database is its to stop."""
    assert DRAIN_S < PROMISED_S < seconds("TimeoutStopSec")
    assert one("KillMode") == "mixed"


def test_it_is_heard_of_its_main_process_alone() -> None:
    """An embedded PostgreSQL inherits the socket and must not speak for it."""
    assert one("Type") == "notify"
    assert one("NotifyAccess") == "main"


def test_the_watchdog_outlasts_whatever_is_no_hang() -> None:
    """A reload drains and begins anew without a word in between; a tick of a database that is
    slow takes until its statement's time is over, twice; the watchdog is fed several times."""
    statement_s = Configured().database.statement_timeout_s
    assert seconds("WatchdogSec") > DRAIN_S + 2 * statement_s
    assert seconds("WatchdogSec") > 4 * TELL_S
    assert seconds("WatchdogSec") > 2 * HELD_UP_S
    assert seconds("TimeoutStartSec") > seconds("WatchdogSec")


def test_every_secret_may_come_as_a_credential() -> None:
    """By the name of its variable, from a file of the credential store that may be missing: a
    relative name is looked for, an absolute path would have to be there."""
    given = dict(value.split(":", 1) for value in values("Service", "LoadCredential"))
    secrets = [variable.name for variable in variables() if variable.is_secret]
    assert given == {name: f"retailxai.{name}" for name in secrets}


def test_a_crash_leaves_no_secrets_behind() -> None:
    assert one("LimitCORE") == "0"


def test_a_reload_is_the_signal_that_the_daemon_takes() -> None:
    assert one("ExecReload") == "/bin/kill -HUP $MAINPID"


def test_its_folders_are_made_and_its_own() -> None:
    """State and logs lie where systemd makes them; nobody else reads the state."""
    assert one("StateDirectory") == one("LogsDirectory") == "retailxai"
    assert one("StateDirectoryMode") == "0700"
    assert one("UMask")[-1] == "7"
    assert one("User") != "root"


def test_its_variables_exist() -> None:
    """A misspelt variable would stop the daemon with exit 78."""
    assigned = " ".join(values("Service", "Environment")).split()
    ours = dict.fromkeys((each.split("=")[0] for each in assigned), "unit")
    assert misspelt(ours) == []
    assert "APP_ENV=production" in assigned


def test_the_memory_check_can_see_memory() -> None:
    """ProcSubset=pid would hide /proc/meminfo without a word."""
    assert values("Service", "ProcSubset") == []
    assert one("MemoryMax")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateTmp", "yes"),
        ("PrivateDevices", "yes"),
        ("PrivateUsers", "yes"),
        ("CapabilityBoundingSet", ""),
        ("AmbientCapabilities", ""),
        ("RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6"),
        ("IPAddressDeny", "link-local multicast"),
        ("MemoryDenyWriteExecute", "yes"),
        ("SystemCallErrorNumber", "EPERM"),
    ],
)
def test_the_sandbox_stays(key: str, value: str) -> None:
    """Each wall stands until somebody takes it down on purpose."""
    assert one(key) == value


def test_systemd_understands_every_line(tmp_path: Path) -> None:
    """No unknown key, no wrong value, no section that is ignored."""
    copy = tmp_path / UNIT.name
    text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text(), flags=re.MULTILINE)
    copy.write_text(text)
    done = analysed("verify", "--man=no", str(copy))
    later = tuple(f"Unknown key '{key}' in section [Service], ignoring." for key in LATER)
    lines = [line.replace("key name", "key") for line in done.stderr.splitlines()]
    said = [line for line in lines if UNIT.name in line and not line.endswith(later)]
    assert said == []


def test_systemd_rates_it_well(tmp_path: Path) -> None:
    """Exposure of at most 1.2 of 10, as the best packaged daemons have."""
    done = analysed("security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(UNIT))
    assert done.returncode == 0, done.stdout.splitlines()[-1]


def test_somebody_is_told_when_it_stays_down() -> None:
    """By a unit that needs none of what may be broken, and calls the product's own command with
    every word of systemd's, also an empty one."""
    assert one("OnFailure", "Unit") == "retailxai-failed@%n.service"
    text = (ROOT / "deploy/retailxai-failed@.service").read_text(encoding="utf-8")
    (command,) = re.findall(r"^ExecStart=(.*)$", text, flags=re.MULTILINE)
    program, script, *arguments = command.replace("%i", "retailxai.service").split()
    assert (program, script) == ("/opt/retailxai/current/.venv/bin/python", "main.py")
    parsed = parse(arguments)
    assert (parsed.command, parsed.unit) == ("alarm", "retailxai.service")
    assert parsed.result == "${MONITOR_SERVICE_RESULT}"
    assert one("RestartMode") == "direct", "else each restart would be told of, from 254 on"
    assert "Requires=" not in text
    assert "postgresql" not in text


def test_the_alarm_is_as_walled_in() -> None:
    done = analysed(
        "security",
        "--offline=true",
        f"--threshold={MOST_EXPOSED}",
        str(ROOT / "deploy/retailxai-failed@.service"),
    )
    assert done.returncode == 0, done.stdout.splitlines()[-1]
