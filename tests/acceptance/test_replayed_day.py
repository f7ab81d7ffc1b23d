"""A day of forty companies with every source and every analyst, in which each provider fails
in each way it documents, and which ends complete.

The shipped daemon, real processes, fake servers on the loopback interface. An hour is a slot
of the scan: the daemon starts, works until nothing moves any more, and is killed. Between two
hours what is written down of waits is moved into the past, as the time that passes would.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as of

import pytest

from resilience.clock import SystemClock
from tests.acceptance.day_models import (
    CALL,
    CLAUDE,
    GROQ,
    LATER,
    OLLAMA,
    RELEASE,
    paid_twice,
)
from tests.acceptance.day_papers import TICKERS, later_paper, paper, unpublished
from tests.acceptance.day_world import KEYS, World, the_world
from tests.acceptance.installation import SCAN, Installation
from tests.acceptance.processes import eventually
from tests.length import IS_LONG
from tests.servers import tavily as tavily_api
from tests.servers import x as x_api
from tests.servers.claude_batches import BatchDesk
from tests.servers.edgar import FEED_PATH, Shown, refusal_page, submissions_json
from tests.servers.http import Reply, closed_port
from tests.servers.youtube import CHANNELS, PLAYLIST, VIDEOS, quota_exceeded, refusal

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]

T = TICKERS
# Who publishes when: the first of them meet what goes wrong in that hour.
AT_DAWN, REFUSED, USED_UP, OVERLOADED, AT_LAST = (
    (T[:15], T[15:23], T[23:28], T[28:31], T[31:])
    if IS_LONG
    else (T[:10], T[10:13], T[13:14], T[14:15], T[15:])
)


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
    """Everything is published for the first time, over a bad line."""
    now = SystemClock().now()
    world.files(*AT_DAWN, long=[T[6]])
    listed = Reply.json(submissions_json(paper(T[3])))
    world.lists(T[0], Reply(status=503))
    world.lists(T[1], Reply(wait_s=60))
    world.lists(T[2], Reply(body=b'{"cik": "00', headers={"content-type": "application/json"}))
    world.lists(T[3], listed.truncated(300))
    world.sec.route("GET", world.exhibit(T[4]), Reply(status=404))
    world.lists(T[5], Reply(drop=True))

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
    world.serve_feed("moved", at="/moved-here")
    world.search_fails(REFUSED[0], Reply(status=500))
    world.posts_fail(T[4], Reply(status=503))


def blocked(world: World) -> None:
    """The SEC takes us for too many; YouTube's day of questions is used up."""
    for ticker in T:
        world.lists(ticker, Reply.html(refusal_page("rate"), 403))
    for path in (CHANNELS, PLAYLIST, VIDEOS):
        world.youtube.route("GET", path, quota_exceeded())


def refused(world: World) -> None:
    """The line is good again. Who is asked for money or a key refuses."""
    for ticker in T:
        world.sec.add(unpublished(ticker))
    world.files(*AT_DAWN, *REFUSED, long=[T[6]])
    world.feeds_are_well("away", "torn", "big", "slow", "cut", "moved")
    world.claude.all_day = CLAUDE["402"]
    world.groq.all_day = GROQ["401"]
    world.ollama.lay(f"{REFUSED[0]} release", OLLAMA["truncated"])
    world.ollama.lay(f"{REFUSED[1]} release", OLLAMA["garbled"])
    world.ollama.lay(f"{REFUSED[2]} release", OLLAMA["slow"])
    world.tavily.route("POST", "/search", tavily_api.refusal(401))
    world.x_answers(x_api.refusal(401, "Unauthorized", "Unauthorized"))
    world.writes(3, SystemClock().now())


def used_up(world: World) -> None:
    """Money, minutes and a model are missing; the key for YouTube is no good any more."""
    world.youtube.serve()
    world.youtube.route("GET", CHANNELS, refusal(400, "keyInvalid"))
    world.youtube.route("GET", VIDEOS, refusal(400, "keyInvalid"))
    world.files(*USED_UP)
    world.claude.all_day = CLAUDE["spend limit"]
    world.groq.all_day = GROQ["429 day"]
    world.ollama.all_day = OLLAMA["model missing"]
    world.tavily.route("POST", "/search", tavily_api.refusal(429, retry_after="900"))
    ends = f"{SystemClock().now().timestamp() + 900:.0f}"
    full = x_api.refusal(429, "Too Many Requests", "Too Many Requests", x_rate_limit_reset=ends)
    world.x_answers(full)


