"""A day of forty companies with every source and every analyst, in which each provider fails
in each way it documents, and which ends complete.

The shipped daemon, real processes, fake servers on the loopback interface. An hour is a slot
of the scan: the daemon starts, works until nothing moves any more, and is killed. Between two
hours what is written down of waits is moved into the past, as the time that passes would.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from dataclasses import field as of

import pytest

from resilience.clock import SystemClock
from tests.acceptance.day_models import CLAUDE, GROQ, OLLAMA
from tests.acceptance.day_papers import TICKERS, paper
from tests.acceptance.day_world import ON_X, ON_YOUTUBE, World, the_world
from tests.acceptance.installation import SCAN, Installation
from tests.acceptance.processes import eventually
from tests.servers import tavily as tavily_api
from tests.servers import x as x_api
from tests.servers.edgar import FEED_PATH, refusal_page, submissions_json, submissions_path
from tests.servers.http import Reply, closed_port
from tests.servers.youtube import CHANNELS, PLAYER, PLAYLIST, quota_exceeded, refusal

pytestmark = [pytest.mark.acceptance, pytest.mark.database]

T = TICKERS


@dataclass(frozen=True)
class Hour:
    """`lay`: what goes wrong and what is published; `at_its_end`: after its scan. `told`: what
    is said where ("runs": in what its scans are said to have met)."""

    lay: Callable[[World], None]
    told: Sequence[tuple[str, str]]
    at_its_end: Callable[[World], None] = lambda world: None
    environ: dict[str, str] = of(default_factory=dict)
    passes_h: float = 1.0
    midnight: bool = False


def dawn(world: World) -> None:
    """Everything is published for the first time, over a bad line; Claude refuses the key."""
    now = SystemClock().now()
    world.files(*T[:15], long=[T[6]])
    listed = {ticker: Reply.json(submissions_json(paper(ticker))) for ticker in T[:6]}

    def submissions(ticker: str, reply: Reply) -> None:
        world.sec.route("GET", submissions_path(paper(ticker).cik), reply)

    submissions(T[0], Reply(status=503))
    submissions(T[1], Reply(wait_s=60))
    submissions(T[2], Reply(body=b'{"cik": "00', headers={"content-type": "application/json"}))
    submissions(T[3], listed[T[3]].truncated(300))
    world.sec.route("GET", world.exhibit(T[4]), Reply(status=404))
    submissions(T[5], Reply(drop=True))

    world.claude.all_day = CLAUDE["401"]
    world.groq.lay(f"{T[6]} release", GROQ["413"])
    world.groq.lay(f"{T[7]} release", GROQ["429 minute"])
    world.groq.lay(f"{T[8]} release", GROQ["json_validate_failed"])
    world.groq.lay(f"{T[9]} release", GROQ["500"])

    world.holds_calls(now, silent=T[3])
    world.youtube.block()

    world.writes(1, now)
    feeds = world.feeds
    feeds.route("GET", "/away", Reply(status=404))
    feeds.route("GET", "/gone", Reply(status=410))
    feeds.route("GET", "/page", Reply.html("<!DOCTYPE html><html><p>Welcome</p></html>"))
    feeds.route("GET", "/torn", Reply(body=b"<rss><channel><item><title>Half a"))
    feeds.route("GET", "/big", Reply(body=b"<rss>" + b"x" * 200_000))
    feeds.route("GET", "/slow", Reply(wait_s=60))
    feeds.route("GET", "/cut", Reply(drop=True))
    feeds.route("GET", "/moved", Reply(status=301, headers={"location": "/moved-here"}))
    feeds.route("GET", "/moved-here", lambda request: moved_here(world))


def moved_here(world: World) -> Reply:
    from tests.servers import feeds as feed_papers

    return feed_papers.reply(feed_papers.rss(*world.news["moved"]))


HOURS: Sequence[Hour] = (
    Hour(
        dawn,
        (
            ("runs", "answered 503"),
            ("runs", "not JSON"),
        ),
    ),
)


@pytest.fixture
def world(house: Installation):
    with the_world(house) as made:
        yield made


def test_the_day_ends_complete(world: World) -> None:
    world.begin()
    for number, hour in enumerate(HOURS, 1):
        world.passes(hour.passes_h, midnight=hour.midnight)
        play(world, number, hour)


def play(world: World, number: int, hour: Hour) -> None:
    house = world.house
    hour.lay(world)
    slot = world.hour(number, **hour.environ)
    daemon = house.daemon()
    eventually(lambda: over(house, slot), f"the scan of hour {number} is over", 120)
    eventually(lambda: still(house), f"nothing moves in hour {number}", 60)
    hour.at_its_end(world)
    for cmd in (["status"], ["runs", "show", SCAN, slot], ["dead-letters"], ["quota"], ["agent"], ["breakers"]):
        print("=====", cmd)
        print(world.asks(*cmd))
    print(house.rows("select summary from job_run where slot=%s and job=%s", slot, SCAN))
    daemon.kill()


def over(house: Installation, slot: str) -> bool:
    (row,) = house.rows("select state from job_run where job = %s and slot = %s", SCAN, slot) or [("",)]
    return row[0] in ("succeeded", "failed", "deferred")


def still(house: Installation) -> bool:
    open_ = "select count(*) from dbos.workflow_status where status in ('PENDING', 'ENQUEUED')"
    return int(house.one(f"{open_} and workflow_uuid like 'doc:%'")) == 0
