"""The YouTube source: listing, paging, captions, and everything YouTube may say no to."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from earnings.recording import recording_of
from earnings.sources.base import DocumentRefused, Scope
from earnings.sources.youtube import Youtube
from earnings.vocabulary import Company, Lead
from outside.errors import BadAnswer, HttpFailure, TooLarge
from outside.http import HttpDoor
from resilience.outcomes import CallError, CallFailed, QuotaExhausted, RateLimited, Rejected
from resilience.quota import QuotaRule
from resilience.registry import Policies
from resilience.spec import PolicySpec
from resilience.testing import FakeClock
from tests.servers.http import RecordedRequest, Reply
from tests.servers.youtube import (
    AGE,
    BOT,
    BRIGHTWATER_TV,
    CALL,
    CHANNELS,
    KEY,
    PLAYER,
    PLAYLIST,
    SEARCH,
    TIMEDTEXT,
    UNAVAILABLE,
    UPCOMING,
    VIDEOS,
    WATCH,
    Film,
    Station,
    Track,
    YouTubeServer,
    quota_exceeded,
    refusal,
)

NOW = datetime(2026, 8, 20, 12, 0, tzinfo=UTC)
BRW = Company("BRW", "Brightwater Stores", 1990001, "0201")
SCOPE = Scope("@brightwater", BRW, can_wait=True)
PACIFIC = "America/Los_Angeles"
TRACKLESS: dict[str, object] = {"captionTracks": [{}]}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def server() -> Iterator[YouTubeServer]:
    with YouTubeServer() as running:
        running.add(BRIGHTWATER_TV)
        yield running


@pytest.fixture
def policies(clock: FakeClock) -> Policies:
    units = QuotaRule("units", 10_000, "day", PACIFIC, block=50)
    searches = QuotaRule("searches", 100, "day", PACIFIC, block=1)
    return Policies(
        {
            "youtube": PolicySpec(attempts=2, timeout_s=5, quotas=(units, searches)),
            "youtube_transcripts": PolicySpec(attempts=2, timeout_s=5),
        },
        clock,
    )


@pytest.fixture
def door(policies: Policies, clock: FakeClock) -> Iterator[HttpDoor]:
    opened = HttpDoor(policies, clock, "RetailXAI/test")
    yield opened
    opened.close()


@pytest.fixture
def youtube(server: YouTubeServer, door: HttpDoor, clock: FakeClock) -> Youtube:
    return Youtube(
        door,
        clock,
        api_key=KEY,
        channels={"BRW": "@brightwater", "OTH": "UCothercompany0000000001"},
        api_url=server.url,
        watch_url=server.url,
        max_document_bytes=100_000,
    )


def station(*films: Film) -> Station:
    return replace(BRIGHTWATER_TV, films=films)


def call_of(day: date, video_id: str, **more: object) -> Film:
    """A call whose title names no period, so that any day of a season fits."""
    film = Film(video_id, "Brightwater Stores Earnings Conference Call", f"{day}T14:00:00Z")
    return replace(film, **more)  # type: ignore[arg-type]


def noise(count: int, newest: date) -> list[Film]:
    days = [newest - timedelta(days=number) for number in range(count)]
    return [
        Film(f"noise{number:05}", f"Salad of the day {number}", f"{day}T08:00:00Z", "PT1M")
        for number, day in enumerate(days)
    ]


def the_lead(youtube: Youtube) -> Lead:
    (lead,) = youtube.discover(SCOPE, None).leads
    return lead


def asked(server: YouTubeServer, path: str) -> list[RecordedRequest]:
    return [request for request in server.requests if request.path == path]


# ---- finding --------------------------------------------------------------------------------


def test_the_latest_call_is_found_for_three_units(youtube: Youtube, server: YouTubeServer) -> None:
    """Handle, uploads, one question for all candidates; nothing is searched for."""
    lead = the_lead(youtube)
    assert lead.external_id == CALL.id
    assert lead.ticker == "BRW"
    assert lead.url == f"https://www.youtube.com/watch?v={CALL.id}"
    assert server.paths() == [CHANNELS, PLAYLIST, VIDEOS]
    assert server.requests[0].query["forHandle"] == ["@brightwater"]


def test_the_key_travels_in_a_header_and_stands_in_no_address(
    youtube: Youtube, server: YouTubeServer
) -> None:
    """Not even in the one that a proxy would write down."""
    the_lead(youtube)
    assert {request.headers["x-goog-api-key"] for request in server.requests} == {KEY}
    assert all(KEY not in str(request.query) for request in server.requests)


def test_all_that_was_published_since_is_found_over_many_pages(
    youtube: Youtube, server: YouTubeServer
) -> None:
    """Both calls among 240 other films, oldest first, each page asked for once."""
    first, second = (
        call_of(date(2026, 5, 20), "brwCallMay1"),
        call_of(date(2026, 8, 19), "brwCallAug1"),
    )
    server.add(station(*noise(240, date(2026, 8, 20)), first, second))
    found = youtube.discover(SCOPE, None, since=date(2026, 5, 1))
    assert [lead.external_id for lead in found.leads] == [first.id, second.id]
    tokens = [request.query.get("pageToken") for request in asked(server, PLAYLIST)]
    assert len(tokens) == len(set(map(str, tokens))) == 4  # of five


def test_an_upload_between_two_scans_and_one_between_two_pages_are_both_found(
    youtube: Youtube, server: YouTubeServer
) -> None:
    """A new film moves all others down a place while they are listed."""
    films = noise(120, date(2026, 8, 20))
    server.add(station(*films))
    known = youtube.discover(SCOPE, None)
    late = call_of(date(2026, 8, 19), "brwLateCall", published="2026-08-20T10:00:00Z")
    newer = call_of(date(2026, 8, 20), "brwNewCall1", published="2026-08-20T11:00:00Z")

    def then_one_more(request: RecordedRequest) -> Reply:
        reply = server.uploads(request)
        server.add(station(*films, late, newer))
        return reply

    server.add(station(*films, late))
    server.route("GET", PLAYLIST, then_one_more)
    found = youtube.discover(SCOPE, known.cursor)
    again = youtube.discover(SCOPE, found.cursor)
    ids = [lead.external_id for lead in (*found.leads, *again.leads)]
    assert ids == [late.id, newer.id]


def test_a_film_that_was_made_public_later_is_found(
    youtube: Youtube, server: YouTubeServer
) -> None:
    """It stands below newer ones that are known."""
    hidden = call_of(date(2026, 8, 17), "brwHidden01", shown=False)
    server.add(station(*noise(3, date(2026, 8, 20)), hidden))
    known = youtube.discover(SCOPE, None)
    assert known.leads == ()
    server.add(station(*noise(3, date(2026, 8, 20)), replace(hidden, shown=True)))
    (lead,) = youtube.discover(SCOPE, known.cursor).leads
    assert lead.external_id == hidden.id


def test_a_failed_page_moves_nothing(youtube: Youtube, server: YouTubeServer) -> None:
    """What could not be listed is listed the next time, from the same cursor."""
    server.add(station(*noise(60, date(2026, 8, 20))))
    known = youtube.discover(SCOPE, None)
    server.add(station(*noise(60, date(2026, 8, 20)), call_of(date(2026, 8, 20), "brwCallAug1")))
    server.route("GET", PLAYLIST, Reply(body=b'{"kind": "youtube#'))
    with pytest.raises(BadAnswer):
        youtube.discover(SCOPE, known.cursor)
    server.serve()
    assert len(youtube.discover(SCOPE, known.cursor).leads) == 1


def test_a_list_of_pages_that_runs_in_a_circle_ends(
    youtube: Youtube, server: YouTubeServer
) -> None:
    page = {"kind": "youtube#playlistItemListResponse", "items": [], "nextPageToken": "P1"}
    server.route("GET", PLAYLIST, Reply.json(page))
    with pytest.raises(BadAnswer, match="twice"):
        youtube.discover(SCOPE, None, since=date(2020, 1, 1))


def test_a_premiere_is_taken_once_it_is_over(
    youtube: Youtube, server: YouTubeServer, clock: FakeClock
) -> None:
    """Until then it is no document, and is asked about each time, also past the overlap."""
    to_come = call_of(
        date(2026, 8, 20), "brwPremiere", live="upcoming", scheduled="2026-08-28T14:00:00Z"
    )
    server.add(station(to_come))
    first = youtube.discover(SCOPE, None)
    assert first.leads == ()
    server.add(station(*noise(3, date(2026, 8, 29)), to_come))
    clock.advance(9 * 86_400)
    second = youtube.discover(SCOPE, first.cursor)
    assert second.leads == ()
    server.add(station(*noise(3, date(2026, 8, 29)), replace(to_come, live="none")))
    (lead,) = youtube.discover(SCOPE, second.cursor).leads
    assert lead.external_id == to_come.id
    assert youtube.discover(SCOPE, youtube.discover(SCOPE, second.cursor).cursor).leads == ()


def test_a_channel_that_is_not_there_is_said(youtube: Youtube) -> None:
    """With what to do; the cursor stands."""
    found = youtube.discover(Scope("@nowhere", BRW), None)
    assert found.leads == ()
    assert "BRW: there is no channel @nowhere" in found.notes[0]


def test_the_call_before_is_named(youtube: Youtube, server: YouTubeServer) -> None:
    """For a latest call that turned out to hold nothing; then nothing more."""
    older = call_of(date(2026, 5, 20), "brwCallMay1")
    server.add(station(CALL, older))
    lead = the_lead(youtube)
    before = youtube.before(lead)
    assert before is not None
    assert before.external_id == older.id
    assert youtube.before(before) is None


def test_companies_without_a_channel_are_not_asked_about(youtube: Youtube) -> None:
    """Nor are invented ones."""
    others = [Company("NON", "No Channel"), replace(BRW, is_sample=True)]
    assert list(youtube.scopes([*others, BRW])) == [SCOPE]


@pytest.mark.parametrize(
    ("missing", "words"),
    [("api_key", "YOUTUBE_API_KEY"), ("channels", "youtube = "), ("enabled", "enabled = true")],
)
def test_what_is_missing_is_said(
    door: HttpDoor, clock: FakeClock, missing: str, words: str
) -> None:
    given: dict[str, object] = {"api_key": KEY, "channels": {"BRW": "@b"}, "enabled": True}
    given[missing] = {"api_key": None, "channels": {}, "enabled": False}[missing]
    why = Youtube(door, clock, **given).switched_off()  # type: ignore[arg-type]
    assert why is not None
    assert words in why


# ---- being refused --------------------------------------------------------------------------


def test_an_empty_quota_ends_the_day_for_its_bucket(
    youtube: Youtube, server: YouTubeServer, clock: FakeClock, policies: Policies
) -> None:
    """YouTube's own count is the true one: nothing is asked until midnight in California, while
    captions, which come from elsewhere, are."""
    lead = the_lead(youtube)
    server.route("GET", CHANNELS, quota_exceeded())
    with pytest.raises(QuotaExhausted) as caught:
        youtube.discover(SCOPE, None)
    assert caught.value.retry_at == datetime(2026, 8, 21, 7, 0, tzinfo=UTC)
    asked_then = len(server.requests)
    with pytest.raises(QuotaExhausted):
        youtube.discover(SCOPE, None)
    assert len(server.requests) == asked_then
    assert policies.of("youtube_transcripts").status().paused_s == 0
    server.serve()
    clock.advance(19 * 3600 + 1)
    assert the_lead(youtube) == replace(
        lead, details=lead.details | {"found_at": clock.now().isoformat()}
    )


def named(*channels: tuple[str, str]) -> Reply:
    items = [
        {"id": {"kind": "youtube#channel", "channelId": one}, "snippet": {"title": title}}
        for one, title in channels
    ]
    return Reply.json({"kind": "youtube#searchListResponse", "items": items})


FOUND = named(("UCbrightwaterstores00001", "Brightwater"), ("UCimpostor00000000000001", "BRW TV"))
WRONG = Scope("@nobody", BRW, can_wait=True)


def test_a_channel_that_there_is_not_is_searched_for_only_if_asked_for(
    youtube: Youtube, searching: Youtube, server: YouTubeServer, policies: Policies
) -> None:
    """What is found is told, and taken by nobody; it costs a search, and no unit."""
    server.route("GET", SEARCH, FOUND)
    assert len(youtube.discover(WRONG, None).notes) == 1
    assert asked(server, SEARCH) == []
    _, told = searching.discover(WRONG, None).notes
    assert told == (
        'BRW: a search for Brightwater Stores finds UCbrightwaterstores00001 ("Brightwater"), '
        'UCimpostor00000000000001 ("BRW TV")'
    )
    assert spent(policies) == {"units": 2, "searches": 1}
    assert searching.discover(SCOPE, None).leads
    assert spent(policies)["searches"] == 1, "a channel that is there is not searched for"


@pytest.fixture
def searching(server: YouTubeServer, door: HttpDoor, clock: FakeClock) -> Youtube:
    return Youtube(
        door, clock, api_key=KEY, channels={"BRW": "@nobody"}, api_url=server.url,
        watch_url=server.url, searches=True,
    )  # fmt: skip


def spent(policies: Policies) -> dict[str, float]:
    """Of each bucket; what a process holds was leased of the day."""
    return {one.key.resource: one.spent for one in policies.of("youtube").quotas}


def test_searches_that_are_used_up_end_no_other_day(
    searching: Youtube, server: YouTubeServer, clock: FakeClock
) -> None:
    """YouTube counts in two buckets. Neither a hundred searches of ours nor its own word about
    them keeps a channel from being listed, and the day of the searches begins anew by itself."""
    server.route("GET", SEARCH, quota_exceeded())
    (_, told) = searching.discover(WRONG, None).notes
    assert "used up (searches: " in told
    searching.discover(WRONG, None)
    assert len(asked(server, SEARCH)) == 1
    assert searching.discover(SCOPE, None).leads, "units are left"
    clock.advance(19 * 3600 + 1)
    server.route("GET", SEARCH, FOUND)
    for _ in range(101):
        (_, told) = searching.discover(WRONG, None).notes
    assert len(asked(server, SEARCH)) == 101
    assert "no channel could be searched for: youtube: the 100 searches" in told
    assert searching.discover(SCOPE, None).leads


def test_units_that_are_used_up_leave_the_searches(
    searching: Youtube, server: YouTubeServer, policies: Policies
) -> None:
    server.route("GET", CHANNELS, quota_exceeded())
    with pytest.raises(QuotaExhausted):
        searching.discover(SCOPE, None)
    assert not policies.explain("youtube", {"units": 1}).passes
    assert policies.explain("youtube", {"searches": 1}).passes


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (datetime(2026, 3, 8, 12, 0, tzinfo=UTC), datetime(2026, 3, 9, 7, 0, tzinfo=UTC)),
        (datetime(2026, 3, 8, 7, 30, tzinfo=UTC), datetime(2026, 3, 8, 8, 0, tzinfo=UTC)),
        (datetime(2026, 11, 1, 8, 30, tzinfo=UTC), datetime(2026, 11, 2, 8, 0, tzinfo=UTC)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), datetime(2027, 1, 1, 8, 0, tzinfo=UTC)),
    ],
)
def test_days_end_at_midnight_in_california(
    youtube: Youtube, server: YouTubeServer, clock: FakeClock, now: datetime, until: datetime
) -> None:
    """Also on the two days of a year that have 23 and 25 hours."""
    clock.advance((now - clock.now()).total_seconds())
    server.route("GET", CHANNELS, quota_exceeded())
    with pytest.raises(QuotaExhausted) as caught:
        youtube.discover(SCOPE, None)
    assert caught.value.retry_at == until


@pytest.mark.parametrize(
    "reply",
    [
        refusal(400, "keyInvalid"),
        refusal(400, "badRequest", "global", status="INVALID_ARGUMENT",
                details=[{"reason": "API_KEY_INVALID", "domain": "googleapis.com"}]),
        refusal(403, "accessNotConfigured"),
        refusal(403, "forbidden", "youtube.common"),
        refusal(403, "ipRefererBlocked"),
        refusal(401, "authError", "global"),
        Reply.json({"error": "error message"}, 403),
        Reply.html("<html><title>Forbidden</title></html>", 403),
    ],
)  # fmt: skip
def test_a_key_that_is_refused_holds_everybody_back_and_says_what_to_do(
    youtube: Youtube, server: YouTubeServer, clock: FakeClock, reply: Reply
) -> None:
    """One question, not one for each company; the key stands in no message."""
    server.route("GET", CHANNELS, reply)
    with pytest.raises(HttpFailure) as caught:
        youtube.discover(SCOPE, None)
    assert caught.value.fix
    assert not caught.value.retryable
    assert KEY not in str(caught.value)
    with pytest.raises(RateLimited) as held:
        youtube.discover(Scope("UCothercompany0000000001", BRW), None)
    assert "YouTube" in str(held.value)
    assert len(server.requests) == 1
    server.serve()
    clock.advance(601)
    assert the_lead(youtube).external_id == CALL.id


def test_the_key_is_in_no_log_line(
    youtube: Youtube, server: YouTubeServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even when the server says it back."""
    echo = refusal(400, "keyInvalid", message=f"the key {KEY} is not valid")
    server.route("GET", CHANNELS, echo)
    with caplog.at_level(logging.DEBUG), pytest.raises(CallFailed) as caught:
        youtube.discover(SCOPE, None)
    assert KEY not in caplog.text
    assert KEY not in repr(caught.value)
    assert "***" in str(caught.value)


