"""News feeds: what the trade press publishes, as headlines.

One scope per feed, with a cursor and a policy of its own ("feeds.NAME"): a feed that is
broken, slow or gone holds up no other. A feed that has become something else (a page of HTML,
410 Gone) rests for days, and says so each time it is passed over; the rest is in its cursor,
so that a restart does not wake it, and another address in the configuration does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urljoin, urlsplit

from earnings.headlines import clean_link
from earnings.mentions import Mentions
from earnings.sources.base import ByChoice, Discovery, Scope
from earnings.sources.feeds_cursor import BadCursor, FeedCursor, read_cursor
from earnings.sources.feeds_reading import Entry, Feed, NoFeed, read_feed
from earnings.sources.headlines_only import HeadlinesOnly, headline_of, plausible
from earnings.vocabulary import Company, Headline
from outside.answers import HttpAnswer
from outside.errors import BadAnswer, NotFound, TooLarge
from outside.http import HttpDoor
from resilience.clock import Clock
from resilience.outcomes import CallError, CallFailed, Outcome, Rejected, ShuttingDown

SERVICE = "feeds"
FRESH = timedelta(days=14)  # of what a feed holds when it is first read
OLDEST = timedelta(days=60)  # an older entry is no news, whenever it is seen
UNDATED_AT_FIRST = 20
GONE = timedelta(days=30)
MOST_HOPS = 3
_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.5, */*;q=0.1"
)
_FOR_EVER = frozenset({301, 308})


@dataclass(frozen=True)
class FeedAddress:
    name: str
    url: str


def service_of(feed: str) -> str:
    """The name of a feed's policy."""
    return f"{SERVICE}.{feed}"


@dataclass(frozen=True)
class _Fetched:
    answer: HttpAnswer
    url: str  # that answered
    moved_to: str  # for ever, "" if it was not


