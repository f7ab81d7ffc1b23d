from __future__ import annotations

import gzip
import logging
import threading
import traceback
import zlib
from collections.abc import Callable, Iterator

import pytest

from outside.answers import HttpAnswer
from outside.errors import (
    BadAnswer,
    HttpFailure,
    NotFound,
    Refused,
    ServerError,
    Throttled,
    TimedOut,
    TooLarge,
    Unreachable,
)
from outside.http import HttpDoor
from resilience.clock import SystemClock
from resilience.outcomes import CallFailed, Rejected
from resilience.registry import Policies
from resilience.spec import PolicySpec
from resilience.testing import FakeClock
from tests.servers.http import LoopbackServer, RecordedRequest, Reply, closed_port

KEY = "sk-ant-api03-secretsecretsecret"


@pytest.fixture
def hasty() -> Iterator[HttpDoor]:
    """A door with real time and little patience; one attempt only."""
    clock = SystemClock()
    policies = Policies({"default": PolicySpec(attempts=1, at_once=0)}, clock)
    opened = HttpDoor(policies, clock, "RetailXAI/test", 1.0, 0.2, 0.4)
    yield opened
    opened.close()


def failure_of(door: HttpDoor, url: str, **more: object) -> HttpFailure:
    with pytest.raises(HttpFailure) as caught:
        door.get("shop", url, **more)  # type: ignore[arg-type]
    return caught.value


# ---- what goes out


def test_a_request_says_who_asks_and_what_it_takes(server: LoopbackServer, door: HttpDoor) -> None:
    """The service sees our User-Agent, only the encodings we can undo, and the parameters."""
    server.route("GET", "/a", Reply.json({}))
    door.get("shop", f"{server.url}/a", params={"q": "net sales & more"})
    sent = server.requests[0]
    assert sent.headers["user-agent"] == "RetailXAI/test tests@example.com"
    assert sent.headers["accept-encoding"] == "gzip, deflate"
    assert sent.query == {"q": ["net sales & more"]}


def test_a_service_may_have_its_own_user_agent(server: LoopbackServer, door: HttpDoor) -> None:
    """A header given for one call replaces the door's, whatever its case."""
    server.route("GET", "/a", Reply.json({}))
    door.get("shop", f"{server.url}/a", headers={"User-Agent": "Acme a@b.c"})
    assert server.requests[0].headers["user-agent"] == "Acme a@b.c"