def test_too_many_at_once_is_tried_again(youtube: Youtube, server: YouTubeServer) -> None:
    server.route("GET", CHANNELS, refusal(403, "rateLimitExceeded"), server.channels)
    assert the_lead(youtube).external_id == CALL.id


def test_a_channel_whose_list_is_closed_costs_the_others_nothing(
    youtube: Youtube, server: YouTubeServer
) -> None:
    server.route("GET", PLAYLIST, refusal(403, "playlistItemsNotAccessible", "youtube.playlist"))
    found = youtube.discover(SCOPE, None)
    assert (found.leads, found.notes) == ((), ())
    server.serve()
    lead = the_lead(youtube)
    assert lead.external_id == CALL.id


def test_a_list_that_is_not_there_any_more_is_told(youtube: Youtube, server: YouTubeServer) -> None:
    """A new channel has none; one that had it should, and its cursor stands."""
    known = youtube.discover(SCOPE, None).cursor
    server.route("GET", PLAYLIST, refusal(404, "playlistNotFound", "youtube.playlistItem"))
    found = youtube.discover(SCOPE, known)
    assert found.cursor == known
    (note,) = found.notes
    assert "BRW: YouTube shows no list of what @brightwater published" in note


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'{"items": {"a": 1}}',
        b'{"items": [1]}',
        b'{"answer": "changed"}',
        b'{"kind": "x", "items": [{"id": "UCx", "contentDetails": {}}]}',
        b"<html>Welcome</html>",
    ],
)
def test_a_changed_shape_is_a_failed_call(
    youtube: Youtube, server: YouTubeServer, body: bytes
) -> None:
    """It is not taken for "nothing new"."""
    server.route("GET", CHANNELS, Reply(body=body))
    with pytest.raises(CallFailed):
        youtube.discover(SCOPE, None)


