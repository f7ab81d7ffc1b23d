"""What is proved of the containers on a real engine, one function each, in this order."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

from deploy.lab.retailers import release
from deploy.lab.stack import INBOX, SECRET, Stack
from deploy.waiting import until

Told = Iterator[tuple[bool | None, str]]
GRACE_S = 40  # as compose.yaml says
BACK_S = 120.0
SCAN_S = 300.0
WORKERS = 3
SALES = "1204500000"  # of the release, in USD
TOOLS = ("gcc", "cc", "make", "git", "curl", "wget")


def image(stack: Stack) -> Told:
    began = time.monotonic()
    stack.build()
    yield True, f"built in {time.monotonic() - began:.0f} s on {stack.base or 'its own base'}"
    known = json.loads(stack.ask("docker", "image", "inspect", stack.image))[0]
    config = known["Config"]
    yield config["User"] == "10001:10001", f"user {config['User']}"
    yield config["StopSignal"] == "SIGTERM", f"stopped by {config['StopSignal']}"
    yield "Healthcheck" in config, "it has a health check of its own"
    labels = config["Labels"] or {}
    yield "org.opencontainers.image.version" in labels, f"{len(labels)} labels"
    found = stack.shell(
        f"command -v {' '.join(TOOLS)}; find /tmp /root/.cache -mindepth 1 2>&-; true"
    )
    yield not found.strip(), f"no build tool, no cache {found.split()}"
    pip = stack.shell("python -m pip --version 2>&1 || true")
    yield "No module named pip" in pip, "no pip where the program runs"
    plain = stack.shell("find . -name '*.py' -path './jobs/*' | wc -l; "
                        "find . -name '*.pyc' -path './jobs/*' | wc -l").split()  # fmt: skip
    yield plain[0] == plain[1] != "0", f"compiled: {plain[1]} of {plain[0]} modules of jobs/"
    own = stack.shell("du -sm /opt/retailxai | cut -f1").strip()
    yield True, f"size {known['Size'] / 1e6:.0f} MB, of which {own} MB is ours"


def comes_up(stack: Stack) -> Told:
    yield stack.compose("config", "--quiet").returncode == 0, "docker compose config is content"
    began = time.monotonic()
    healthy = stack.up()
    yield healthy, f"up and healthy in {time.monotonic() - began:.0f} s, with {stack.postgres}"
    if not healthy:
        yield False, stack.log()[-3000:]
        return
    status, body = asked(stack, "127.0.0.1")
    yield (status, body) == (200, '{"status":"pass"}'), f"/health from this machine: {body}"
    yield asked(stack, "evil.example")[0] == 421, "a stranger's name for it is refused"
    status, body = asked(stack, "127.0.0.1", "/metrics")
    yield "retailxai_build_info" in body, "and its metrics"


def walls(stack: Stack) -> Told:
    for service in ("daemon", "postgres"):
        known = stack.look(stack.container(service))
        host = known["HostConfig"]
        yield (
            host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and not host["Privileged"],
            f"{service}: read-only, no capabilities but {host['CapAdd']}",
        )
        limits = (host["Memory"], host["PidsLimit"], host["NanoCpus"])
        yield all(limits), f"{service}: limits of memory, processes and cores {limits}"
        ports = [one["HostIp"] for bound in host["PortBindings"].values() for one in bound]
        yield set(ports) <= {"127.0.0.1"}, f"{service}: published at {ports or 'no address'}"
    status = stack.inside("cat", "/proc/1/status").stdout.split("\n")
    facts = dict(line.split(":\t", 1) for line in status if ":\t" in line)
    yield int(facts["CapEff"], 16) == 0, "the daemon has no capability"
    yield facts["NoNewPrivs"] == "1", "and can get none"
    yield facts["Uid"].split() == ["10001"] * 4, f"it is user {facts['Uid'].split()[0]}"
    for place in ("/opt/retailxai", "/etc", "/var/lib"):
        wrote = stack.inside("touch", f"{place}/written")
        yield "Read-only" in wrote.stderr, f"{place} cannot be written"
    password = stack.password()
    for service in ("daemon", "postgres"):
        shown = json.dumps(stack.look(stack.container(service)))
        yield SECRET not in shown and password not in shown, f"{service}: no secret in inspect"
    environ = stack.inside("sh", "-c", "cat /proc/[0-9]*/environ 2>/dev/null").stdout
    yield "APP_ENV=production" in environ and SECRET not in environ, "none in its environment"
    yield password not in environ, "nor the database's password"
    held = stack.inside("cat", "/run/secrets/YOUTUBE_API_KEY").stdout.strip()
    yield held == SECRET, "the key came as a file"
    described = stack.main("check").stdout
    yield SECRET not in described and "youtube" in described.lower(), "and the program has read it"
    out = stack.inside(
        "python", "-c", "import socket; socket.create_connection(('postgres', 5432), 5)"
    )
    yield out.returncode == 0, "the daemon reaches PostgreSQL"


def one_document(stack: Stack) -> Told:
    ticker = stack.batches[0][0]
    file = stack.folder / f"{ticker}.html"
    file.write_text(release(ticker))
    put = stack.compose("cp", str(file), f"daemon:{INBOX}/")
    yield put.returncode == 0, f"docker compose cp into the inbox {put.stderr.strip()[-120:]}"
    stack.inside("sleep", "3")  # what was touched a moment ago may not be whole
    done = stack.main("scan")
    yield done.returncode == 0, f"scan: exit {done.returncode}"
    told = stack.main("company", ticker, "--json").stdout
    yield SALES in told, f"its sales of {SALES} stand under {ticker}"
    left = stack.inside("ls", INBOX).stdout
    yield f"{ticker}.html" not in left.split(), f"the inbox holds {left.split()}"
    yield stack.counts().documents == 1, f"{stack.counts()}"


def killed(stack: Stack) -> Told:
    """kill -9 in the middle of a scan."""
    batch = stack.batches[0][1:]
    wanted = stack.counts().documents + len(batch)
    yield stack.scan_begins(batch), f"the scan of {len(batch)} releases has begun"
    before, restarts = stack.counts().documents, stack.restarts()
    stack.kill()
    again = until(lambda: stack.restarts() == restarts + 1 and stack.is_healthy(), BACK_S)
    yield again, f"killed after {before} of {wanted}, restarted by the engine, healthy again"
    yield before < wanted, "in the middle indeed"
    yield from all_read(stack, wanted)


def database_away(stack: Stack) -> Told:
    """PostgreSQL stops in the middle of a scan, and comes back."""
    batch = stack.batches[1]
    wanted = stack.counts().documents + len(batch)
    yield stack.scan_begins(batch), f"the scan of {len(batch)} releases has begun"
    before, restarts = stack.counts().documents, stack.restarts()
    stack.compose("stop", "postgres")
    ill = until(lambda: stack.state()["Health"]["Status"] == "unhealthy", BACK_S)
    said = stack.state()["Health"]["Log"][-1]["Output"].strip()
    yield ill, f"stopped after {before} of {wanted}: unhealthy: {said.splitlines()[-1][:90]}"
    running = stack.state()["Running"] and stack.restarts() == restarts
    yield running, "the daemon goes on, and was not restarted"
    stack.compose("start", "postgres")
    yield until(stack.is_healthy, BACK_S), "PostgreSQL is back: healthy by itself"
    yield from all_read(stack, wanted)


def more_workers(stack: Stack) -> Told:
    """Three of them; everything is stopped in the middle of a scan, and begun again."""
    up = stack.up("--scale", f"worker={WORKERS}", profile="scale")
    yield up, f"{WORKERS} workers, healthy by their own word"
    known = json.loads(stack.main("status", "--json").stdout)
    yield len(known["workers"]) == WORKERS, f"status lists {len(known['workers'])} of them"
    batch = stack.batches[2]
    wanted = stack.counts().documents + len(batch)
    hands = int(stack.sql("hands.sql")[0])
    yield stack.scan_begins(batch), f"the scan of {len(batch)} releases has begun"
    began = time.monotonic()
    stack.compose("--profile", "scale", "stop", "daemon", "worker")
    took_s, done = time.monotonic() - began, stack.counts().documents
    codes = [stack.look(one)["State"]["ExitCode"]
             for service in ("daemon", "worker") for one in stack.containers(service)]  # fmt: skip
    yield codes == [0] * (1 + WORKERS), f"stopped in the middle: exit codes {codes}"
    yield took_s < GRACE_S, f"in {took_s:.1f} s, of {GRACE_S}"
    yield done < wanted, f"in the middle indeed: {done} of {wanted}"
    yield stack.up("--scale", f"worker={WORKERS}", profile="scale"), "begun again"
    yield from all_read(stack, wanted)
    more = int(stack.sql("hands.sql")[0]) - hands
    yield more > 1, f"{more} processes had a hand in it"


def refused_settings(stack: Stack) -> Told:
    """A key that is none: exit 78, again and again, until it is right."""
    wrong = "no key but secret all the same"
    stack.key(wrong)
    stack.compose("up", "-d", "--no-build", "--force-recreate", "daemon")
    refused = until(lambda: stack.restarts() >= 2 and stack.state()["ExitCode"] == 78, BACK_S)
    yield refused, f"exit 78, and tried again: {stack.restarts()} times"
    said = stack.log()
    yield "must be one word" in said and wrong not in said, "the log says what, and not the secret"
    stack.key(SECRET)
    began = time.monotonic()
    stack.compose("up", "-d", "--no-build", "--force-recreate", "daemon")
    yield until(stack.is_healthy, BACK_S), f"put right: healthy in {time.monotonic() - began:.0f} s"


def logs(stack: Stack) -> Told:
    said = stack.log()
    yield "Ready in" in said, f"docker compose logs: {len(said.splitlines())} lines"
    yield SECRET not in said and stack.password() not in said, "no secret in them"
    own = stack.inside("sh", "-c", "wc -l < /var/log/retailxai/retailxai.log").stdout.strip()
    yield int(own or 0) > 0, f"the program's own log: {own} lines, on its volume"
    before = stack.counts()
    restarted = stack.compose("down", "--timeout", "40").returncode == 0 and stack.up()
    yield restarted, "down and up again: the volumes stay"
    yield stack.counts() == before, f"and what was read: {before.documents} documents"


def all_read(stack: Stack, wanted: int) -> Told:
    ended = until(lambda: stack.counts().documents >= wanted, SCAN_S, 1.0)
    ended = until(lambda: stack.counts().runs[-1:] == ["succeeded"], SCAN_S, 1.0) and ended
    read, analyses, runs = stack.counts()
    yield ended and read == wanted, f"nothing lost: {read} of {wanted} read, {runs[-3:]}"
    yield analyses == wanted, f"nothing twice: {analyses} analyses"


def asked(stack: Stack, host: str, path: str = "/health?full=1") -> tuple[int, str]:
    """From this machine, by the published port."""
    line = f"GET {path} HTTP/1.0\r\nHost: {host}:{stack.port}\r\n\r\n"
    try:
        with socket.create_connection(("127.0.0.1", stack.port), 20) as connection:
            connection.sendall(line.encode())
            with connection.makefile("rb") as stream:
                head, _, body = stream.read().decode().partition("\r\n\r\n")
        return int(head.split(maxsplit=2)[1]), body
    except (OSError, ValueError, IndexError) as error:
        return 0, repr(error)


PROOFS: tuple[Callable[[Any], Told], ...] = (
    image, comes_up, walls, one_document, killed, database_away, more_workers,
    refused_settings, logs,
)  # fmt: skip
