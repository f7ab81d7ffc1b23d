"""The real server on a real port, asked by real and by half clients."""

from __future__ import annotations

import http.client
import json
import logging
import signal
import socket
import threading
from collections.abc import Collection, Iterator
from datetime import UTC, datetime

import pytest

from operations.bounded import TooSlow
from operations.checks.base import CheckResult, Status, worst
from operations.health import HealthReport
from resilience.clock import SystemClock
from web.server import WebServer

AT = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)


class Well:
    """A health whose checks are set by hand."""

    def __init__(self) -> None:
        self.status = dict.fromkeys(("database", "engine", "scheduler", "disk"), Status.PASS)
        self.hang: threading.Event | None = None
        self.error: Exception | None = None

    def report(self, only: Collection[str] | None = None) -> HealthReport:
        if self.hang is not None:
            self.hang.wait(30)
        if self.error is not None:
            raise self.error
        results = tuple(
            CheckResult(name, status, f"{name} seen", 1.5, "ms", details={"a": (1, 2)})
            for name, status in self.status.items()
            if only is None or name in only
        )
        return HealthReport(worst([each.status for each in results]), "seen", results, AT)


class Numbers:
    """Metrics that can be told to be slow."""

    slow = False

    def __call__(self) -> bytes:
        if self.slow:
            raise TooSlow("no answer within 4 s")
        return b"# HELP x y\nx 1\n"


@pytest.fixture
def health() -> Well:
    return Well()


@pytest.fixture
def numbers() -> Numbers:
    return Numbers()


@pytest.fixture
def server(health: Well, numbers: Numbers) -> Iterator[WebServer]:
    server = WebServer(health, numbers, port=0)
    server.start()
    yield server
    server.stop()


class Answer:
    def __init__(self, got: http.client.HTTPResponse) -> None:
        self.status = got.status
        self.headers = {name.lower(): value for name, value in got.getheaders()}
        self.body = got.read()

    def json(self) -> dict[str, object]:
        parsed: dict[str, object] = json.loads(self.body)
        return parsed


def ask(
    server: WebServer, path: str, method: str = "GET", headers: dict[str, str] | None = None
) -> Answer:
    connection = http.client.HTTPConnection(server.host, server.port or 0, timeout=10)
    try:
        connection.request(method, path, headers=headers or {})
        return Answer(connection.getresponse())
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("status", "code"), [(Status.PASS, 200), (Status.WARN, 200), (Status.FAIL, 503)]
)
def test_health_is_a_status_and_a_code(
    server: WebServer, health: Well, status: Status, code: int
) -> None:
    """A load balancer needs only the code, a person only the word."""
    health.status["disk"] = status
    answer = ask(server, "/health")
    assert answer.status == code
    assert answer.headers["content-type"] == "application/health+json"
    assert answer.json() == {"status": str(status)}


def test_live_and_ready_look_at_their_own_checks(server: WebServer, health: Well) -> None:
    """A dead database makes it unready, not dead; a full disk neither."""
    health.status["database"] = health.status["disk"] = Status.FAIL
    assert ask(server, "/health/live").status == 200
    assert ask(server, "/health/ready").status == 503
    health.status["database"] = Status.PASS
    assert ask(server, "/health/ready").status == 200
    health.status["scheduler"] = Status.FAIL
    assert ask(server, "/health/live").status == 503


def test_details_are_for_who_is_on_this_machine(server: WebServer) -> None:
    """`?full=1` tells everything locally, and nothing through a proxy or a foreign page."""
    full = ask(server, "/health?full=1").json()
    assert full["output"] == "seen"
    assert full["time"] == "2026-11-22T07:00:00+00:00"
    checks = full["checks"]
    assert isinstance(checks, dict)
    assert checks["disk"][0] == {
        "status": "pass",
        "observedValue": 1.5,
        "observedUnit": "ms",
        "output": "disk seen",
        "fix": "",
        "runbook": "",
        "took_s": 0.0,
        "details": {"a": [1, 2]},
    }
    for headers in ({"X-Forwarded-For": "203.0.113.9"}, {"Sec-Fetch-Site": "cross-site"}):
        assert ask(server, "/health?full=1", headers=headers).json() == {"status": "pass"}
    assert ask(server, "/health?full=yes").json() == {"status": "pass"}