# ---- captions -------------------------------------------------------------------------------


def test_what_was_said_is_kept_as_it_came(youtube: Youtube) -> None:
    """With its times, and with what the publisher wrote."""
    recording = recording_of(youtube.fetch(the_lead(youtube)).content)
    assert recording.captions[2].text == ">> Jane Doe: Thank you. Customer traffic increased 3.1%,"
    assert recording.captions[2].start_s == 8.5
    assert "0:31 Questions and answers" in recording.description
    assert (recording.language, recording.by_machine, recording.missing) == ("en", False, "")


@pytest.mark.parametrize(
    ("tracks", "language", "by_machine"),
    [
        ((Track("de"), Track("en", asr=True)), "en", True),
        ((Track("en", asr=True), Track("en-US")), "en-US", False),
        ((Track("en-GB", asr=True),), "en-GB", True),
        ((Track("en-US"), Track("en")), "en", False),
    ],
)
def test_captions_by_people_come_first_in_any_region_of_a_language(
    youtube: Youtube,
    server: YouTubeServer,
    tracks: tuple[Track, ...],
    language: str,
    by_machine: bool,
) -> None:
    server.add(station(replace(CALL, tracks=tracks)))
    recording = recording_of(youtube.fetch(the_lead(youtube)).content)
    assert (recording.language, recording.by_machine) == (language, by_machine)


