"""Asking the YouTube Data API: one method per thing it can be asked for.

    channels (by handle) -> its list of uploads -> playlistItems, a page of 50 each -> videos,
    50 ids each; every question costs one unit of the 10,000 a day
    search -> channels of a name; a hundred a day, counted apart from everything else

The key travels in a header and so stands in no address. No film is searched for: a channel's own
list holds everything that a search would find of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from earnings.sources import youtube_errors
from earnings.sources.youtube_errors import QuotaEnded
from earnings.sources.youtube_videos import (
    Channel,
    GarbledVideos,
    Named,
    Upload,
    Video,
    channel_of,
    items_of,
    named_in,
    uploads_of,
    videos_of,
)
from outside.answers import HttpAnswer
from outside.errors import BadAnswer
from outside.http import HttpDoor
from resilience.clock import Clock
from resilience.outcomes import Outcome, QuotaExhausted

SERVICE = "youtube"
PACIFIC = ZoneInfo("America/Los_Angeles")  # in which YouTube's days begin
UNITS = "units"  # what every question but a search is counted in
SEARCHES = "searches"  # the other bucket; each ends its own day, and not the other's
PAGE = 50
MOST_PAGES = 400
MOST_NAMED = 3  # channels of a name
MAX_ANSWER_BYTES = 5_000_000
_PATH = "/youtube/v3"
_T = TypeVar("_T")


def next_day(now: datetime) -> datetime:
    """The next midnight in California, when YouTube counts anew."""
    tomorrow = now.astimezone(PACIFIC).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), tzinfo=PACIFIC).astimezone(UTC)


class YouTubeData:
    """Every method raises CallError, NotFound among them."""

    def __init__(self, door: HttpDoor, clock: Clock, *, api_key: str, url: str) -> None:
        self._door = door
        self._clock = clock
        self._api_key = api_key
        self._url = url.rstrip("/").removesuffix(_PATH) + _PATH

    def greet(self) -> None:
        """The cheapest question: one unit."""
        self._ask("channels", {"part": "id", "forHandle": "@YouTube"}, items_of)

    def channel(self, name: str) -> Channel | None:
        """By its handle ("@name") or its id; None if there is none such."""
        key = "forHandle" if name.startswith("@") else "id"
        asked = {"part": "snippet,contentDetails", key: name, "maxResults": "1"}
        return self._ask("channels", asked, channel_of)

    def uploads(self, channel: Channel) -> Iterator[list[Upload]]:
        """Page by page, newest first as YouTube has it; whoever has enough stops asking."""
        token: str | None = None
        given: set[str] = set()
        for _ in range(MOST_PAGES):
            asked = {
                "part": "snippet,contentDetails",
                "playlistId": channel.uploads,
                "maxResults": str(PAGE),
            }
            if token is not None:
                asked["pageToken"] = token
            page, token = self._ask("playlistItems", asked, uploads_of)
            yield page
            if token is None:
                return
            if token in given:
                raise BadAnswer(SERVICE, f"the uploads of {channel.id} name a page twice")
            given.add(token)

    def videos(self, ids: Sequence[str]) -> list[Video]:
        """Those of `ids` that are there, in no order."""
        found: list[Video] = []
        for start in range(0, len(ids), PAGE):
            asked = {
                "part": "snippet,contentDetails,status,liveStreamingDetails",
                "id": ",".join(ids[start : start + PAGE]),
                "maxResults": str(PAGE),
            }
            found += self._ask("videos", asked, videos_of)
        return found

    def channels_named(self, words: str) -> list[Named]:
        """Those that YouTube thinks of, best first: anybody may call a channel by any name."""
        asked = {"part": "snippet", "type": "channel", "q": words, "maxResults": str(MOST_NAMED)}
        return self._ask("search", asked, named_in, bucket=SEARCHES)

    def _ask(
        self,
        what: str,
        asked: Mapping[str, str],
        read: Callable[[Any], _T],
        bucket: str = UNITS,
    ) -> _T:
        url = f"{self._url}/{what}"
        try:
            answer = self._door.get(
                SERVICE,
                url,
                params=asked,
                headers={"x-goog-api-key": self._api_key},
                max_bytes=MAX_ANSWER_BYTES,
                check=self._check,
                cost={bucket: 1},
            )
        except QuotaEnded as ended:
            raise self._used_up(ended, bucket) from None
        try:
            return read(answer.json())
        except GarbledVideos as wrong:
            raise BadAnswer(SERVICE, f"{answer.url} answered JSON that cannot be used: {wrong}",
                            outcome=Outcome.NEUTRAL) from wrong  # fmt: skip

    def _check(self, answer: HttpAnswer) -> None:
        youtube_errors.check(answer, self._clock)
        if answer.status == 200:
            answer.json()

    def _used_up(self, ended: QuotaEnded, bucket: str) -> QuotaExhausted:
        """The provider's count is the true one: the day is over for this bucket, in every
        process."""
        now = self._clock.now()
        until = next_day(now)
        self._door.used_up(SERVICE, bucket, (until - now).total_seconds(), per="day")
        return QuotaExhausted(
            SERVICE,
            f"YouTube says that the quota of this day is used up ({bucket}: {ended.what})",
            until,
            "nothing is asked before; a larger quota can be asked for in the Google Cloud console",
        )  # fmt: skip
