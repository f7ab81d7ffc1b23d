"""YouTube: the earnings calls that companies put on their own channels.

    channel by its handle -> its uploads since the cursor -> those that are calls -> captions

A lead is a film, named for ever by its id. Whether an upload is a call is told by title, date,
length and the company's calendar (youtube_calls); all others are no documents. The captions
are fetched with the film, under a policy of their own ("youtube_transcripts"), because they
come from YouTube's pages and not from its interface: an address that is blocked there can
still ask for everything else. A call waits some days for its captions; then it is read from
what its publisher wrote, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from earnings.recording import RECORDING, Recording
from earnings.sources.base import ByChoice, Discovery, DocumentRefused, Scope
from earnings.sources.moments import iso
from earnings.sources.youtube_calls import might_be_call, why_no_call
from earnings.sources.youtube_cursor import BadCursor, Cursor, moved, read_cursor
from earnings.sources.youtube_data import SERVICE, YouTubeData
from earnings.sources.youtube_transcripts import Gone, NoCaptions, NotOver, Transcripts
from earnings.sources.youtube_videos import Channel, Upload, Video
from earnings.vocabulary import Company, Lead, RawDocument
from outside.errors import NotFound, TooLarge
from outside.http import HttpDoor
from resilience.clock import Clock
from resilience.outcomes import CallError, Rejected, ShuttingDown

FIRST_UPLOADS = 300  # that are looked at for a channel's latest call
NEW_CAPTIONS = timedelta(hours=6)  # after a call: a machine takes hours to write them
GIVEN_UP = timedelta(days=30)  # a premiere that never comes
WATCH = "https://www.youtube.com/watch?v="


class Youtube:
    """The source. Knows nothing between calls. `channels`: by ticker, "@handle" or an id;
    `searches`: for one that there is not, what YouTube finds by the company's name is told."""

    def __init__(
        self,
        door: HttpDoor,
        clock: Clock,
        *,
        api_key: str | None,
        channels: Mapping[str, str],
        api_url: str = "https://youtube.googleapis.com",
        watch_url: str = "https://www.youtube.com",
        languages: Sequence[str] = ("en",),
        enabled: bool = True,
        with_transcripts: bool = True,
        searches: bool = False,
        patience: timedelta = timedelta(days=3),
        max_document_bytes: int = 25_000_000,
    ) -> None:
        self._data = YouTubeData(door, clock, api_key=api_key or "", url=api_url)
        self._transcripts = Transcripts(
            door, clock, url=watch_url, languages=languages, max_bytes=max_document_bytes
        )
        self._clock = clock
        self._api_key = api_key
        self._channels = dict(channels)
        self._enabled = enabled
        self._with_transcripts = with_transcripts
        self._searches = searches
        self._patience = patience
        self._max_document_bytes = max_document_bytes

    @property
    def name(self) -> str:
        return SERVICE

    def switched_off(self) -> str | None:
        if not self._enabled:
            return ByChoice("set enabled = true under [youtube] in retailxai.toml")
        if not self._api_key:
            how = "set YOUTUBE_API_KEY to a key for the YouTube Data API v3 (free, Google Cloud)"
            return how if self._channels else ByChoice(how)
        if not self._channels:
            return 'name a channel in retailxai.toml: youtube = "@handle" under [[companies]]'
        return None

    def greet(self) -> str:
        self._data.greet()
        return "YouTube answers to this key (it took 1 unit of its day)"

    def scopes(self, companies: Sequence[Company]) -> Iterable[Scope]:
        """One per company with a channel."""
        return [
            Scope(self._channels[company.ticker], company, can_wait=True)
            for company in companies
            if company.ticker in self._channels and not company.is_sample
        ]

    def discover(self, scope: Scope, cursor: str | None, since: date | None = None) -> Discovery:
        company = scope.company
        if company is None:
            raise ValueError(f"the scope {scope.key} is of no company")
        known, notes = _known(cursor)
        channel = self._channel(scope.key)
        if channel is None:
            return Discovery((), cursor, (_no_channel(company, scope.key), *self._alike(company)))
        looked: list[Upload] = []
        awaited = self._awaited(known)
        found: list[Video] = []
        open_: list[str] = []
        for page in self._pages(channel, known, since):
            looked += page
            wanted = [one for one in page if _is_wanted(one, known, since)]
            calls = self._calls(wanted, company)
            found += [call for call in calls if call.is_over]
            open_ += [call.id for call in calls if not call.is_over]
            if known is None and since is None and found:
                found = [max(found, key=_order)]
                break
        if known is not None and not looked:
            notes = (*notes, _no_list(company, scope.key))
        found += [video for video in awaited if video.is_over]
        open_ += [video.id for video in awaited if self._may_come(video)]
        after = moved(known, looked, open_)
        unique = {video.id: video for video in found}
        leads = [self._lead(video, company) for video in sorted(unique.values(), key=_order)]
        return Discovery(tuple(leads), after.text() if after else None, notes)

    def before(self, lead: Lead) -> Lead | None:
        company = Company(
            lead.ticker or "",
            lead.details["company"],
            fiscal_year_end=lead.details.get("year_end", ""),
        )
        channel = self._channel(lead.details["channel"])
        if channel is None:
            return None
        mark = lead.published_at or self._clock.now()
        for page in self._pages(channel, None, None):
            earlier = [one for one in page if one.published < mark]
            calls = [one for one in self._calls(earlier, company) if one.is_over]
            calls = [one for one in calls if (one.happened, one.id) < (mark, lead.external_id)]
            if calls:
                return self._lead(max(calls, key=_order), company)
        return None

    def fetch(self, lead: Lead) -> RawDocument:
        """The film's own words and its captions. Raises Rejected while captions may still come."""
        videos = self._data.videos([lead.external_id])
        if not videos:
            raise DocumentRefused("YouTube has no such video any more: deleted, or made private")
        video = videos[0]
        if not video.is_over:
            raise self._later(video, "it is not over yet")
        recording = self._recording(video, self._waits_until(lead, video))
        content = recording.to_bytes()
        if len(content) > self._max_document_bytes:
            raise self._too_large(len(content))
        return RawDocument(content, RECORDING, WATCH + video.id, lead.title)

    def accepted(self, lead: Lead) -> None:
        """Nothing to tidy up at YouTube."""

    def refused(self, lead: Lead, reason: str) -> None:
        """Nothing to put aside at YouTube."""

    # ---- listing

    def _channel(self, name: str) -> Channel | None:
        try:
            return self._data.channel(name)
        except NotFound:
            return None

    def _alike(self, company: Company) -> tuple[str, ...]:
        """Channels for a person to choose from. None is taken by itself: anybody may call a
        channel by any name."""
        if not self._searches:
            return ()
        try:
            found = self._data.channels_named(company.name)
        except ShuttingDown:
            raise
        except CallError as error:
            return (f"{company.ticker}: and no channel could be searched for: {error}",)
        named = ", ".join(f'{one.id} ("{one.title}")' for one in found) or "none"
        return (f"{company.ticker}: a search for {company.name} finds {named}",)

    def _pages(
        self, channel: Channel, known: Cursor | None, since: date | None
    ) -> Iterable[list[Upload]]:
        """As far back as the cursor, or `since`, needs; to begin with, some of the latest."""
        needed = known.reads_to if known is not None else None
        if since is not None:
            day = datetime.combine(since, time(), tzinfo=UTC)
            needed = min(day, needed) if needed is not None else day
        count = 0
        try:
            for page in self._data.uploads(channel):
                yield page
                count += len(page)
                if needed is None and count >= FIRST_UPLOADS:
                    return
                # A film that was made public later stands among older ones: a whole page of
                # old ones is the end.
                if needed is not None and page and all(one.published < needed for one in page):
                    return
        except NotFound:
            return  # a channel without any upload has no list of them

    def _calls(self, uploads: Sequence[Upload], company: Company) -> list[Video]:
        """Those that are the company's calls, over or not."""
        end = company.fiscal_year_end
        ids = [
            one.video_id for one in uploads if might_be_call(one.title, one.published.date(), end)
        ]
        videos = self._data.videos(list(dict.fromkeys(ids))) if ids else []
        return [
            video
            for video in videos
            if not why_no_call(video.title, video.happened.date(), end, video.duration_s)
        ]

    def _awaited(self, known: Cursor | None) -> list[Video]:
        return self._data.videos(known.awaited) if known is not None and known.awaited else []

    def _may_come(self, video: Video) -> bool:
        due = video.scheduled or video.published
        return not video.is_over and self._clock.now() - due < GIVEN_UP

    def _lead(self, video: Video, company: Company) -> Lead:
        return Lead(
            source=SERVICE,
            external_id=video.id,
            title=f"{company.name}: {video.title}"[:300],
            url=WATCH + video.id,
            published_at=video.happened,
            ticker=company.ticker or None,
            details={
                "channel": video.channel_id,
                "company": company.name,
                "year_end": company.fiscal_year_end,
                "found_at": self._clock.now().isoformat(),
            },
        )

    # ---- fetching

    def _waits_until(self, lead: Lead, video: Video) -> datetime:
        """How long it waits for captions that cannot be had: from when it was found."""
        found = iso(lead.details.get("found_at")) or video.happened
        return max(found, video.happened) + self._patience

    def _recording(self, video: Video, waits_until: datetime) -> Recording:
        bare = Recording(
            video_id=video.id,
            title=video.title,
            channel=video.channel,
            published=video.happened.isoformat(),
            duration_s=video.duration_s,
            description=video.description,
        )
        if not self._with_transcripts:
            return _without(bare, "captions are switched off ([youtube] transcripts)")
        try:
            found = self._transcripts.fetch(video.id)
        except NoCaptions as no:
            if self._clock.now() - video.happened < NEW_CAPTIONS:
                raise self._later(video, f"no captions yet ({no})") from None
            return _without(bare, str(no))
        except NotOver as no:
            raise self._later(video, str(no)) from None
        except Gone as gone:
            raise DocumentRefused(str(gone)) from None
        except TooLarge as error:
            raise self._too_large(error.announced or error.limit) from error
        except CallError as error:
            if self._clock.now() < waits_until:
                raise
            return _without(bare, f"they could not be fetched: {error.what}")
        return Recording(
            **{**vars(bare), "captions": found.captions, "language": found.language,
               "by_machine": found.by_machine},
        )  # fmt: skip

    def _later(self, video: Video, why: str) -> Rejected:
        """Held up: nothing is wrong with it, and the next scan asks again."""
        at = max(self._clock.now() + timedelta(hours=1), video.scheduled or video.published)
        return Rejected(SERVICE, f"{video.id}: {why}", at, "it is looked at again by itself")

    def _too_large(self, size: int) -> DocumentRefused:
        return DocumentRefused(
            f"its captions are {size / 1e6:.1f} MB or more; the limit is "
            f"{self._max_document_bytes / 1e6:.1f} MB (youtube.max_document_bytes)"
        )


def _without(bare: Recording, why: str) -> Recording:
    return Recording(**{**vars(bare), "missing": why})


def _known(cursor: str | None) -> tuple[Cursor | None, tuple[str, ...]]:
    if cursor is None:
        return None, ()
    try:
        return read_cursor(cursor), ()
    except BadCursor as bad:
        return None, (f"youtube: the cursor {str(bad)!r} cannot be read; begun anew",)


def _is_wanted(upload: Upload, known: Cursor | None, since: date | None) -> bool:
    if since is not None:
        return upload.published.date() >= since
    return known is None or known.is_new(upload)


def _order(video: Video) -> tuple[datetime, str]:
    return video.happened, video.id


def _no_list(company: Company, name: str) -> str:
    return f"{company.ticker}: YouTube shows no list of what {name} published, as it did before"


def _no_channel(company: Company, name: str) -> str:
    return (
        f"{company.ticker}: there is no channel {name} on YouTube; correct its youtube in "
        "retailxai.toml"
    )