@pytest.mark.parametrize("how", ["a recaptcha with 429", "a bot's player", "timedtext 429"])
def test_a_blocked_address_is_left_alone_until_tomorrow(
    youtube: Youtube, server: YouTubeServer, clock: FakeClock, how: str
) -> None:
    """Said at once, and not asked once more for any film; the interface is still asked. Then
    everything is had."""
    lead = the_lead(youtube)
    if how == "a recaptcha with 429":
        server.block()
    elif how == "a bot's player":
        server.playability[CALL.id] = BOT
    else:
        server.captions_reply[CALL.id] = Reply(status=429)
    with pytest.raises(RateLimited) as caught:
        youtube.fetch(lead)
    assert caught.value.service == "youtube_transcripts"
    assert caught.value.retry_at == datetime(2026, 8, 21, 7, 0, tzinfo=UTC)
    pages = [path for path in server.paths() if path in (WATCH, PLAYER, TIMEDTEXT)]
    assert len(pages) == len(set(pages))
    for _ in range(3):
        with pytest.raises(RateLimited, match="blocks this address"):
            youtube.fetch(lead)
    assert [path for path in server.paths() if path in (WATCH, PLAYER, TIMEDTEXT)] == pages
    assert the_lead(youtube).external_id == lead.external_id
    server.serve()
    server.playability.clear()
    server.captions_reply.clear()
    clock.advance(19 * 3600 + 1)
    assert recording_of(youtube.fetch(lead).content).captions


