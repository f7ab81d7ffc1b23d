"""A little YouTube on the loopback interface, for channels of invented companies.

The Data API and the pages of videos stand under one address. A channel and its videos are
described once; lists, pages, caption tracks and their XML are rendered from that. Faults are
laid over single paths with `route` (see tests/servers/http.py), over single videos' pages
with `playability` and `captions_reply`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

from tests.servers.http import LoopbackServer, RecordedRequest, Reply

API = "/youtube/v3"
CHANNELS, PLAYLIST, VIDEOS = f"{API}/channels", f"{API}/playlistItems", f"{API}/videos"
SEARCH = f"{API}/search"
WATCH, PLAYER, TIMEDTEXT = "/watch", "/youtubei/v1/player", "/api/timedtext"
KEY = "AIza" + "Brightwater0for0the0suite0only00000"
BOT = {
    "status": "LOGIN_REQUIRED",
    "reason": "Sign in to confirm you’re not a bot",
}
AGE = {
    "status": "LOGIN_REQUIRED",
    "reason": "This video may be inappropriate for some users.",
}
UNAVAILABLE = {"status": "ERROR", "reason": "This video is unavailable"}
UPCOMING = {"status": "LIVE_STREAM_OFFLINE", "reason": "Premieres in 3 hours"}

SPOKEN = (
    (0.0, "Operator: Good morning and welcome to the second quarter call"),
    (4.0, "of Brightwater Stores."),
    (8.5, ">> Jane Doe: Thank you. Customer traffic increased 3.1%,"),
    (13.0, "driven by lower prices in grocery and by more visits to our stores."),
    (19.0, "Inventory declined 2% because we received less of seasonal goods."),
    (24.5, "Net sales were $1,204.5 million in the second quarter."),
    (31.0, ">> Operator: Our first question comes from the line of Sam Roe."),
    (36.0, ">> Sam Roe: I thought that tariffs increased your costs by 12% in the quarter."),
)


@dataclass(frozen=True)
class Track:
    """Captions of one language; `asr`: a machine wrote them."""

    language: str = "en"
    asr: bool = False
    said: tuple[tuple[float, str], ...] = SPOKEN
    query: str = ""  # more of its address

    def xml(self) -> bytes:
        lines = "".join(
            f'<text start="{start:g}" dur="4.5">{escape(escape(words))}</text>'
            for start, words in self.said
        )
        return f'<?xml version="1.0" encoding="utf-8" ?><transcript>{lines}</transcript>'.encode()


@dataclass(frozen=True)
class Film:
    """One video. `published`: as YouTube writes it. `shown` False: it is private or deleted, and
    stands in the list of uploads all the same. `live`: none, live, upcoming."""

    id: str
    title: str
    published: str
    duration: str = "PT58M12S"
    description: str = ""
    tracks: tuple[Track, ...] = (Track(),)
    shown: bool = True
    live: str = "none"
    scheduled: str | None = None


@dataclass(frozen=True)
class Station:
    """A channel."""

    handle: str
    id: str
    title: str
    films: tuple[Film, ...] = field(default=())

    @property
    def uploads(self) -> str:
        return "UU" + self.id[2:]


class YouTubeServer(LoopbackServer):
    def __init__(self, port: int = 0, page: int = 50) -> None:
        super().__init__(port)
        self.page = page
        self.stations: list[Station] = []
        self.playability: dict[str, dict[str, str]] = {}
        self.captions_reply: dict[str, Reply] = {}
        self.serve()

    def serve(self) -> None:
        """Every path answers as it should."""
        self.route("GET", CHANNELS, self.channels)
        self.route("GET", PLAYLIST, self.uploads)
        self.route("GET", VIDEOS, self._videos)
        self.route("GET", WATCH, Reply.html(watch_page()))
        self.route("POST", PLAYER, self.player)
        self.route("GET", TIMEDTEXT, self._captions)

    def add(self, station: Station) -> None:
        """Replace whatever was known of this channel."""
        self.stations = [one for one in self.stations if one.id != station.id] + [station]

    def block(self) -> None:
        """This address is taken for a robot's."""
        self.route("GET", WATCH, Reply.html(recaptcha_page(), 429))

    def films(self) -> dict[str, Film]:
        return {film.id: film for station in self.stations for film in station.films}

    # ---- the Data API

    def channels(self, request: RecordedRequest) -> Reply:
        wanted = request.query.get("forHandle", request.query.get("id", [""]))[0]
        found = [
            one for one in self.stations if wanted.lower() in (one.handle.lower(), one.id.lower())
        ]
        return Reply.json(listing("channel", [channel_json(one) for one in found]))

    def uploads(self, request: RecordedRequest) -> Reply:
        playlist = request.query["playlistId"][0]
        station = next((one for one in self.stations if one.uploads == playlist), None)
        if station is None or not station.films:
            return refusal(404, "playlistNotFound", "youtube.playlistItem")
        rows = sorted(station.films, key=lambda film: film.published, reverse=True)
        start = int(request.query.get("pageToken", ["0"])[0].removeprefix("P"))
        items = [row_json(station, film) for film in rows[start : start + self.page]]
        body = listing("playlistItem", items)
        if start + self.page < len(rows):
            body["nextPageToken"] = f"P{start + self.page}"
        return Reply.json(body)

    def _videos(self, request: RecordedRequest) -> Reply:
        wanted = request.query["id"][0].split(",")
        found = [
            video_json(station, film)
            for station in self.stations
            for film in station.films
            if film.id in wanted and film.shown
        ]
        return Reply.json(listing("video", found))

    # ---- the pages

    def player(self, request: RecordedRequest) -> Reply:
        video_id = str(request.json()["videoId"])
        film = self.films().get(video_id)
        status = self.playability.get(video_id, {"status": "OK"})
        if film is None:
            status = UNAVAILABLE
        body: dict[str, object] = {"playabilityStatus": status}
        if film is not None and film.tracks:
            body["captions"] = {"playerCaptionsTracklistRenderer": tracks_json(film)}
        return Reply.json(body)

    def _captions(self, request: RecordedRequest) -> Reply:
        video_id = request.query["v"][0]
        if video_id in self.captions_reply:
            return self.captions_reply[video_id]
        language, kind = request.query["lang"][0], request.query.get("kind", [""])[0]
        for track in self.films()[video_id].tracks:
            if track.language == language and track.asr is (kind == "asr"):
                return Reply(headers={"content-type": "text/xml; charset=utf-8"}, body=track.xml())
        return Reply(status=404)


