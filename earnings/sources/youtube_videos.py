"""YouTube's answers as values: channels, uploads, videos. What is not needed is not looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from earnings.regexes import lazy_regex
from earnings.sources.moments import iso

_ID = lazy_regex(r"[\w-]{6,20}")
_DURATION = lazy_regex(
    r"P(?:(?P<d>\d+)D)?(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+)(?:\.\d+)?S)?)?"
)


class GarbledVideos(ValueError):
    """An answer that cannot be used; the message says why."""


@dataclass(frozen=True)
class Channel:
    id: str
    title: str
    uploads: str  # the playlist of all it ever published


@dataclass(frozen=True)
class Named:
    """A channel that a search found."""

    id: str
    title: str


@dataclass(frozen=True)
class Upload:
    """A row of the list of uploads; `published` is the video's, not the row's."""

    video_id: str
    title: str
    published: datetime


@dataclass(frozen=True)
class Video:
    """`live`: "none", "live" or "upcoming". `is_open`: everybody may see it, and it is ready."""

    id: str
    title: str
    channel: str
    channel_id: str
    description: str
    published: datetime
    duration_s: int | None  # None while nobody knows
    live: str = "none"
    is_open: bool = True
    scheduled: datetime | None = None
    began: datetime | None = None  # a broadcast, in truth

    @property
    def is_over(self) -> bool:
        """Whether it can be seen from its beginning to its end."""
        return self.live == "none" and self.is_open

    @property
    def happened(self) -> datetime:
        return self.began or self.published


def channel_of(answer: object) -> Channel | None:
    """None: YouTube knows none such. Raises GarbledVideos."""
    for item in items_of(answer):
        related = _part(_part(item, "contentDetails"), "relatedPlaylists")
        uploads = str(related.get("uploads") or "")
        if not _id(item.get("id")) or not uploads:
            raise GarbledVideos("a channel without an id or without its list of uploads")
        return Channel(str(item["id"]), str(_part(item, "snippet").get("title") or ""), uploads)
    return None


def named_in(answer: object) -> list[Named]:
    """Raises GarbledVideos."""
    found = [
        Named(
            str(_part(item, "id").get("channelId") or ""),
            _line(_part(item, "snippet").get("title")),
        )
        for item in items_of(answer)
    ]
    return [one for one in found if _id(one.id)]


def uploads_of(answer: object) -> tuple[list[Upload], str | None]:
    """The rows of a page, and the name of the next one. Private and deleted videos stand in
    there without a date of their own; they are left out. Raises GarbledVideos."""
    found = []
    for item in items_of(answer):
        snippet, details = _part(item, "snippet"), _part(item, "contentDetails")
        resource = _part(snippet, "resourceId")
        video_id = str(details.get("videoId") or resource.get("videoId") or "")
        shown = details.get("videoPublishedAt")
        if shown is None and details:
            continue
        published = iso(shown or snippet.get("publishedAt"))
        if published is not None and _id(video_id):
            found.append(Upload(video_id, _line(snippet.get("title")), published))
    token = answer.get("nextPageToken") if isinstance(answer, Mapping) else None
    return found, str(token) if token else None


def videos_of(answer: object) -> list[Video]:
    """Those that are there: of a deleted or private one nothing is said. Raises GarbledVideos."""
    return [video for item in items_of(answer) if (video := _video(item)) is not None]


def items_of(answer: object) -> list[Mapping[str, Any]]:
    """Raises GarbledVideos. No `items` at all is how YouTube says that there are none."""
    if not isinstance(answer, Mapping):
        raise GarbledVideos("it is no object")
    items = answer.get("items", [])
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise GarbledVideos("its items are no list of objects")
    if "items" not in answer and not {"kind", "pageInfo"} & set(answer):
        raise GarbledVideos("it is none of YouTube's lists")
    return items


def seconds_of(duration: object) -> int | None:
    """ "PT1H2M3S" in seconds; None for what says nothing ("P0D", of a broadcast to come)."""
    found = _DURATION.fullmatch(str(duration or ""))
    if found is None:
        return None
    days, hours, minutes, seconds = (int(found[unit] or 0) for unit in "dhms")
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds or None


def _video(item: Mapping[str, Any]) -> Video | None:
    snippet, status = _part(item, "snippet"), _part(item, "status")
    broadcast = _part(item, "liveStreamingDetails")
    published = iso(snippet.get("publishedAt"))
    if not _id(item.get("id")) or published is None:
        return None
    return Video(
        id=str(item["id"]),
        title=_line(snippet.get("title")),
        channel=_line(snippet.get("channelTitle")),
        channel_id=str(snippet.get("channelId") or ""),
        description=str(snippet.get("description") or ""),
        published=published,
        duration_s=seconds_of(_part(item, "contentDetails").get("duration")),
        live=str(snippet.get("liveBroadcastContent") or "none"),
        is_open=status.get("privacyStatus", "public") != "private"
        and status.get("uploadStatus", "processed") == "processed",
        scheduled=iso(broadcast.get("scheduledStartTime")),
        began=iso(broadcast.get("actualStartTime")),
    )


def _part(item: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = item.get(name)
    return part if isinstance(part, Mapping) else {}


def _id(value: object) -> bool:
    return isinstance(value, str) and (_ID.fullmatch(value) is not None or len(value) == 24)


def _line(value: object) -> str:
    text = "".join(char if char.isprintable() else " " for char in str(value or ""))
    return " ".join(text.split())