def test_after_some_days_of_a_blocked_address_what_was_written_has_to_do(
    youtube: Youtube, server: YouTubeServer, clock: FakeClock
) -> None:
    """Counted from when it was found, not from when it was published."""
    lead = the_lead(youtube)
    server.block()
    clock.advance(2.9 * 86_400)
    with pytest.raises(RateLimited):
        youtube.fetch(lead)
    clock.advance(0.2 * 86_400)
    recording = recording_of(youtube.fetch(lead).content)
    assert recording.captions == ()
    assert "blocks this address" in recording.missing
    assert recording.description == CALL.description


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("none", "switched off"),
        ("german", "none in en (there are: de)"),
        ("age", "of age"),
        ("region", "does not play it: not available in your country"),
        ("empty", "empty"),
        ("potoken", "own player only"),
    ],
)
def test_a_film_without_captions_is_read_from_its_description(
    youtube: Youtube, server: YouTubeServer, trouble: str, words: str
) -> None:
    """That is about this film; the next one's captions are asked for as before."""
    film = CALL
    if trouble == "none":
        film = replace(CALL, tracks=())
    elif trouble == "german":
        film = replace(CALL, tracks=(Track("de"),))
    elif trouble == "empty":
        film = replace(CALL, tracks=(Track(said=()),))
    elif trouble == "potoken":
        film = replace(CALL, tracks=(Track(query="&exp=xpe"),))
    server.add(station(film))
    if trouble == "age":
        server.playability[CALL.id] = AGE
    elif trouble == "region":
        server.playability[CALL.id] = {
            "status": "UNPLAYABLE", "reason": "not available in your country"
        }  # fmt: skip
    recording = recording_of(youtube.fetch(the_lead(youtube)).content)
    assert recording.captions == ()
    assert words in recording.missing
    assert "second quarter results" in recording.description


