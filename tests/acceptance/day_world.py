"""The world of the replayed day on the loopback interface: every source and every analyst, what
they offer, and the time that passes between two hours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from earnings.headlines import clean_link
from resilience.clock import SystemClock
from storage.database import Database
from storage.ledger import Ledger
from storage.pool import PoolSettings
from storage.schema import migrate
from tests.acceptance import day_models
from tests.acceptance.day_papers import (
    TICKERS,
    article,
    call_id,
    paper,
    post,
    station,
    unpublished,
)
from tests.acceptance.installation import CONTACT, SCAN, Installation
from tests.servers import claude as claude_api
from tests.servers import feeds as feed_papers
from tests.servers import groq as groq_api
from tests.servers import ollama as ollama_api
from tests.servers import tavily as tavily_api
from tests.servers import x as x_api
from tests.servers import youtube as youtube_api
from tests.servers.claude import ClaudeServer
from tests.servers.edgar import EdgarServer, Filer, filing_path, submissions_path
from tests.servers.feeds import Article
from tests.servers.groq import GroqServer
from tests.servers.http import Answering, LoopbackServer, RecordedRequest, Reply
from tests.servers.ollama import OllamaServer
from tests.servers.tavily import TavilyServer
from tests.servers.x import XServer
from tests.servers.youtube import YouTubeServer

WATCH = "edgar_watch"
APPLE = 320193  # its number at the SEC, for greetings
FEEDS = ("calm", "away", "gone", "page", "torn", "big", "slow", "moved", "cut")
ON_YOUTUBE = TICKERS[:6]
ON_X = TICKERS[:10]
BIGGEST_FEED = 100_000
KEYS = (
    claude_api.KEY,
    groq_api.KEY,
    tavily_api.KEY,
    x_api.TOKEN,
    youtube_api.KEY,
)

# Shipped numbers but for what would make a test wait: pauses between tries, and paces that are
# those of small accounts.
_POLICIES = """
[policies.youtube]
wait_s = 0.05
max_wait_s = 0.2
timeout_s = 3
[policies.youtube_transcripts]
wait_s = 0.05
max_wait_s = 0.2
timeout_s = 3
[policies.feeds]
preset = "feed"
wait_s = 0.05
max_wait_s = 0.2
timeout_s = 2
[policies.tavily]
preset = "tavily"
wait_s = 0.05
max_wait_s = 0.2
timeout_s = 3
rates = [{ rate = 1000, burst = 50, shared = true }]
quotas = [{ resource = "credits", limit = 1000, per = "month" }]
[policies.x]
preset = "social"
wait_s = 0.05
max_wait_s = 0.2
timeout_s = 3
rates = [{ rate = 1000, burst = 50, shared = true }]
[policies.groq]
preset = "groq"
wait_s = 0.05
max_wait_s = 2
timeout_s = 5
failure_threshold = 8
rates = [{ rate = 1000, burst = 50, shared = true }]
[policies.ollama]
wait_s = 0.05
max_wait_s = 0.2
timeout_s = 2
deadline_s = 20
failure_threshold = 8
"""
_SHIPPED_FEEDS = (
    *("retaildive", "grocerydive", "supplychaindive", "chainstoreage"),
    *("modernretail", "retailgazette", "pymnts"),
)
# More faults come in one hour here than in a month elsewhere.
_PATIENT = {"failure_threshold": 8, "minimum_calls": 20}


@dataclass
class World:
    """`offered`: what the servers ever showed, by the names it is stored under."""

    house: Installation
    sec: EdgarServer
    youtube: YouTubeServer
    feeds: LoopbackServer
    tavily: TavilyServer
    x: XServer
    claude_server: ClaudeServer
    groq_server: GroqServer
    ollama_server: OllamaServer
    claude: day_models.Model = field(default_factory=day_models.claude)
    groq: day_models.Model = field(default_factory=day_models.groq)
    ollama: day_models.Model = field(default_factory=day_models.ollama)
    documents: set[tuple[str, str]] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    news: dict[str, list[Article]] = field(default_factory=dict)  # by feed
    addresses: dict[str, str] = field(default_factory=dict)  # of feeds
    found: dict[str, list[dict[str, object]]] = field(default_factory=dict)  # by ticker
    feed_answers: list[tuple[str, int]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)  # by every command

    # ---- what they publish --------------------------------------------------------------

    def files(self, *tickers: str, long: Iterable[str] = ()) -> None:
        """Releases, at the SEC."""
        for ticker in tickers:
            company = paper(ticker, is_long=ticker in long)
            self.sec.add(company)
            self.documents.add(("edgar", company.filings[0].accession))

    def exhibit(self, ticker: str) -> str:
        company = paper(ticker)
        return filing_path(company.cik, company.filings[0], "/release.htm")

    def holds_calls(self, now: datetime, *, silent: str) -> None:
        for ticker in ON_YOUTUBE:
            self.youtube.add(station(ticker, now, has_captions=ticker != silent))
            self.documents.add(("youtube", call_id(ticker)))

    def writes(self, hour: int, now: datetime) -> None:
        """The news of an hour: an article in each feed, one for some companies in the search,
        and posts."""
        for number, feed in enumerate(FEEDS):
            told = article(TICKERS[number], feed, hour, now)
            self.news.setdefault(feed, []).append(told)
            self.links.add(clean_link(told.link) or "")
        for ticker in TICKERS:
            told = article(ticker, "search", hour, now)
            self.found.setdefault(ticker, []).append(
                tavily_api.result(told.title, told.link, told.told)
            )
            self.links.add(clean_link(told.link) or "")
        for ticker in ON_X:
            told_by = post(ticker, hour, now)
            self.x.posts.append(told_by)
            self.links.add(f"https://x.com/{ticker.lower()}stores/status/{told_by.number}")

    def serve_feed(self, name: str, at: str = "") -> None:
        """Well, and with 304 to whoever has it already."""

        def answer(request: RecordedRequest) -> Reply:
            tag = f'"{len(self.news[name])}"'
            is_known = request.headers.get("if-none-match") == tag
            self.feed_answers.append((request.path, 304 if is_known else 200))
            if is_known:
                return Reply(status=304)
            return feed_papers.reply(feed_papers.rss(*self.news[name]), etag=tag)

        self.feeds.route("GET", at or f"/{name}", answer)

    def feeds_are_well(self, *names: str) -> None:
        for name in names:
            self.serve_feed(name)

    def lists(self, ticker: str, reply: Reply) -> None:
        """What the SEC answers to whoever asks for the company's filings."""
        self.sec.route("GET", submissions_path(paper(ticker).cik), reply)

    def search_fails(self, ticker: str, reply: Reply) -> None:
        """Until all search is well again."""
        well = self._search

        def answer(request: RecordedRequest) -> Reply:
            return reply if f"({ticker})" in request.json()["query"] else well(request)

        self.tavily.route("POST", "/search", answer)

    def posts_fail(self, ticker: str, reply: Reply) -> None:
        def answer(request: RecordedRequest) -> Reply:
            mine = request.query["query"][0].startswith(f"from:{ticker.lower()}stores ")
            return reply if mine else self.x.search(request)

        self.x_answers(answer)

    def x_answers(self, answering: Answering) -> None:
        self.x.route("GET", x_api.RECENT, answering)

    def channel_fails(self, ticker: str, reply: Reply) -> None:
        well = self.youtube.channels

        def answer(request: RecordedRequest) -> Reply:
            mine = f"@{ticker.lower()}" in request.query.get("forHandle", [""])
            return reply if mine else well(request)

        self.youtube.route("GET", youtube_api.CHANNELS, answer)

    def list_fails(self, ticker: str, reply: Reply) -> None:
        well = self.youtube.uploads

        def answer(request: RecordedRequest) -> Reply:
            return reply if ticker.lower() in request.query["playlistId"][0] else well(request)

        self.youtube.route("GET", youtube_api.PLAYLIST, answer)

    def garbles(self, ticker: str) -> None:
        """The page of its call."""
        well = self.youtube.player

        def answer(request: RecordedRequest) -> Reply:
            is_its = request.json()["videoId"] == call_id(ticker)
            return Reply(body=b'{"playabilityStatus": [') if is_its else well(request)

        self.youtube.route("POST", youtube_api.PLAYER, answer)

    def serve_search(self) -> None:
        self.tavily.route("POST", "/search", self._search)

    def _search(self, request: RecordedRequest) -> Reply:
        if request.headers.get("authorization") != f"Bearer {tavily_api.KEY}":
            return tavily_api.refusal(401)
        query = request.json()["query"]
        (mine,) = (found for ticker, found in self.found.items() if f"({ticker})" in query)
        return tavily_api.found(mine)

    def serve_posts(self) -> None:
        self.x.errors = []
        self.x_answers(self.x.search)

    # ---- the program --------------------------------------------------------------------

    def hour(self, number: int, **environ: str) -> str:
        """The configuration of an hour whose scan is due; its slot."""
        due = SystemClock().now() - timedelta(minutes=15 - number)
        lines = [
            "[schedule]",
            'zone = "UTC"',
            "tick_s = 0.2",
            "[schedule.jobs]",
            f'{SCAN} = {{ at = "{due:%H:%M}" }}',
            f'{WATCH} = {{ at = "{self.watch_at}" }}',
            '[edgar]\nwatch = "always"\nwatch_every_s = 1',
            f"[feeds]\nenabled = true\nmax_bytes = {BIGGEST_FEED}",
            *(f'[feeds.list.{name}]\nurl = "{url}"' for name, url in self.addresses.items()),
            *(f"[feeds.list.{name}]\nenabled = false" for name in _SHIPPED_FEEDS),
            "[x]\nenabled = true",
            _POLICIES,
        ]
        about = {ticker: f'youtube = "@{ticker.lower()}"' for ticker in ON_YOUTUBE}
        for ticker in ON_X:
            about[ticker] = about.get(ticker, "") + f'\nx = "@{ticker.lower()}stores"'
        quick = {"wait_s": 0.05, "max_wait_s": 2, "timeout_s": 3, **_PATIENT}
        self.house.configure(
            companies=[unpublished(t) for t in TICKERS], policies=quick,
            more="\n".join(lines), about=about,
        )  # fmt: skip
        self.house.environ |= {"OLLAMA_HOST": self.ollama_server.url, **environ}
        return f"{due:%Y-%m-%dT%H:%M}"

    @property
    def watch_at(self) -> str:
        return f"{self._began - timedelta(minutes=20):%H:%M}"

    def begin(self) -> None:
        """As a machine that knew its schedule."""
        clock = SystemClock()
        self._began = clock.now()
        before = self._began - timedelta(minutes=25)
        assert self.house.dsn is not None
        migrate(self.house.dsn)
        database = Database(self.house.dsn, PoolSettings(size=1, overflow=0))
        known = f"{before:%Y-%m-%dT%H:%M}"
        ledger = Ledger(database, clock)
        for job in (SCAN, WATCH):
            ledger.decide(job, known, before, "skipped", "the last before", "-")
        database.close()

    def passes(self, hours: float, *, midnight: bool = False) -> None:
        """Time, for what is written down of waits while no process runs. `midnight`: it becomes
        another day in California."""
        span = f"interval '{hours} hours'"
        for statement in (
            f"update policy_pause set ends_at = ends_at - {span} returning 1",
            f"update policy_breaker set open_until = open_until - {span}"
            " where open_until is not null returning 1",
            f"update job_run set not_before = not_before - {span}"
            " where not_before is not null returning 1",
            "update dead_letter set payload = jsonb_set(payload, '{retry_at}', to_jsonb(to_char("
            f"((payload->>'retry_at')::timestamptz - {span}) at time zone 'UTC',"
            " 'YYYY-MM-DD\"T\"HH24:MI:SS+00:00'))) where payload ? 'retry_at' returning 1",
        ):
            self.house.rows(statement)
        if midnight:
            self.house.rows(
                "update job_run set not_before = now() where state = 'deferred' returning 1"
            )
            self.house.rows("delete from policy_quota where service = 'youtube' returning 1")
            self.house.rows("delete from policy_pause where service ~ '^youtube' returning 1")

    def asks(self, *commands: Sequence[str]) -> list[str]:
        """All that each of the commands says."""
        said = [ended.said for ended in self.house.run_together(*commands)]
        self.said += said
        return said