def test_no_cookie_is_kept_and_no_netrc_entry_sent(
    server: LoopbackServer, door: HttpDoor, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    """Two calls never share state through the server, and nobody is logged in by surprise."""
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w") as file:  # noqa: PTH123
        file.write("machine 127.0.0.1 login someone password hunter2hunter2\n")
    monkeypatch.setenv("NETRC", netrc)
    server.route("GET", "/a", Reply(headers={"set-cookie": "id=1; Path=/"}))
    door.get("shop", f"{server.url}/a")
    door.get("shop", f"{server.url}/a")
    assert "cookie" not in server.requests[1].headers
    assert "authorization" not in server.requests[0].headers


def test_gets_share_a_connection_and_posts_never_do(server: LoopbackServer, door: HttpDoor) -> None:
    """Keep-alive saves handshakes where it is safe; a post always travels on a fresh one."""
    server.route("GET", "/a", Reply.json({}).gzipped(), Reply(body=b"xy", chunked=True), Reply())
    server.route("POST", "/a", Reply.json({}))
    for _ in range(3):
        door.get("shop", f"{server.url}/a")
    assert server.connections == 1
    door.close()
    for _ in range(2):
        door.post_json("shop", f"{server.url}/a", {})
    assert server.connections == 3


def test_a_post_carries_its_json_in_utf8(server: LoopbackServer, door: HttpDoor) -> None:
    """What is sent is what was given, letters beyond ASCII included."""
    server.route("POST", "/a", Reply.json({"ok": True}))
    answer = door.post_json("shop", f"{server.url}/a", {"name": "Café"}, headers={"x-api-key": "k"})
    assert answer.json() == {"ok": True}
    assert server.requests[0].json() == {"name": "Café"}
    assert server.requests[0].headers["content-type"] == "application/json"
    assert server.requests[0].headers["x-api-key"] == "k"


def test_thirty_threads_share_one_door(server: LoopbackServer, door: HttpDoor) -> None:
    """Each thread gets its own answer."""
    server.otherwise(lambda request: Reply(body=request.path.encode()))
    got: dict[int, bytes] = {}

    def ask(number: int) -> None:
        got[number] = door.get("shop", f"{server.url}/{number}").body

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert got == {number: f"/{number}".encode() for number in range(30)}


# ---- what comes back


@pytest.mark.parametrize("status", [200, 201, 204, 304])
def test_success_comes_back_as_it_is(server: LoopbackServer, door: HttpDoor, status: int) -> None:
    """2xx and 304 return; header names are lower-case."""
    server.route("GET", "/a", Reply(status=status, headers={"X-Thing": "1"}))
    answer = door.get("shop", f"{server.url}/a")
    assert (answer.status, answer.headers["x-thing"]) == (status, "1")


@pytest.mark.parametrize(
    ("status", "kind", "retryable", "accepted"),
    [
        (400, Refused, False, False),
        (401, Refused, False, False),
        (402, Refused, False, False),
        (403, Refused, False, False),
        (404, NotFound, False, False),
        (408, Refused, True, True),
        (409, Refused, False, True),
        (410, NotFound, False, False),
        (413, Refused, False, False),
        (422, Refused, False, False),
        (429, Throttled, True, False),
        (500, ServerError, True, True),
        (501, ServerError, False, True),
        (502, ServerError, True, True),
        (503, ServerError, True, True),
        (504, ServerError, True, True),
        (529, ServerError, True, False),
        (599, ServerError, False, True),
    ],
)
def test_every_status_has_its_failure(
    server: LoopbackServer,
    door: HttpDoor,
    status: int,
    kind: type[HttpFailure],
    retryable: bool,
    accepted: bool,
) -> None:
    """The kind, whether a retry helps, and whether the work may have been done."""
    server.route("GET", "/a", Reply.json({"error": "because"}, status, request_id="req_7"))
    failure = failure_of(door, f"{server.url}/a")
    assert type(failure) is kind
    assert (failure.retryable, failure.accepted, failure.status) == (retryable, accepted, status)
    assert "because" in failure.body_excerpt
    assert failure.answer is not None
    assert failure.answer.json() == {"error": "because"}
    assert failure.request_id == "req_7"
    assert len(server.requests) == (3 if retryable else 1)


def test_the_server_may_overrule_whether_a_retry_helps(
    server: LoopbackServer, door: HttpDoor
) -> None:
    """x-should-retry beats the status, both ways."""
    server.route("GET", "/a", Reply.json({}, 500, x_should_retry="false"))
    server.route("GET", "/b", Reply.json({}, 409, x_should_retry="true"))
    assert not failure_of(door, f"{server.url}/a").retryable
    assert failure_of(door, f"{server.url}/b").retryable


def test_a_503_with_retry_after_may_still_have_been_taken(
    server: LoopbackServer, door: HttpDoor
) -> None:
    """A proxy in front of a server that stopped half-way answers exactly so."""
    server.route("GET", "/a", Reply(status=503, headers={"retry-after": "5"}))
    failure = failure_of(door, f"{server.url}/a")
    assert failure.accepted
    assert failure.retry_after_s == 5


def test_a_failure_that_passes_is_not_seen(
    server: LoopbackServer, door: HttpDoor, clock: FakeClock
) -> None:
    """The policy tries again after the asked-for wait and the caller gets the answer."""
    server.route("GET", "/a", Reply(status=429, headers={"retry-after": "3"}), Reply.json([1]))
    assert door.get("shop", f"{server.url}/a").json() == [1]
    assert max(clock.waits) >= 3


def test_open_circuits_reject_without_asking(server: LoopbackServer, clock: FakeClock) -> None:
    """After the threshold nothing is sent any more."""
    policies = Policies({"shop": PolicySpec(attempts=1, failure_threshold=2)}, clock)
    door = HttpDoor(policies, clock, "x")
    server.route("GET", "/a", Reply(status=500))
    for _ in range(2):
        failure_of(door, f"{server.url}/a")
    with pytest.raises(Rejected):
        door.get("shop", f"{server.url}/a")
    assert len(server.requests) == 2
    door.close()


def test_a_check_sees_every_answer_inside_the_policy(
    server: LoopbackServer, door: HttpDoor
) -> None:
    """What a check raises counts and is tried again like a failure of the door's own."""

    def no_pages(answer: HttpAnswer) -> None:
        if answer.is_html():
            raise CallFailed("shop", "a page", retryable=True)

    page = Reply.html("<html>busy</html>")
    server.route("GET", "/a", page, Reply.html("<html>no</html>", 403), Reply.json(7))
    assert door.get("shop", f"{server.url}/a", check=no_pages).json() == 7
    assert len(server.requests) == 3


def test_a_post_that_may_have_been_taken_is_not_repeated(
    server: LoopbackServer, door: HttpDoor
) -> None:
    """It may have cost money; one turned away with 429 has not and is tried again."""
    server.route("POST", "/a", Reply(status=500), Reply.json(1))
    with pytest.raises(ServerError) as caught:
        door.post_json("shop", f"{server.url}/a", {})
    assert not caught.value.retryable
    server.route("POST", "/b", Reply(status=429), Reply.json(2))
    assert door.post_json("shop", f"{server.url}/b", {}).json() == 2
    server.route("POST", "/c", Reply(status=500), Reply.json(3))
    assert door.post_json("shop", f"{server.url}/c", {}, repeatable=True).json() == 3


def test_an_attempt_that_was_not_taken_is_told_before_the_next_one_is_waited_for(
    server: LoopbackServer, door: HttpDoor
) -> None:
    """And only then: what may have been taken stands, and so does what was answered."""
    told: list[str] = []

    def begins() -> Callable[[Exception], None]:
        told.append(f"begun at {len(server.requests)}")
        return lambda failure: told.append(f"{type(failure).__name__} at {len(server.requests)}")

    server.route("POST", "/a", Reply(status=429), Reply.json(1))
    assert door.post_json("shop", f"{server.url}/a", {}, before_send=begins).json() == 1
    assert told == ["begun at 0", "Throttled at 1", "begun at 1"]
    told.clear()
    server.route("POST", "/b", Reply(status=500))
    with pytest.raises(ServerError):
        door.post_json("shop", f"{server.url}/b", {}, before_send=begins)
    assert told == ["begun at 2"]


# ---- redirects


def test_redirects_are_followed_on_the_same_host_only(
    server: LoopbackServer, door: HttpDoor
) -> None:
    """A moved page is found; a hop to another host, port or scheme is not made."""
    server.route("GET", "/old", Reply(status=301, headers={"location": "/new"}))
    server.route("GET", "/new", Reply(body=b"here"))
    answer = door.get("shop", f"{server.url}/old")
    assert answer.body == b"here"
    assert answer.url == f"{server.url}/new"
    for elsewhere in (
        "http://localhost:1/x",
        f"http://127.0.0.1:{server.port + 1}/x",
        f"https://127.0.0.1:{server.port}/x",
        "file:///etc/passwd",
        "//evil.example/x",
        "http://[::1/x",
        "http://127.0.0.1:99999999/x",
    ):
        server.route("GET", "/old", Reply(status=302, headers={"location": elsewhere}))
        failure = failure_of(door, f"{server.url}/old")
        assert isinstance(failure, BadAnswer)
        assert "another host" in failure.what


def test_redirects_end(server: LoopbackServer, door: HttpDoor) -> None:
    """A circle is left after a few rounds."""
    server.route("GET", "/a", Reply(status=302, headers={"location": "/a"}))
    assert "more than 3 times" in failure_of(door, f"{server.url}/a").what
    assert len(server.requests) == 4


def test_a_redirected_post_is_not_sent_again(server: LoopbackServer, door: HttpDoor) -> None:
    """Its body and its key stay with the host they were meant for."""
    server.route("POST", "/a", Reply(status=307, headers={"location": "/b"}))
    with pytest.raises(BadAnswer):
        door.post_json("shop", f"{server.url}/a", {})
    assert server.paths() == ["/a"]


# ---- bodies


def test_bodies_come_whole_in_every_framing(server: LoopbackServer, door: HttpDoor) -> None:
    """By length, chunked, until the connection closes, compressed or not."""
    text = b"net sales " * 9000
    plain = Reply(body=text)
    raw_deflate = zlib.compressobj(wbits=-15)
    framings = {
        "length": plain,
        "gzip": plain.gzipped(),
        "chunked": Reply(body=text, chunked=True, pieces=5),
        "close": Reply(body=text, until_close=True),
        "zlib": Reply(body=zlib.compress(text), headers={"content-encoding": "deflate"}),
        "deflate": Reply(
            body=raw_deflate.compress(text) + raw_deflate.flush(),
            headers={"content-encoding": "deflate"},
        ),
        "members": Reply(
            body=gzip.compress(text[:70]) + gzip.compress(text[70:]) + b"\0" * 12,
            headers={"content-encoding": "x-gzip"},
        ),
    }
    for name, reply in framings.items():
        server.route("GET", f"/{name}", reply)
        assert door.get("shop", f"{server.url}/{name}").body == text, name


def test_a_body_that_ends_early_is_an_error(server: LoopbackServer, door: HttpDoor) -> None:
    """Half a document is never taken for a whole one, however it was cut."""
    text = bytes(range(256)) * 400
    squeezed = gzip.compress(text)
    cut = {
        "length": Reply(body=text).truncated(1000),
        "nothing": Reply(body=text).truncated(0),
        "chunked": Reply(body=text, chunked=True, cut_after=1000),
        "gzip": Reply(body=text).gzipped().truncated(300),
        "gzip-by-close": Reply(
            body=squeezed[:-9], until_close=True, headers={"content-encoding": "gzip"}
        ),
    }
    for name, reply in cut.items():
        server.route("GET", f"/{name}", reply)
        failure = failure_of(door, f"{server.url}/{name}")
        assert isinstance(failure, BadAnswer), name
        assert failure.retryable, name
        assert failure.accepted, name


def test_broken_or_unasked_encodings_are_named(server: LoopbackServer, door: HttpDoor) -> None:
    """Bytes that are not what the header says are an error, not a document."""
    for encoding in ("gzip", "deflate", "br", "gzip, gzip"):
        server.route("GET", "/a", Reply(body=b"\x07plain", headers={"content-encoding": encoding}))
        failure = failure_of(door, f"{server.url}/a")
        assert isinstance(failure, BadAnswer)
        assert encoding in failure.what


def test_too_much_is_refused_before_and_while_it_comes(
    server: LoopbackServer, door: HttpDoor
) -> None:
    """By the announced length, by what arrives, and by what it unpacks to."""
    big = b"\0" * 3_000_000
    for name, reply in {
        "announced": Reply(body=big),
        "chunked": Reply(body=big, chunked=True, pieces=30),
        "bomb": Reply(body=big).gzipped(),
    }.items():
        server.route("GET", f"/{name}", reply)
        failure = failure_of(door, f"{server.url}/{name}", max_bytes=1_000_000)
        assert isinstance(failure, TooLarge), name
        assert not failure.retryable
        assert failure.limit == 1_000_000
        assert "1,000,000" in failure.what
    assert failure_of(door, f"{server.url}/announced", max_bytes=1_000_000).what.count("3,000,000")
    assert len(door.get("shop", f"{server.url}/bomb", max_bytes=3_000_000).body) == 3_000_000


def test_an_error_stays_that_error_when_its_body_is_broken(
    server: LoopbackServer, door: HttpDoor
) -> None:
    """A 403 whose page is cut off or huge is still a 403."""
    server.route("GET", "/a", Reply(status=403, body=b"x" * 900).truncated(3))
    server.route("GET", "/b", Reply(status=403, body=b"x" * 900_000))
    assert failure_of(door, f"{server.url}/a").status == 403
    assert failure_of(door, f"{server.url}/b").status == 403


# ---- slowness


def test_a_server_that_never_answers_is_left(server: LoopbackServer, hasty: HttpDoor) -> None:
    """The read time-out ends it; the request may have been taken."""
    server.route("GET", "/a", Reply(wait_s=30))
    failure = failure_of(hasty, f"{server.url}/a")
    assert isinstance(failure, TimedOut)
    assert failure.accepted
    assert failure.retryable


def test_a_body_that_stops_half_way_is_left(server: LoopbackServer, hasty: HttpDoor) -> None:
    """Silence in the middle of a body is a time-out too."""
    server.route("GET", "/a", Reply(body=b"x" * 100).slow(2, 30))
    assert isinstance(failure_of(hasty, f"{server.url}/a"), TimedOut)


def test_a_body_that_only_drips_meets_the_total_limit(
    server: LoopbackServer, hasty: HttpDoor
) -> None:
    """A byte now and then keeps every single read alive, not the whole."""
    server.route("GET", "/a", Reply(body=b"x" * 500).slow(500, 0.02))
    failure = failure_of(hasty, f"{server.url}/a")
    assert isinstance(failure, TimedOut)
    assert "too slowly" in failure.what


def test_a_deadline_shortens_every_limit(server: LoopbackServer) -> None:
    """A caller with 50 ms left is not made to wait for the read time-out."""
    server.route("GET", "/a", Reply(wait_s=60))
    clock = SystemClock()
    patient = HttpDoor(Policies({}, clock), clock, "x", read_timeout_s=30)
    begun = clock.monotonic()
    with pytest.raises(CallFailed):
        patient.get("shop", f"{server.url}/a", deadline_at=begun + 0.05)
    assert clock.monotonic() - begun < 10
    patient.close()


# ---- no connection


def test_nobody_there_is_told_from_an_answer_lost(server: LoopbackServer, door: HttpDoor) -> None:
    """Only where nothing can have been taken is `accepted` False."""
    refused = failure_of(door, f"http://127.0.0.1:{closed_port()}/a")
    assert isinstance(refused, Unreachable)
    assert (refused.accepted, refused.retryable) == (False, True)
    assert "connection refused" in refused.what
    server.route("GET", "/a", Reply(drop=True))
    lost = failure_of(door, f"{server.url}/a")
    assert isinstance(lost, BadAnswer)
    assert lost.accepted


def test_a_name_that_does_not_resolve_was_not_asked(door: HttpDoor) -> None:
    """No such host: nothing was sent."""
    failure = failure_of(door, "http://no-such-host.invalid/")
    assert isinstance(failure, Unreachable)
    assert not failure.accepted


def test_tls_that_never_came_about_was_not_asked(server: LoopbackServer, door: HttpDoor) -> None:
    """A plain-text server behind https gets no request."""
    failure = failure_of(door, f"https://127.0.0.1:{server.port}/a")
    assert isinstance(failure, Unreachable)
    assert not failure.accepted
    assert "TLS" in failure.what
    assert server.requests == []


def test_a_dead_proxy_is_named(door: HttpDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own proxy settings are honoured, and blamed when they are wrong."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
    failure = failure_of(door, "http://shop.example/")
    assert isinstance(failure, Unreachable)
    assert "proxy" in failure.what
    assert not failure.accepted


@pytest.mark.parametrize("url", ["ftp://x/y", "http://", "nonsense", "http://[::1"])
def test_an_unusable_address_is_an_error_of_ours(door: HttpDoor, url: str) -> None:
    """It neither crashes nor counts against the service."""
    failure = failure_of(door, url)
    assert isinstance(failure, Unreachable)
    assert not failure.retryable


# ---- secrets


def every_word_of(failure: BaseException) -> str:
    """All that could be logged of it, its causes included."""
    return "".join(traceback.format_exception(failure, chain=True)) + repr(failure.__context__)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=500, body=f"your key {KEY} is odd".encode()),
        Reply(status=401, body=f"no {KEY}".encode()),
        Reply(drop=True),
        Reply(body=b"x" * 50).truncated(3),
        Reply(status=302, headers={"location": f"http://other.example/?key={KEY}"}),
        Reply(body=b"{}", headers={"content-encoding": f"x{KEY}"[:4]}),
    ],
)
def test_no_failure_shows_a_secret(server: LoopbackServer, door: HttpDoor, reply: Reply) -> None:
    """Neither from the headers, nor from the query, nor when the server echoes it."""
    server.route("GET", "/a", reply)
    with pytest.raises(CallFailed) as caught:
        door.get(
            "shop",
            f"{server.url}/a",
            params={"key": "AIzaQueryQueryQueryQuery", "q": "tariffs"},
            headers={"Authorization": f"Bearer {KEY}", "x-api-key": "plain-looking-key"},
        )
    words = every_word_of(caught.value)
    assert KEY not in words
    assert "AIzaQuery" not in words
    assert "plain-looking-key" not in words
    assert "q=tariffs" in str(caught.value)