def test_captions_that_a_machine_still_writes_are_waited_for(
    youtube: Youtube, server: YouTubeServer, clock: FakeClock
) -> None:
    """In the first hours after a call "none" means "not yet"."""
    server.add(station(replace(CALL, tracks=(), published="2026-08-20T10:00:00Z")))
    lead = the_lead(youtube)
    with pytest.raises(Rejected, match="no captions yet"):
        youtube.fetch(lead)
    clock.advance(5 * 3600)
    assert recording_of(youtube.fetch(lead).content).missing


@pytest.mark.parametrize("where", ["the interface", "the player"])
def test_a_film_that_is_gone_is_refused(
    youtube: Youtube, server: YouTubeServer, where: str
) -> None:
    lead = the_lead(youtube)
    if where == "the interface":
        server.add(station(replace(CALL, shown=False)))
    else:
        server.playability[CALL.id] = UNAVAILABLE
    with pytest.raises(DocumentRefused, match="no such video"):
        youtube.fetch(lead)


def test_a_premiere_that_the_player_knows_of_is_waited_for(
    youtube: Youtube, server: YouTubeServer
) -> None:
    lead = the_lead(youtube)
    server.playability[CALL.id] = UPCOMING
    with pytest.raises(Rejected, match="Premieres in 3 hours"):
        youtube.fetch(lead)