def overloaded(world: World) -> None:
    """Claude is overloaded, Groq's day is not over, Ollama does not run. The key for YouTube is
    mended; single channels and films are ill."""
    world.sec.show()
    world.youtube.serve()
    world.channel_fails(T[0], refusal(503, "backendError", "global"))
    world.list_fails(T[1], refusal(404, "playlistNotFound", "youtube.playlistItem"))
    world.garbles(T[2])
    world.files(*OVERLOADED)
    world.claude.all_day = CLAUDE["529"]
    world.groq.all_day = world.ollama.all_day = None
    world.tavily.route("POST", "/search", tavily_api.refusal(432))
    world.serve_posts()
    world.x.errors = [{"title": "Not Found Error", "detail": "A post is not there any more."}]


def one_by_one(world: World) -> None:
    """Everybody answers, but for single questions to Claude."""
    world.sec.show()
    world.youtube.serve()
    world.files(*AT_LAST)
    world.claude.all_day = None
    for ticker, fault in zip(AT_LAST, AT_CLAUDE, strict=False):
        world.claude.lay(f"{ticker} release", CLAUDE[fault])
    world.tavily.route("POST", "/search", tavily_api.refusal(433))
    world.serve_posts()
    world.writes(6, SystemClock().now())
    world.addresses |= {name: f"{world.feeds.url}/{name}-again" for name in ("gone", "page")}
    world.serve_feed("gone", at="/gone-again")
    world.serve_feed("page", at="/page-again")


def well(world: World) -> None:
    """Nothing is wrong any more, and Claude is asked in batches."""
    BatchDesk(world.claude_server, world.claude.in_a_batch, at_once=True)
    world.serve_search()
    world.writes(7, SystemClock().now())


def block_the_feed(reply: Reply) -> Callable[[World], None]:
    """The watch of the SEC's feed is refused, after the scan."""

    def lay(world: World) -> None:
        world.sec.route("GET", FEED_PATH, reply)
        pause = "select count(*) from policy_pause where service = 'edgar' and ends_at > now()"
        eventually(lambda: world.house.one(pause), "the watch is refused")

    return lay


def amend(world: World) -> None:
    """Without a scan: the watch sees it in the feed."""
    company = later_paper(T[9])
    world.sec.add(company)
    world.documents.add(("edgar", company.filings[0].accession))
    world.sec.show(Shown(company, company.filings[0]))
    read = (
        "select count(*) from analysis a join document d on d.id = a.document_id"
        " where d.external_id = %s and a.is_current and a.analyst = 'claude'"
    )
    eventually(lambda: world.house.one(read, company.filings[0].accession), "Claude read it")


AT_CLAUDE = (
    *("429", "500", "529", "400 spend limit"),
    *("refusal", "max_tokens", "garbled", "slow"),
)
RUN, STATUS, AGENTS, LETTERS, QUOTA = "runs show", "status", "agent", "dead-letters", "quota"
COST, OF_OLLAMA = "cost", "agent show ollama"


def behind(ticker: str) -> str:
    """The look at what stands behind the reading of a company's release."""
    return f"evidence {ticker}"


