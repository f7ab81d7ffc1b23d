"""What is proved of the service on a real systemd, one function each, in this order."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from deploy.lab.house import SECRET, STATE, UNIT, House
from deploy.waiting import until

Told = Iterator[tuple[bool | None, str]]  # None: it cannot be proved here
MOST_EXPOSED = "12"
ALARM = f"retailxai-failed@{UNIT}.service"
WATCHDOG = "[Service]\nWatchdogSec=12\n"
BACK_S = 120.0  # a restart's pause and a start, on a machine that has other work
SCAN_S = 300.0
# Loaded by Python before main.py: on SIGUSR1 the schedule's tick waits for ever, as one that is
# deadlocked does.
STUCK_TICK = """
import signal, sys, threading
def stick(number, frame):
    sys.modules["jobs.ticker"].Ticker._enqueue = lambda self: threading.Event().wait()
signal.signal(signal.SIGUSR1, stick)
"""
EAT = "python3 /run/lab/eater.py"
EATER = """
import time
eaten = []
for _ in range(1500):
    eaten.append(bytearray(b"x") * 1_000_000)
time.sleep(600)
"""


def unit_file(house: House) -> Told:
    asked = house.guest.run("systemd-analyze", "verify", "--man=no", f"/etc/systemd/system/{UNIT}")
    remarks = [line for line in asked.stderr.splitlines() if UNIT in line and "Restart" not in line]
    yield not remarks, f"systemd has no remark on the unit {remarks or ''}"
    rated = house.guest.run("systemd-analyze", "security", f"--threshold={MOST_EXPOSED}", UNIT)
    yield rated.returncode == 0, rated.stdout.strip().splitlines()[-1].strip("→ ")


def start(house: House) -> Told:
    house.guest.must("systemctl", "enable", UNIT)
    began = time.monotonic()
    started = house.guest.run("systemctl", "start", UNIT)
    took_s = time.monotonic() - began
    yield started.returncode == 0 and house.is_active(), f"started in {took_s:.1f} s, {house.pid()}"
    if started.returncode:
        yield False, house.journal()[-3000:]
    yield "Ready in" in house.journal(), "systemctl start returned after it had begun to work"
    status = house.property("StatusText")
    yield "waiting for work; next " in status, f"status: {status}"


def secrets(house: House) -> Told:
    pid = house.pid()
    environ = house.guest.must("cat", f"/proc/{pid}/environ")
    given = f"/run/credentials/{UNIT}/GROQ_API_KEY"
    yield SECRET not in environ, "the key is in no environment"
    yield "CREDENTIALS_DIRECTORY=" in environ, "the daemon is told where its credentials are"
    held = house.guest.must("cat", f"/proc/{pid}/root{given}").strip()
    yield held == SECRET, "the key came as a credential"
    other = house.guest.run("runuser", "-u", "nobody", "--", "cat", given)
    yield other.returncode != 0 and SECRET not in other.stdout, "another user cannot read it"


def doctor(house: House) -> Told:
    """As root, beside the running service: what it says of the unit, and what it leaves."""
    report = house.doctor()
    units = [one for one in report["findings"] if one["name"] == "unit"]
    wrong = [one["found"] for one in units if one["verdict"] != "ok"]
    yield len(units) > 1 and not wrong, f"the units are those shipped {wrong or ''}"
    drop_in = f"/etc/systemd/system/{UNIT}.d/lab-doctor.conf"
    house.guest.write(drop_in, "[Service]\nTasksMax=250\n")
    said = json.dumps(house.doctor()["findings"])
    yield "systemd has not read" in said, "a drop-in that systemd has not read is told"
    done = [one["what"] for one in house.doctor("--fix")["repairs"] if not one["problem"]]
    yield "systemctl daemon-reload" in done, f"--fix: {done}"
    yield house.property("NeedDaemonReload") == "no", "systemd has read it now"
    yield drop_in in json.dumps(house.doctor()["findings"]), "the drop-in is named"
    roots = house.guest.must("find", STATE, "/var/log/retailxai", "-user", "root").split()
    yield not roots, f"root left nothing in the service's folders {roots or ''}"
    house.guest.must("rm", "-r", f"/etc/systemd/system/{UNIT}.d/lab-doctor.conf")
    house.guest.must("systemctl", "daemon-reload")


def reload(house: House) -> Told:
    pid, after = house.pid(), house.cursor()
    house.guest.write("/etc/retailxai/retailxai.toml", "[web]\nport = 'nonsense'\n")
    house.guest.must("systemctl", "reload", UNIT)
    refused = until(
        lambda: "those of the start stay" in house.journal(f"--after-cursor={after}"), 60
    )
    yield refused and house.pid() == pid and house.is_active(), "wrong settings are not taken"
    house.configure(more="[web]\nport = 18799")
    after = house.cursor()
    house.guest.must("systemctl", "reload", UNIT)
    renewed = until(lambda: ":18799/health" in house.journal(f"--after-cursor={after}"), BACK_S)
    active = until(house.is_active, 60)
    yield renewed and active and house.pid() == pid, f"right ones are, by the same process {pid}"
    yield house.property("NRestarts") == "0", "and it was no restart"


def scan(house: House) -> Told:
    """kill -9 in the middle, then a stop in the middle, then a start: all read, each once."""
    house.fill_inbox()
    due = datetime.now(UTC) + timedelta(seconds=75)
    house.configure(at=due)
    house.guest.must("systemctl", "restart", UNIT)
    wanted = len(house.tickers)
    begun = until(lambda: house.counts().documents > 0, SCAN_S, 0.5)
    yield begun, f"the scan of {wanted} releases has begun"

    pid, before = house.signal("KILL"), house.counts().documents
    yield house.comes_back(pid, BACK_S), f"killed after {before}, restarted: {pid} -> {house.pid()}"
    more = until(lambda: house.counts().documents > before, SCAN_S, 0.5)
    yield more, "the work of the dead one is taken up"

    began = time.monotonic()
    stopped = house.guest.run("systemctl", "stop", UNIT)
    took_s = time.monotonic() - began
    clean = stopped.returncode == 0 and house.property("Result") == "success"
    done = house.counts().documents
    yield clean and took_s < 40, f"stopped in the middle, after {done}, in {took_s:.1f} s: exit 0"
    yield before < done < wanted, f"in the middle indeed: {before} < {done} < {wanted}"

    house.guest.must("systemctl", "start", UNIT)
    ended = until(lambda: "succeeded" in house.counts().runs, SCAN_S, 1.0)
    read, analyses, states = house.counts()
    yield ended and read == wanted, f"nothing lost: {read} of {wanted} read, {states}"
    yield analyses == wanted, f"nothing twice: {analyses} analyses"


def hangs(house: House) -> Told:
    house.guest.write("/run/lab/sitecustomize.py", STUCK_TICK)
    house.drop_in(f"{WATCHDOG}Environment=PYTHONPATH=/run/lab\n")
    house.guest.must("systemctl", "restart", UNIT)
    after = house.cursor()
    pid = house.signal("STOP")
    yield (
        house.comes_back(pid, BACK_S),
        f"SIGSTOP: the watchdog restarts it, {pid} -> {house.pid()}",
    )
    yield "Watchdog timeout" in house.journal(f"--after-cursor={after}"), "by its time-out"
    after = house.cursor()
    pid = house.signal("USR1")
    yield house.comes_back(pid, BACK_S), f"deadlocked tick: restarted, {pid} -> {house.pid()}"
    said = house.journal(f"--after-cursor={after}")
    yield "the jobs tick has not come round" in said, "the journal names what hung"
    yield (
        "Current thread" in said and "in wait" in said,
        ("and shows where each thread was"),
    )
    alarms = house.guest.must("journalctl", "--no-pager", "-o", "cat", "-p", "err", "-u", ALARM)
    told = len(alarms.splitlines())
    yield told == 0, f"and nobody is woken for what a restart heals: {told} alarms"
    house.drop_in("")


def out_of_memory(house: House) -> Told:
    if not house.guest.limits:
        yield None, "this guest has no memory controller, MemoryMax= is not enforced"
        return
    house.guest.must("systemctl", "restart", UNIT)
    pid, group, after = house.pid(), house.property("ControlGroup"), house.cursor()
    house.guest.write("/run/lab/eater.py", EATER)
    # The kernel takes whoever it is told to take first; the eater then goes when the lab says.
    house.guest.must("sh", "-c", f"echo 1000 > /proc/{pid}/oom_score_adj")
    where = f"/sys/fs/cgroup/memory{group}"
    if house.guest.run("test", "-d", where).returncode:
        where = f"/sys/fs/cgroup{group}"
    house.guest.write("/run/lab/eat", f"echo $$ > {where}/cgroup.procs\nexec {EAT}\n")
    house.guest.must("sh", "-c", "sh /run/lab/eat >/run/lab/eaten 2>&1 & echo $! > /run/lab/pid")
    killed = until(lambda: house.pid() != pid, 90)
    house.guest.run("sh", "-c", "kill -9 $(cat /run/lab/pid)")
    by_kernel = "code=killed, status=9/KILL" in house.journal(f"--after-cursor={after}")
    yield (
        killed and by_kernel,
        f"out of memory at {house.property('MemoryMax')} bytes: process {pid} was killed",
    )
    yield house.comes_back(pid, BACK_S), f"restarted: {house.pid()}, {house.property('StatusText')}"


def upgrade(house: House) -> Told:
    """To a next release and back; and one that cannot start, which goes back by itself."""
    house.guest.must("systemctl", "restart", UNIT)
    again = house.deployed("install")
    yield "0 changed" in again.stdout, f"install again: {again.stdout.strip().splitlines()[-1]}"
    first = house.running()
    house.next_version("0.9.1")
    done = house.deployed("upgrade")
    second = house.running()
    yield done.returncode == 0 and second.startswith("0.9.1-"), f"upgraded: {first} -> {second}"
    if done.returncode:
        yield False, done.stdout + done.stderr
    smoke = house.deployed("smoke")
    yield smoke.returncode == 0, f"smoke: {smoke.stdout.strip().splitlines()[-1]}"
    house.next_version("0.9.2", broken=True)
    done = house.deployed("upgrade", "--healthy-within", "30")
    undone = f"undone   {second} runs again" in done.stdout
    yield done.returncode == 1 and undone, f"one that cannot start: exit {done.returncode}, undone"
    if not undone:
        yield False, done.stdout + done.stderr
    yield house.running() == second and house.is_active(), f"and {house.running()} runs"
    done = house.deployed("rollback")
    yield done.returncode == 0 and house.running() == first, f"rolled back: {house.running()}"


def stop(house: House) -> Told:
    stopped = house.guest.run("systemctl", "stop", UNIT)
    yield stopped.returncode == 0 and house.property("Result") == "success", "stopped: exit 0"
    left = house.guest.run("pgrep", "-u", "retailxai", "-a").stdout.strip()
    yield not left, f"no process is left {left}"


def wrong_configuration(house: House) -> Told:
    """A wrong key by credential: also shows that the daemon reads them, and keeps them."""
    wrong = "not-a-key-but-secret-all-the-same"
    house.guest.must("systemctl", "stop", UNIT)
    house.credential("GROQ_API_KEY", wrong)
    after = house.cursor()
    house.guest.run("systemctl", "start", UNIT)
    down = until(lambda: house.property("ActiveState") == "failed", 60)
    time.sleep(15)  # longer than RestartSec
    status, restarts = house.property("ExecMainStatus"), house.property("NRestarts")
    yield down and house.property("ActiveState") == "failed", "wrong configuration: it stays down"
    yield (status, restarts) == ("78", "0"), f"exit {status}, restarted {restarts} times"
    said = house.journal(f"--after-cursor={after}")
    yield "GROQ_API_KEY (systemd credential)" in said, "the journal says what is wrong"
    yield wrong not in said, "and does not show the secret"
    alarm = house.guest.must("journalctl", "--no-pager", "-o", "cat", "-p", "err", "-u", ALARM)
    yield "its configuration is wrong" in alarm, f"somebody is told: {alarm.strip()[:90]}"
    house.credential("GROQ_API_KEY", SECRET)


def journal(house: House) -> Told:
    everything = house.guest.must("journalctl", "--no-pager", "-o", "json")
    yield SECRET not in everything, "the key is nowhere in the journal"
    # Without --all a line of more than 4096 bytes (a run of many documents) is shown as null.
    ours = house.guest.must("journalctl", "--no-pager", "--all", "-o", "json", "-u", UNIT)
    messages = [json.loads(line).get("MESSAGE") for line in ours.splitlines()]
    blobs = [message for message in messages if not isinstance(message, str)]
    yield not blobs and len(messages) > 50, f"all of its {len(messages)} lines are readable text"
    grave = house.guest.must("journalctl", "--no-pager", "-o", "cat", "-p", "crit", "-u", UNIT)
    yield "this process hangs" in grave, "by its severity the hang of before is found"
    kept = house.guest.run("ls", f"{STATE}/postgres", "/var/log/retailxai/retailxai.log")
    yield kept.returncode == 0, "state and log lie where systemd made room for them"


PROOFS: tuple[Callable[[House], Told], ...] = (
    unit_file, start, secrets, doctor, reload, scan, hangs, out_of_memory, upgrade, stop,
    wrong_configuration, journal,
)  # fmt: skip