@pytest.mark.parametrize(
    ("path", "reply"),
    [
        (WATCH, Reply.html("<html>a page of another design</html>")),
        (PLAYER, Reply.json({"captions": {"playerCaptionsTracklistRenderer": TRACKLESS}})),
        (PLAYER, Reply.json([])),
        (PLAYER, Reply.html("<html>")),
        (TIMEDTEXT, Reply(body=b"<transcript><text start='x'>")),
        (TIMEDTEXT, Reply(body=b'<!DOCTYPE x [<!ENTITY a "b">]><transcript>&a;</transcript>')),
        (TIMEDTEXT, Reply(body=b"")),
        (TIMEDTEXT, Reply(status=404)),
    ],
)  # fmt: skip
def test_pages_in_another_shape_are_a_failed_call(
    youtube: Youtube, server: YouTubeServer, path: str, reply: Reply
) -> None:
    """Said as what it is; the film is tried again later, and others meanwhile."""
    lead = the_lead(youtube)
    server.route("POST" if path == PLAYER else "GET", path, reply)
    with pytest.raises(CallError) as caught:
        youtube.fetch(lead)
    assert not isinstance(caught.value, Rejected)
    assert caught.value.service == "youtube_transcripts"
    server.serve()
    assert recording_of(youtube.fetch(lead).content).captions


def test_a_page_of_consent_is_answered_with_a_cookie(
    youtube: Youtube, server: YouTubeServer
) -> None:
    """As visitors from Europe meet it; the cookie goes to that visit alone."""
    ask = '<form action="https://consent.youtube.com/s"><input name="v" value="cb.20260801"></form>'
    usual = server._routes["GET", WATCH][0]
    server.route("GET", WATCH, Reply.html(ask), usual)
    assert recording_of(youtube.fetch(the_lead(youtube)).content).captions
    cookies = [request.headers.get("cookie", "") for request in asked(server, WATCH)]
    assert "CONSENT" not in cookies[0]
    assert "CONSENT=YES+cb.20260801" in cookies[1]


def test_an_answer_that_leads_elsewhere_is_not_followed(
    youtube: Youtube, server: YouTubeServer
) -> None:
    """Addresses in answers are data."""
    lead = the_lead(youtube)
    track = {
        "baseUrl": "http://169.254.169.254/latest?token=secret", "languageCode": "en",
        "name": {"runs": [{"text": "en"}]},
    }  # fmt: skip
    tracks = {"captionTracks": [track]}
    body = {
        "playabilityStatus": {"status": "OK"},
        "captions": {"playerCaptionsTracklistRenderer": tracks},
    }
    server.route("POST", PLAYER, Reply.json(body))
    with pytest.raises(BadAnswer, match="another host") as caught:
        youtube.fetch(lead)
    assert "secret" not in str(caught.value)


def test_captions_may_be_switched_off(
    server: YouTubeServer, door: HttpDoor, clock: FakeClock
) -> None:
    """Then no page is asked for."""
    source = Youtube(
        door, clock, api_key=KEY, channels={"BRW": "@brightwater"}, api_url=server.url,
        watch_url=server.url, with_transcripts=False,
    )  # fmt: skip
    recording = recording_of(source.fetch(the_lead(source)).content)
    assert "switched off" in recording.missing
    assert WATCH not in server.paths()


def test_nothing_but_our_own_errors_comes_out_of_too_much(
    youtube: Youtube, server: YouTubeServer
) -> None:
    lead = the_lead(youtube)
    server.captions_reply[CALL.id] = Reply(body=b"x" * 200_000)
    with pytest.raises(DocumentRefused, match=r"limit is 0\.1 MB") as caught:
        youtube.fetch(lead)
    assert isinstance(caught.value.__cause__, TooLarge)