def listing(kind: str, items: Sequence[dict[str, object]]) -> dict[str, object]:
    """As YouTube does it, a list without any item has none of that name for channels."""
    body: dict[str, object] = {
        "kind": f"youtube#{kind}ListResponse",
        "etag": "invented",
        "pageInfo": {"totalResults": len(items), "resultsPerPage": 50},
    }
    if items or kind != "channel":
        body["items"] = list(items)
    return body


def channel_json(station: Station) -> dict[str, object]:
    return {
        "kind": "youtube#channel",
        "id": station.id,
        "snippet": {"title": station.title, "customUrl": station.handle.lower()},
        "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": station.uploads}},
    }


def row_json(station: Station, film: Film) -> dict[str, object]:
    title = film.title if film.shown else "Private video"
    details: dict[str, object] = {"videoId": film.id}
    if film.shown:
        details["videoPublishedAt"] = film.published
    return {
        "kind": "youtube#playlistItem",
        "id": f"row-{film.id}",
        "snippet": {
            "publishedAt": film.published,
            "channelId": station.id,
            "title": title,
            "description": film.description if film.shown else "This video is private.",
            "playlistId": station.uploads,
            "resourceId": {"kind": "youtube#video", "videoId": film.id},
        },
        "contentDetails": details,
    }


def video_json(station: Station, film: Film) -> dict[str, object]:
    body: dict[str, object] = {
        "kind": "youtube#video",
        "id": film.id,
        "snippet": {
            "publishedAt": film.published,
            "channelId": station.id,
            "title": film.title,
            "description": film.description,
            "channelTitle": station.title,
            "liveBroadcastContent": film.live,
        },
        "contentDetails": {"duration": "P0D" if film.live == "upcoming" else film.duration},
        "status": {"uploadStatus": "processed", "privacyStatus": "public"},
    }
    if film.scheduled is not None:
        body["liveStreamingDetails"] = {"scheduledStartTime": film.scheduled}
    return body


def tracks_json(film: Film) -> dict[str, object]:
    return {
        "captionTracks": [
            {
                "baseUrl": f"https://www.youtube.com{TIMEDTEXT}?v={film.id}&lang={track.language}"
                + ("&kind=asr" if track.asr else "")
                + track.query,
                "name": {"runs": [{"text": track.language}]},
                "languageCode": track.language,
                "isTranslatable": False,
                **({"kind": "asr"} if track.asr else {}),
            }
            for track in film.tracks
        ],
        "translationLanguages": [],
    }


def watch_page() -> str:
    config = json.dumps({"INNERTUBE_API_KEY": "AIzaInventedForThePlayerOfThisSuite"})
    return f"<!DOCTYPE html><html><head><script>ytcfg.set({config});</script></head></html>"


def recaptcha_page() -> str:
    return (
        "<!DOCTYPE html><html><title>Sorry</title><body>"
        '<div id="recaptcha" class="g-recaptcha"></div>Unusual traffic.</body></html>'
    )


def refusal(code: int, reason: str, domain: str = "usageLimits", **more: object) -> Reply:
    """An error as the Data API words it; `more` goes into its object."""
    message = f"invented words about {reason}"
    error: dict[str, object] = {
        "code": code,
        "message": message,
        "errors": [{"message": message, "domain": domain, "reason": reason}],
        **more,
    }
    return Reply.json({"error": error}, code)


def quota_exceeded() -> Reply:
    return refusal(403, "quotaExceeded", "youtube.quota")


def stamp(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def days_before(now: datetime, days: float) -> str:
    return stamp(now - timedelta(days=days))


CALL = Film(
    "brwQ2call26",
    "Brightwater Stores Second Quarter 2026 Earnings Call",
    "2026-08-19T14:00:00Z",
    description="Brightwater Stores, Inc. (NYSE: BRW) discusses its second quarter results.\n"
    "\n0:00 Welcome\n0:08 Remarks of the chief executive\n0:31 Questions and answers\n",
)
BRIGHTWATER_TV = Station(
    "@brightwater",
    "UCbrightwaterstores00001",
    "Brightwater Stores",
    (
        Film("brwRecipe01", "Five-minute summer salads", "2026-08-20T09:00:00Z", "PT5M3S"),
        CALL,
        Film("brwHighl001", "Q2 2026 earnings call highlights", "2026-08-19T18:00:00Z", "PT9M"),
        Film("brwPrivate1", "Private video", "2026-08-18T18:00:00Z", shown=False),
        Film("brwHiring01", "We are hiring for the season", "2026-07-30T18:00:00Z", "PT1M"),
    ),
)