BATCHES = {
    "RETAILXAI_CLAUDE_BATCHES": "true",
    "RETAILXAI_CLAUDE_BATCH_GATHER_S": "0.3",
    "RETAILXAI_CLAUDE_BATCH_LOOK_S": "0.3",
}
HOURS: Sequence[Hour] = (
    Hour(
        dawn,
        (
            (RUN, "answered 503"),
            (RUN, "no answer in 3 s"),
            (RUN, "not JSON"),
            (RUN, "the answer was cut off"),
            (RUN, "the connection broke before an answer came"),
            (RUN, "release.htm answered 404"),
            (RUN, "YouTube blocks this address"),
            (RUN, "/away answered 404"),
            (RUN, "gone is paused until"),
            (RUN, "page is paused until"),
            (RUN, "breaks off before its first whole entry"),
            (RUN, "big is not read: it holds more than 0.1 MB"),
            (RUN, "/slow: no answer in 2 s"),
            (RUN, "moved has moved for good"),
            (RUN, "search answered 500"),
            (RUN, "user.fields=username answered 503"),
            (AGENTS, "claude: refused the API key (401 authentication_error)"),
            (STATUS, "1 paid call is in doubt"),
            (LETTERS, "youtube_transcripts"),
            (behind(T[8]), "groq's model wrote no JSON of the agreed shape"),
        ),
    ),
    Hour(
        blocked,
        (
            (RUN, "too many requests from this address"),
            (STATUS, "too many requests from this address"),
            (QUOTA, "youtube units day 10,000 10,000 0"),
        ),
    ),
    Hour(
        refused,
        (
            (RUN, "tavily: the key is refused (401)"),
            (RUN, "x: the token is refused (401)"),
            (RUN, "youtube: the 10000 units of this day are used up"),
            (AGENTS, "claude: refused for billing (402 billing_error)"),
            (AGENTS, "groq: refused the API key (401 invalid_api_key)"),
            (OF_OLLAMA, "ollama cut the question in silence"),
            (RUN, "ollama's answer is not of the agreed shape"),
            (OF_OLLAMA, "no answer in 2 s"),
        ),
        block_the_feed(Reply.html(refusal_page("rate"))),
    ),
    Hour(
        used_up,
        (
            (RUN, "YouTube refuses the key"),
            (RUN, "search answered 429"),
            (RUN, "too many requests (429)"),
            (AGENTS, "monthly spend limit is reached"),
            (AGENTS, "groq: asked us to slow down (429 rate_limit_exceeded)"),
            (LETTERS, "monthly spend limit is reached"),
            (LETTERS, "claude"),
            (RUN, "ollama pull"),
        ),
        block_the_feed(Reply(status=429)),
        midnight=True,
    ),
    Hour(
        overloaded,
        (
            (RUN, "backendError"),
            (RUN, "YouTube shows no list of what @qabx published"),
            (RUN, "youtube_transcripts: "),
            (RUN, "tavily: the credits of its plan are used up (432)"),
            (RUN, "A post is not there any more."),
            (AGENTS, "claude: is overloaded (529 overloaded_error)"),
            (RUN, "/api/tags: "),
        ),
        environ={"OLLAMA_HOST": f"http://127.0.0.1:{closed_port()}"},
    ),
    Hour(
        one_by_one,
        (
            (RUN, "(433)"),
            (STATUS, "paid calls are in doubt"),
            (behind(AT_LAST[3]), "You have reached your specified workspace API usage limits"),
            (behind(AT_LAST[4]), "claude refused the document"),
            (behind(AT_LAST[5]), "claude was cut off"),
            (behind(AT_LAST[6]), "claude's answer is not of the agreed shape"),
        ),
    ),
    Hour(well, ((COST, "claude: 1 of the"), (COST, "answers came in batches")), amend, BATCHES),
)


@pytest.fixture
def world(house: Installation) -> Iterator[World]:
    with the_world(house) as made:
        yield made


@pytest.mark.timeout(900)  # seven starts of the daemon, and what a person looks at in each hour
def test_the_day_ends_complete(world: World) -> None:
    """Whatever was ever offered is there, once, and read by whom the ledger names; nothing was
    paid for twice; each trouble was told where a person looks; no key got anywhere."""
    world.begin()
    for number, hour in enumerate(HOURS, 1):
        world.passes(hour.passes_h, midnight=hour.midnight)
        play(world, number, hour)
    last = world.asks(["scan"])[0]
    assert "Nothing new" in last, last
    everything_is_there_once(world)
    feeds_were_asked_whether_they_changed(world)
    who_read_it_is_told(world)
    nothing_is_paid_for_twice(world)
    nothing_waits(world)
    no_key_is_anywhere(world)


def play(world: World, number: int, hour: Hour) -> None:
    house = world.house
    world.sec.show()
    hour.lay(world)
    slot = world.hour(number, **hour.environ)
    daemon = house.daemon()
    eventually(lambda: over(house, slot), f"the scan of hour {number} is over", 180)
    eventually(lambda: still(house), f"nothing moves in hour {number}", 120)
    hour.at_its_end(world)
    looks = list(dict(hour.told))
    commands = [command(house, look, slot) for look in looks]
    said = {
        look: " ".join(words.split())  # columns are as wide as what stands in them
        for look, words in zip(looks, world.asks(*commands), strict=True)
    }
    untold = [(look, words) for look, words in hour.told if words not in said[look]]
    assert not untold, f"hour {number}: {untold}\n" + "\n".join(said.values())
    daemon.kill()