def test_a_header_that_cannot_be_sent_is_not_shown(door: HttpDoor) -> None:
    """A key pasted with a line break or a curly quote is the library's favourite leak."""
    for value in (f"{KEY}\nx", f"“{KEY}”"):
        with pytest.raises(Unreachable) as caught:
            door.get("shop", f"http://127.0.0.1:{closed_port()}/", headers={"x-api-key": value})
        assert KEY not in every_word_of(caught.value)


def test_the_library_logs_no_address(
    server: LoopbackServer, door: HttpDoor, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even with every log line switched on."""
    server.route("GET", "/a", Reply.json({}))
    with caplog.at_level(logging.DEBUG):
        door.get("shop", f"{server.url}/a", params={"key": "AIzaQueryQueryQueryQuery"})
    assert "AIzaQuery" not in caplog.text


def test_an_answer_shows_neither_body_nor_headers(server: LoopbackServer, door: HttpDoor) -> None:
    """A log line that prints it prints no document and no cookie."""
    server.route("GET", "/a", Reply(body=b"words", headers={"set-cookie": "id=7"}))
    shown = repr(door.get("shop", f"{server.url}/a"))
    assert "words" not in shown
    assert "id=7" not in shown


# ---- counting


def test_traffic_is_counted_per_service(server: LoopbackServer, door: HttpDoor) -> None:
    """Attempts, failures and bytes on the wire, each time since the last look."""
    server.route("GET", "/a", Reply(status=500, body=b"xx"), Reply(body=b"12345"))
    door.get("shop", f"{server.url}/a")
    taken = door.take_traffic()["shop"]
    assert (taken.calls, taken.failures, taken.received_bytes) == (2, 1, 7)
    assert door.take_traffic() == {}


def test_a_route_may_look_at_the_request(server: LoopbackServer, door: HttpDoor) -> None:
    """The test server itself: replies may be made from what was asked."""

    def echo(request: RecordedRequest) -> Reply:
        return Reply(body=request.query["q"][0].encode())

    server.route("GET", "/a", echo)
    assert door.get("shop", f"{server.url}/a", params={"q": "1"}).body == b"1"