class Feeds(HeadlinesOnly):
    """The source. Knows nothing between scans but whom to look for."""

    def __init__(
        self,
        door: HttpDoor,
        clock: Clock,
        feeds: Sequence[FeedAddress],
        *,
        enabled: bool = False,
        max_bytes: int = 5_000_000,
        aliases: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._door = door
        self._clock = clock
        self._feeds = {feed.name: feed for feed in feeds}
        self._enabled = enabled
        self._max_bytes = max_bytes
        self._aliases = aliases or {}
        self._mentions = Mentions(())

    @property
    def name(self) -> str:
        return SERVICE

    def switched_off(self) -> str | None:
        if not self._enabled:
            return ByChoice("set enabled = true under [feeds] in retailxai.toml to read the news")
        if not self._feeds:
            return "no feed is on: switch one on under [feeds.list] in retailxai.toml"
        return None

    def greet(self) -> str:
        """Asks each feed; only if none answers it is an error."""
        failed: dict[str, CallError] = {}
        for name, feed in self._feeds.items():
            try:
                read_feed(self._fetched(feed, FeedCursor(feed.url)).answer, feed.url)
            except ShuttingDown:
                raise
            except NoFeed as wrong:
                failed[name] = _no_feed(feed, str(wrong))
            except CallError as error:
                failed[name] = _named(error, feed)
        if failed and len(failed) == len(self._feeds):
            raise next(iter(failed.values()))
        answer = f"{len(self._feeds) - len(failed)} of {len(self._feeds)} feeds can be read"
        return "; ".join([answer, *(error.what for error in failed.values())])

    def scopes(self, companies: Sequence[Company]) -> Iterable[Scope]:
        """One per feed; a headline may be about any of `companies`."""
        self._mentions = Mentions(companies, self._aliases)
        return [Scope(name, is_aside=True) for name in self._feeds]

    def discover(self, scope: Scope, cursor: str | None, since: date | None = None) -> Discovery:
        feed, now = self._feeds[scope.key], self._clock.now()
        known, notes = _known(feed, cursor)
        if known.rests_until is not None and now < known.rests_until:
            return Discovery((), cursor, (*notes, _rests(feed, known)))
        try:
            fetched = self._fetched(feed, known)
            if fetched.answer.status == HTTPStatus.NOT_MODIFIED:
                return Discovery((), known.text(), (*notes, *_moved(feed, fetched)))
            read = read_feed(fetched.answer, fetched.url)
        except ShuttingDown:
            raise
        except Rejected as rejected:  # of this feed alone: the others are asked
            told = str(_named(rejected, feed)).removeprefix(f"{SERVICE}: ")
            return Discovery((), cursor, (*notes, told))
        except NoFeed as wrong:
            return self._odd(feed, known, now, str(wrong), notes)
        except TooLarge as error:
            limit = f"{self._max_bytes / 1e6:,.1f} MB"
            why = f"it holds more than {limit} (feeds.max_bytes)"
            note = f"{feed.name} is not read: {why}"
            return Discovery((), cursor, (*notes, note, *((error.fix,) if error.fix else ())))
        except NotFound as error:
            if error.status != HTTPStatus.GONE:
                raise _named(error, feed) from error
            resting = known.resting(now, "its address says that it is gone (410)", at_least=GONE)
            return Discovery((), resting.text(), (*notes, _rests(feed, resting)))
        except CallError as error:
            raise _named(error, feed) from error
        return self._found(feed, known, fetched, read, since, notes)

    # ---- asking

    def _fetched(self, feed: FeedAddress, known: FeedCursor) -> _Fetched:
        """The answer, after a few redirects, to other hosts too. What was there for ever is
        told, so that a person can write the new address down."""
        headers = {"accept": _ACCEPT}
        headers |= {"if-none-match": known.etag} if known.etag else {}
        headers |= {"if-modified-since": known.modified} if known.modified else {}
        url, moved_to, for_ever = feed.url, "", True
        for _ in range(MOST_HOPS + 1):
            try:
                answer = self._door.get(
                    service_of(feed.name),
                    url,
                    headers=headers,
                    max_bytes=self._max_bytes,
                    follows=False,
                )
            except BadAnswer as error:
                goal = _goal(url, error.answer)
                if goal is None or error.answer is None or not _may_lead(feed.url, goal):
                    raise
                for_ever = for_ever and error.answer.status in _FOR_EVER
                url, moved_to = goal, goal if for_ever else moved_to
                continue
            return _Fetched(answer, url, moved_to)
        raise CallFailed(
            service_of(feed.name),
            f"redirects more than {MOST_HOPS} times",
            outcome=Outcome.NEUTRAL,
            fix="correct its address under [feeds.list]",
        )

    # ---- what came

    def _odd(
        self, feed: FeedAddress, known: FeedCursor, now: datetime, why: str, notes: tuple[str, ...]
    ) -> Discovery:
        """No feed any more: it rests if that is plain, and is a failed call if it may pass."""
        if "HTML" not in why:
            raise _named(_no_feed(feed, why), feed)
        resting = known.resting(now, f"it answers {why}, and no feed")
        return Discovery((), resting.text(), (*notes, _rests(feed, resting)))

    def _found(
        self,
        feed: FeedAddress,
        known: FeedCursor,
        fetched: _Fetched,
        read: Feed,
        since: date | None,
        notes: tuple[str, ...],
    ) -> Discovery:
        now, is_first = self._clock.now(), not known.seen
        told: list[Headline] = []
        links: list[str] = []
        undated = 0
        for entry in read.entries:
            headline = self._headline(feed, read, entry, now)
            if headline is None:
                continue
            links.append(headline.link)
            undated += headline.published_at is None
            if since is None and known.has(headline.link):
                continue
            if is_first and since is None and undated > UNDATED_AT_FIRST:
                continue
            if _is_news(headline.published_at, now, since, is_first=is_first):
                told.append(headline)
        headers = fetched.answer.headers
        kept = known.awake().with_seen(reversed(links))
        if not read.is_torn:  # one that is could not be read whole later: it "has not changed"
            kept = kept.with_validators(headers.get("etag", ""), headers.get("last-modified", ""))
        told.reverse()  # feeds have the newest first
        told.sort(key=lambda one: one.published_at or now)
        return Discovery((), kept.text(), (*notes, *_moved(feed, fetched)), tuple(told))

    def _headline(
        self, feed: FeedAddress, read: Feed, entry: Entry, now: datetime
    ) -> Headline | None:
        return headline_of(
            SERVICE,
            entry.title,
            entry.link,
            publisher=read.title or feed.name,
            published_at=plausible(entry.published_at, now),
            tickers=self._mentions.tickers(entry.title, entry.summary),
        )


def _known(feed: FeedAddress, cursor: str | None) -> tuple[FeedCursor, tuple[str, ...]]:
    if cursor is None:
        return FeedCursor(feed.url), ()
    try:
        known = read_cursor(cursor)
    except BadCursor as wrong:
        return FeedCursor(feed.url), (f"{feed.name}: {wrong}; read anew",)
    if known.url != feed.url:
        return FeedCursor(feed.url, seen=known.seen), ()
    return known, ()


def _is_news(told: datetime | None, now: datetime, since: date | None, *, is_first: bool) -> bool:
    if told is None:
        return True
    if since is not None:
        return told >= datetime.combine(since, time(), UTC)
    return told >= now - (FRESH if is_first else OLDEST)


def _goal(url: str, answer: HttpAnswer | None) -> str | None:
    """Where a redirect leads; None for any other answer."""
    if answer is None or not 300 <= answer.status < 400:
        return None
    target = answer.headers.get("location", "")
    try:
        return clean_link(urljoin(url, target)) if target else None
    except ValueError:
        return None


def _may_lead(asked: str, goal: str) -> bool:
    """Not from the open web into this machine or the network it stands in."""
    return _is_inside(asked) or not _is_inside(goal)


def _is_inside(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ip_address(host).is_global
    except ValueError:
        return False


def _rests(feed: FeedAddress, cursor: FeedCursor) -> str:
    until = f"{cursor.rests_until:%Y-%m-%d}" if cursor.rests_until else "later"
    return (
        f"{feed.name} is paused until {until}: {cursor.rests_why}; correct its address under "
        "[feeds.list] in retailxai.toml, or switch it off there"
    )


def _moved(feed: FeedAddress, fetched: _Fetched) -> tuple[str, ...]:
    if not fetched.moved_to:
        return ()
    return (
        f"{feed.name} has moved for good to {fetched.moved_to}: write that under [feeds.list] in "
        "retailxai.toml",
    )


def _no_feed(feed: FeedAddress, why: str) -> CallFailed:
    return CallFailed(
        service_of(feed.name),
        f"{feed.url} answered {why}",
        outcome=Outcome.NEUTRAL,
        fix="see whether its address under [feeds.list] is still right",
    )


def _named(error: CallError, feed: FeedAddress) -> CallError:
    """As this source's, which is what people know, with the feed's name in it."""
    error.service = SERVICE
    if not error.what.startswith(f"{feed.name}: "):
        error.what = f"{feed.name}: {error.what}"
    error.fix = (
        error.fix or f"see whether {feed.url} opens; switch it off under [feeds.list] if not"
    )
    return error
