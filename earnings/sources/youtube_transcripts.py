"""The captions of a video, by youtube-transcript-api through the one door.

Three kinds of "no" are told apart. A *blocked address* (most of those in data centres are) is
a state of this service: nothing more is asked until YouTube's next day. *No captions* is a
state of the video: whatever else is known of it is used. Everything else (a broken page, a
time-out, a changed shape) is a failed call like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from earnings.recording import Caption
from earnings.sources.youtube_data import next_day
from outside.answers import HttpAnswer
from outside.errors import BadAnswer, HttpFailure, NotFound
from outside.http import HttpDoor
from outside.session import Visit
from resilience.clock import Clock
from resilience.outcomes import CallError, Outcome, RateLimited

SERVICE = "youtube_transcripts"
SITE = "https://www.youtube.com"
MAX_PAGE_BYTES = 10_000_000  # a page of a video has about 1.5 MB
MOST_CAPTIONS = 60_000  # a day of talk
# YouTube's own name for "only what is necessary", without which visitors from Europe are sent
# to a page of consent on another host.
_COOKIES = {"SOCS": "CAI"}
_BLOCKED = "YouTube blocks this address (it does so with most of those in data centres)"
_T = TypeVar("_T")


class NoCaptions(Exception):
    """This video has none for us; the message says why."""


class NotOver(Exception):
    """It has not begun, or is not over."""


class Gone(Exception):
    """There is no such video any more."""


class _Blocked(HttpFailure):
    """A page that says so, or a 429."""


@dataclass(frozen=True)
class Transcript:
    captions: tuple[Caption, ...]
    language: str
    by_machine: bool


class Transcripts:
    """Knows nothing between calls."""

    def __init__(
        self,
        door: HttpDoor,
        clock: Clock,
        *,
        url: str = SITE,
        languages: Sequence[str] = ("en",),
        max_bytes: int = 25_000_000,
    ) -> None:
        self._door = door
        self._clock = clock
        self._url = url
        self._languages = tuple(languages)
        self._max_bytes = max_bytes

    def fetch(self, video_id: str) -> Transcript:
        """Raises NoCaptions, NotOver, Gone; CallError, TooLarge among them."""
        visit = Visit(
            self._door,
            SERVICE,
            site=SITE,
            at=self._url,
            max_bytes=MAX_PAGE_BYTES,
            check=_check,
            cookies=_COOKIES,
        )
        import youtube_transcript_api as library  # loaded when there are captions to fetch

        api = library.YouTubeTranscriptApi(http_client=cast(Any, visit))
        listed = self._understood(video_id, lambda: list(api.list(video_id)))
        chosen = _chosen(listed, self._languages)
        if chosen is None:
            there = ", ".join(sorted({one.language_code for one in listed})) or "none"
            raise NoCaptions(f"none in {', '.join(self._languages)} (there are: {there})")
        visit.max_bytes = self._max_bytes
        fetched = self._understood(video_id, chosen.fetch)
        captions = _captions(fetched.snippets)
        if not captions:
            raise NoCaptions("its captions are empty")
        return Transcript(captions, str(chosen.language_code), bool(chosen.is_generated))

    def _understood(self, video_id: str, ask: Callable[[], _T]) -> _T:
        """What `ask` gives; what the library raises, in our words."""
        import youtube_transcript_api as library

        try:
            return ask()
        except (library.RequestBlocked, _Blocked):
            raise self._blocked() from None
        except CallError:
            raise
        except library.VideoUnplayable as no:
            reason = " ".join(str(no.reason or "no reason given").split())[:200]
            if any(word in reason.lower() for word in _TO_COME):
                raise NotOver(reason) from None
            raise NoCaptions(f"YouTube does not play it: {reason}") from None
        except (library.VideoUnavailable, library.InvalidVideoId):
            raise Gone("YouTube has no such video any more") from None
        except library.AgeRestricted:
            raise NoCaptions("it is only for people of age who signed in") from None
        except library.TranscriptsDisabled:
            raise NoCaptions("it has none, or they are switched off") from None
        except library.PoTokenRequired:
            raise NoCaptions("YouTube gives them to its own player only") from None
        except library.CouldNotRetrieveTranscript as no:
            raise _changed(video_id, type(no).__name__) from None
        except Exception as broken:  # noqa: BLE001 - the library reads pages that change
            raise _changed(video_id, f"{type(broken).__name__}: {str(broken)[:120]}") from None

    def _blocked(self) -> RateLimited:
        now = self._clock.now()
        until = next_day(now)
        self._door.leave_alone(SERVICE, (until - now).total_seconds(), _BLOCKED)
        return RateLimited(
            SERVICE, _BLOCKED, until, "captions are asked for again then; everything else goes on"
        )


_TO_COME = ("begin in", "begins in", "premieres in", "premiere will", "will begin", "live event")


def _check(answer: HttpAnswer) -> None:
    """Raises what no repetition helps against, before the policy counts tries."""
    if answer.status == 429 or b'class="g-recaptcha"' in answer.body[:MAX_PAGE_BYTES]:
        raise _Blocked(SERVICE, _BLOCKED, accepted=False, outcome=Outcome.NEUTRAL, answer=answer)
    if answer.status in (404, 410):
        raise NotFound(SERVICE, f"{answer.url} answered {answer.status}", outcome=Outcome.NEUTRAL,
                       answer=answer)  # fmt: skip


def _chosen(listed: Iterable[Any], languages: Sequence[str]) -> Any | None:
    """The first language there is, in any of its regions ("en" takes "en-US"); what people
    wrote before what a machine heard."""
    every = list(listed)
    for language in languages:
        for by_machine in (False, True):
            fit = [
                one
                for one in every
                if bool(one.is_generated) is by_machine
                and (one.language_code == language or one.language_code.startswith(f"{language}-"))
            ]
            if fit:
                return min(fit, key=lambda one: len(one.language_code))
    return None


def _captions(snippets: Iterable[Any]) -> tuple[Caption, ...]:
    found = [
        Caption(round(float(one.start), 3), round(float(one.duration), 3), str(one.text))
        for one in snippets
        if str(one.text).strip() and 0 <= float(one.start) < 1e6
    ]
    return tuple(sorted(found, key=lambda one: one.start_s)[:MOST_CAPTIONS])


def _changed(video_id: str, what: str) -> BadAnswer:
    return BadAnswer(
        SERVICE,
        f"the captions of {video_id} came in a shape that cannot be read ({what})",
        outcome=Outcome.NEUTRAL,
        fix="if this comes back for every video, YouTube has changed its pages",
    )