@contextmanager
def the_world(house: Installation) -> Iterator[World]:
    with ExitStack() as servers:
        world = World(
            house,
            servers.enter_context(EdgarServer()),
            servers.enter_context(YouTubeServer()),
            servers.enter_context(LoopbackServer()),
            servers.enter_context(TavilyServer()),
            servers.enter_context(XServer()),
            servers.enter_context(ClaudeServer()),
            servers.enter_context(GroqServer()),
            servers.enter_context(OllamaServer()),
        )
        world.claude_server.answers(world.claude)
        world.claude_server.knows("claude-sonnet-5-5")
        world.groq_server.answers(world.groq)
        world.groq_server.serves(groq_api.MODEL)
        world.ollama_server.answers(world.ollama)
        world.ollama_server.has(ollama_api.MODEL)
        world.sec.show()
        world.sec.add(Filer(APPLE, "APPLE INC", ("AAPL",), ()))
        for ticker in TICKERS:
            world.sec.add(unpublished(ticker))
        world.addresses = {name: f"{world.feeds.url}/{name}" for name in FEEDS}
        for name in FEEDS:
            world.serve_feed(name)
        world.serve_search()
        house.environ |= _environ(world)
        yield world


def _environ(world: World) -> Mapping[str, str]:
    return {
        "SEC_CONTACT": CONTACT,
        "RETAILXAI_SEC_WWW_URL": world.sec.url,
        "RETAILXAI_SEC_DATA_URL": world.sec.url,
        "RETAILXAI_SEC_REQUESTS_PER_S": "10",
        "YOUTUBE_API_KEY": youtube_api.KEY,
        "RETAILXAI_YOUTUBE_API_URL": world.youtube.url,
        "RETAILXAI_YOUTUBE_WATCH_URL": world.youtube.url,
        "TAVILY_API_KEY": tavily_api.KEY,
        "RETAILXAI_TAVILY_BASE_URL": world.tavily.url,
        "X_BEARER_TOKEN": x_api.TOKEN,
        "RETAILXAI_X_BASE_URL": world.x.url,
        "ANTHROPIC_API_KEY": claude_api.KEY,
        "RETAILXAI_CLAUDE_BASE_URL": world.claude_server.url,
        "RETAILXAI_CLAUDE_BATCHES": "false",
        "GROQ_API_KEY": groq_api.KEY,
        "RETAILXAI_GROQ_BASE_URL": world.groq_server.url,
        "RETAILXAI_OLLAMA_MODEL": ollama_api.MODEL,
    }