def test_in_a_container_its_own_name_is_known(
    health: Well, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It listens on every address; its name and addresses are ours, a stranger's are not; and
    details stay with who is inside."""
    monkeypatch.setattr(socket, "gethostname", lambda: "c0ffee")
    monkeypatch.setattr(
        socket,
        "gethostbyname_ex",
        lambda name: (name, [], ["172.30.0.7"] if name == "c0ffee" else []),
    )
    server = WebServer(health, port=0, in_container=True)
    server.start()
    try:
        assert server.url == f"http://127.0.0.1:{server.port}"
        # Another address of the loopback is reached: it is not bound to the one.
        connection = http.client.HTTPConnection("127.0.0.77", server.port or 0, timeout=10)
        connection.request("GET", "/health", headers={"Host": f"172.30.0.7:{server.port}"})
        assert connection.getresponse().status == 200
        connection.close()
        assert ask(server, "/health", headers={"Host": "c0ffee:8717"}).status == 200
        assert ask(server, "/health", headers={"Host": "evil.example"}).status == 421
        assert ask(server, "/health", headers={"Host": "172.30.0.8"}).status == 421
    finally:
        server.stop()


def test_elsewhere_its_own_name_is_a_strangers(server: WebServer) -> None:
    """A machine's name resolves for others as well."""
    assert ask(server, "/health", headers={"Host": socket.gethostname()}).status == 421


def test_metrics(server: WebServer, numbers: Numbers) -> None:
    """Text in the type a Prometheus server expects; 503 while they cannot be had."""
    answer = ask(server, "/metrics")
    assert answer.body == b"# HELP x y\nx 1\n"
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    numbers.slow = True
    assert ask(server, "/metrics").status == 503


def test_without_metrics_there_is_nothing(health: Well) -> None:
    """A process that keeps none says so."""
    server = WebServer(health, port=0)
    server.start()
    assert ask(server, "/metrics").status == 404
    server.stop()


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/", 404),
        ("GET", "/healthz", 404),
        ("GET", "/../etc/passwd", 404),
        ("GET", "/health/live/%2e%2e", 404),
        ("POST", "/health", 405),
        ("DELETE", "/metrics", 405),
        ("BREW", "/health", 405),
    ],
)
def test_what_is_not_there_is_a_problem_document(
    server: WebServer, method: str, path: str, code: int
) -> None:
    """RFC 9457, with a hint what there is, and nothing of what was sent."""
    answer = ask(server, path, method)
    assert answer.status == code
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == code
    assert "/health" in str(answer.json()["hint"])
    assert b"passwd" not in answer.body
    assert code != 405 or answer.headers["allow"]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8717", "localhost.evil.example", ""]
)
def test_a_foreign_host_is_misdirected(server: WebServer, host: str) -> None:
    """DNS rebinding: a page that calls this machine by its own name gets nothing."""
    answer = ask(server, "/health?full=1", headers={"Host": host})
    assert answer.status == 421
    assert b"checks" not in answer.body


def test_a_name_that_was_allowed(health: Well) -> None:
    """A reverse proxy's name can be added; a bracketed or capital spelling is the same."""
    server = WebServer(health, port=0, hosts=["Retail.example"])
    server.start()
    assert ask(server, "/health", headers={"Host": "retail.EXAMPLE:443"}).status == 200
    server.stop()