def command(house: Installation, look: str, slot: str) -> list[str]:
    """What a person types. What stands behind a reading is asked for by its company."""
    if look == RUN:
        return [*look.split(), SCAN, slot]
    verb, *rest = look.split()
    if verb != "evidence":
        return [verb, *rest]
    claim = (
        "select min(i.id) from insight i join analysis a on a.id = i.analysis_id and a.is_current"
        " join document d on d.id = i.document_id and d.source = 'edgar'"
        " where i.status = 'claimed' and d.ticker = %s"
    )
    return [verb, str(house.one(claim, *rest))]


def over(house: Installation, slot: str) -> bool:
    """Also those that were put off before and can be run now."""
    asked = (
        "select slot, state in ('succeeded', 'failed', 'skipped')"
        " or (state = 'deferred' and not_before > now()) from job_run where job = %s"
    )
    runs = dict(house.rows(asked, SCAN))
    return slot in runs and all(runs.values())


def still(house: Installation) -> bool:
    open_ = "select count(*) from dbos.workflow_status where status in ('PENDING', 'ENQUEUED')"
    return int(house.one(f"{open_} and workflow_uuid like 'doc:%'")) == 0


# ---- the end of the day -----------------------------------------------------------------


def everything_is_there_once(world: World) -> None:
    house = world.house
    assert sorted(house.rows("select source, external_id from document")) == sorted(world.documents)
    assert house.rows("select title, state, reason from document where state <> 'analysed'") == []
    assert sorted(link for (link,) in house.rows("select link from headline")) == sorted(
        world.links
    )
    fetched = Counter(path for path in world.sec.paths() if path.endswith("/release.htm"))
    again = {path for path, times in fetched.items() if times > 1}
    assert again == {world.exhibit(T[4])}, "the one that was not there at first"


def feeds_were_asked_whether_they_changed(world: World) -> None:
    """And told that they had not."""
    assert {status for path, status in world.feed_answers if path == "/calm"} == {200, 304}


def who_read_it_is_told(world: World) -> None:
    asked = (
        "select d.ticker, d.source, d.published_at, a.analyst from document d"
        " join analysis a on a.document_id = d.id and a.is_current order by 1, 3"
    )
    models = {"claude": world.claude, "groq": world.groq, "ollama": world.ollama}
    read = world.house.rows(asked)
    assert len(read) == len(world.documents)
    for ticker, source, published, analyst in read:
        kind = LATER if published.month == 11 and source == "edgar" else RELEASE
        about = f"{ticker} {CALL if source == 'youtube' else kind}"
        assert about in models[analyst].answered(), (about, analyst)


def nothing_is_paid_for_twice(world: World) -> None:
    """By the providers' own books; what may have been paid for is listed for a person."""
    assert paid_twice(world.claude, world.groq) == []
    books = ((world.claude, CLAUDE), (world.groq, GROQ), (world.ollama, OLLAMA))
    for model, faults in books:
        assert model.unmet() == []
        assert set(faults) <= {one.says.name for one in model.served}, "each was met"
    listed = json.loads(world.house.run("paid", "--json").out)["calls"]
    assert sorted(one["provider"] for one in listed) == ["claude", "claude", "groq"]


def nothing_waits(world: World) -> None:
    house = world.house
    assert house.rows("select error from dead_letter where state in ('waiting', 'replaying')") == []
    states = {state for (state,) in house.rows("select state from job_run where job = %s", SCAN)}
    assert states <= {"succeeded", "skipped"}, states


def no_key_is_anywhere(world: World) -> None:
    house = world.house
    logs = [path.read_text(encoding="utf-8") for path in (house.folder / "logs").iterdir()]
    for key in KEYS:
        assert not [text for text in (*world.said, *logs) if key in text]
    tables = house.rows("select quote_ident(table_name) from information_schema.tables"
                        " where table_schema = 'public' and table_type = 'BASE TABLE'")  # fmt: skip
    for (table,) in tables:
        asked = f"select count(*) from {table} t where t::text like any(%s)"
        assert house.one(asked, [f"%{key}%" for key in KEYS]) == 0, table