def test_head_is_get_without_a_body(server: WebServer) -> None:
    """Probes that only want the code."""
    answer = ask(server, "/health", "HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert ask(server, "/metrics", "HEAD").status == 200


@pytest.mark.parametrize("path", ["/health", "/metrics", "/nowhere"])
def test_every_answer_is_guarded(server: WebServer, path: str) -> None:
    """No cache keeps it, no frame shows it, no name of the server in it."""
    for answer in (ask(server, path), ask(server, path, headers={"Host": "evil.example"})):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers


def test_a_crash_tells_the_asker_nothing(
    server: WebServer, health: Well, caplog: pytest.LogCaptureFixture
) -> None:
    """500 as a problem document; the traceback goes to the log, and the server lives on."""
    health.error = RuntimeError("secret thing")
    with caplog.at_level(logging.ERROR):
        answer = ask(server, "/health")
        health.error = None
        assert ask(server, "/health").status == 200
        server.stop()  # the log line may come after the answer
    assert answer.status == 500
    assert b"secret" not in answer.body
    assert answer.headers["cache-control"] == "no-store"
    assert "secret thing" in caplog.text


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01",  # a TLS greeting
        b"GET /health HTTP/1.1\r\n\r\n",  # no Host
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"GET " + b"/x" * 40_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
)
def test_nonsense_harms_nobody(server: WebServer, sent: bytes) -> None:
    """It is refused or cut, and the next asker is served."""
    with socket.create_connection((server.host, server.port or 0), 10) as raw:
        raw.sendall(sent)
        raw.settimeout(10)
        got = raw.recv(65_536)
    assert not got.startswith(b"HTTP/1.1 200")
    assert ask(server, "/health").status == 200


def half_open(server: WebServer, count: int) -> list[socket.socket]:
    """Clients that began a request and say nothing more."""
    clients = []
    for _ in range(count):
        client = socket.create_connection((server.host, server.port or 0), 10)
        client.sendall(b"GET /health HTTP/1.1\r\nHost: loc")
        clients.append(client)
    return clients


def test_fifty_half_open_clients_block_nobody(health: Well) -> None:
    """Real requests are answered beside them, no thread is spent on them, and the server
    still stops within two seconds."""
    clock = SystemClock()
    server = WebServer(health, port=0)
    server.start()
    threads = threading.active_count()
    clients = half_open(server, 50)
    began = clock.monotonic()
    assert [ask(server, "/health").status for _ in range(20)] == [200] * 20
    assert clock.monotonic() - began < 5
    assert threading.active_count() <= threads + 3
    began = clock.monotonic()
    server.stop()
    assert clock.monotonic() - began < 2
    assert not any(thread.name == "web" for thread in threading.enumerate())
    for client in clients:
        client.close()


def test_a_hung_check_does_not_hold_up_the_end(health: Well) -> None:
    """Requests that wait for an answer are cut after a grace; the thread ends in time."""
    clock = SystemClock()
    health.hang = threading.Event()
    server = WebServer(health, port=0)
    server.start()
    client = socket.create_connection((server.host, server.port or 0), 10)
    client.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert client.recv(0) == b""
    began = clock.monotonic()
    server.stop()
    assert clock.monotonic() - began < 2.5
    health.hang.set()
    client.close()


def test_ports_start_and_stop(health: Well) -> None:
    """A taken port leads to the next, a stopped server frees its own, twice stopped is
    harmless, and the address is told while there is one."""
    assert WebServer(health).url is None
    first = WebServer(health, port=0)
    port = first.start()
    second = WebServer(health, port=port)
    assert second.start() > port
    assert second.url == f"http://127.0.0.1:{second.port}"
    assert ask(second, "/health").status == ask(first, "/health").status == 200
    second.stop()
    second.stop()
    first.stop()
    third = WebServer(health, port=port)
    assert third.start() == port
    third.stop()


def test_ipv6(health: Well) -> None:
    """The other loopback, where the machine has it."""
    server = WebServer(health, host="::1", port=0)
    try:
        server.start()
    except OSError:
        pytest.skip("no IPv6 loopback here")
    assert server.url == f"http://[::1]:{server.port}"
    assert ask(server, "/health").status == 200
    server.stop()


def test_signals_and_logging_stay_the_daemons(health: Well) -> None:
    """Serving installs no handler of its own, neither for signals nor for logs."""
    before = (
        signal.getsignal(signal.SIGTERM),
        signal.getsignal(signal.SIGINT),
        list(logging.getLogger("uvicorn").handlers),
        list(logging.getLogger().handlers),
    )
    server = WebServer(health, port=0)
    server.start()
    ask(server, "/health")
    assert before == (
        signal.getsignal(signal.SIGTERM),
        signal.getsignal(signal.SIGINT),
        list(logging.getLogger("uvicorn").handlers),
        list(logging.getLogger().handlers),
    )
    server.stop()
