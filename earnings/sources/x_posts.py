"""X: what companies post under their own accounts, by recent search.

    GET /2/tweets/search/recent?query=from:handle -is:retweet -is:reply&since_id=...

Only accounts that the watch list names are asked for, and every post is held against its
author in the answer: one of anybody else is left out, whatever the search says. The cursor is
the newest id; posts older than a week are not there to be searched (`since_id` too old is
answered 400, and the search begins anew). Pages are followed to `max_pages`; what is beyond
is older, is told as left out, and the cursor still moves.

X says in its headers when a window of its limit ends; the policy holds every caller until then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

from earnings.regexes import lazy_regex
from earnings.sources.base import ByChoice, Discovery, Scope
from earnings.sources.headlines_only import HeadlinesOnly, changed, headline_of, plausible
from earnings.sources.moments import iso
from earnings.vocabulary import Company, Headline
from outside.answers import HttpAnswer
from outside.errors import BadAnswer, Refused, Throttled
from outside.http import HttpDoor
from resilience.clock import Clock
from resilience.outcomes import Outcome, Rejected

SERVICE = "x"
TOKEN = "X_BEARER_TOKEN"  # noqa: S105 (its name)
PAGE = 100
MAX_BYTES = 2_000_000
SEARCHABLE = timedelta(days=7) - timedelta(minutes=10)
_ID = lazy_regex(r"[0-9]{1,20}")
_SWITCH_OFF = "switch [x] off"
_LONGEST_WAIT_S = 16 * 60.0


@dataclass(frozen=True)
class _Page:
    posts: tuple[Mapping[str, Any], ...]
    authors: Mapping[str, str]  # id -> handle, folded
    newest_id: str
    next_token: str
    notes: tuple[str, ...]


class XPosts(HeadlinesOnly):
    """The source. Knows nothing between calls."""

    def __init__(
        self,
        door: HttpDoor,
        clock: Clock,
        *,
        enabled: bool = False,
        token: str | None = None,
        base_url: str = "https://api.x.com",
        max_pages: int = 3,
        handles: Mapping[str, str] | None = None,
    ) -> None:
        self._door = door
        self._clock = clock
        self._enabled = enabled
        self._token = token
        self._url = base_url
        self._max_pages = max_pages
        self._handles = {ticker: name.lstrip("@") for ticker, name in (handles or {}).items()}

    @property
    def name(self) -> str:
        return SERVICE

    def switched_off(self) -> str | None:
        if not self._enabled:
            return ByChoice(
                f"set enabled = true under [x] in retailxai.toml and {TOKEN} to read companies' "
                "own posts"
            )
        if not self._token:
            return f"set {TOKEN} to the bearer token of your app on X"
        if not self._handles:
            return 'no company has an account: write x = "@handle" under its [[companies]]'
        return None

    def greet(self) -> str:
        handle = next(iter(self._handles.values()))
        params = {"query": _query(handle), "max_results": "10"}
        self._page(self._get(params), handle)
        return "X answers to this token (it took 1 search)"

    def scopes(self, companies: Sequence[Company]) -> Iterable[Scope]:
        """The companies whose account is written down."""
        return [
            Scope(f"{company.ticker} @{self._handles[company.ticker]}", company, is_aside=True)
            for company in companies
            if company.ticker in self._handles and not company.is_sample
        ]

    def discover(self, scope: Scope, cursor: str | None, since: date | None = None) -> Discovery:
        company = scope.company
        if company is None or company.ticker not in self._handles:
            raise ValueError(f"X is asked per company with an account, not for {scope.key!r}")
        handle = self._handles[company.ticker]
        known = cursor if cursor and _ID.fullmatch(cursor) else None
        try:
            pages = self._pages(handle, known, since)
        except Refused as refused:
            if refused.status in (401, 403):  # whoever is asked next is refused as well
                raise Rejected(SERVICE, refused.what, fix=refused.fix) from refused
            if known is None or since is not None or not _is_too_old(refused):
                raise
            pages = self._pages(handle, None, None)  # the id is older than what is searched
        notes = [f"@{handle}: {note}" for page in pages for note in page.notes]
        if pages[-1].next_token:
            notes.append(f"@{handle}: more posts than {self._max_pages} pages; the oldest are left")
        found: list[Headline] = []
        strangers = 0
        for page in pages:
            for post in page.posts:
                if page.authors.get(str(post.get("author_id"))) != handle.casefold():
                    strangers += 1
                    continue
                found += self._headline(company, handle, post)
        if strangers:
            notes.append(f"@{handle}: {strangers} posts of others in the answer, left out")
        moved = max([*(page.newest_id for page in pages), known or ""], key=_number)
        found.reverse()  # they come newest first
        found.sort(key=lambda one: one.published_at or self._clock.now())
        return Discovery((), moved or None, tuple(notes), tuple(found))

    # ---- asking

    def _pages(self, handle: str, since_id: str | None, since: date | None) -> list[_Page]:
        params = {
            "query": _query(handle),
            "max_results": str(PAGE),
            "tweet.fields": "author_id,created_at",
            "expansions": "author_id",
            "user.fields": "username",
        }
        if since is not None:
            begins = datetime.combine(since, time(), UTC)
            begins = max(begins, self._clock.now() - SEARCHABLE)
            params["start_time"] = f"{begins:%Y-%m-%dT%H:%M:%SZ}"
        elif since_id is not None:
            params["since_id"] = since_id
        pages = [self._page(self._get(params), handle)]
        while pages[-1].next_token and len(pages) < self._max_pages:
            more = {**params, "next_token": pages[-1].next_token}
            pages.append(self._page(self._get(more), handle))
        return pages

    def _get(self, params: Mapping[str, str]) -> HttpAnswer:
        return self._door.get(
            SERVICE,
            f"{self._url}/2/tweets/search/recent",
            params=params,
            headers={"authorization": f"Bearer {self._token}"},
            max_bytes=MAX_BYTES,
            check=self._check,
        )

    def _check(self, answer: HttpAnswer) -> None:
        if answer.status in (401, 403):
            what = "the token is refused" if answer.status == 401 else "this app may not search"
            fix = f"copy the app's bearer token again into {TOKEN}"
            raise Refused(
                SERVICE,
                f"{what} ({answer.status}){_said(answer)}",
                accepted=False,
                outcome=Outcome.NEUTRAL,
                fix=fix if answer.status == 401 else "give the app access to recent search",
                answer=answer,
            )
        if answer.status == 429:
            wait = self._wait_s(answer)
            raise Throttled(
                SERVICE,
                f"too many requests (429){_said(answer)}",
                retryable=wait is not None and wait < 30,
                accepted=False,
                retry_after_s=wait,
                fix="nothing to do: it is asked again when the window is over",
                answer=answer,
            )

    def _wait_s(self, answer: HttpAnswer) -> float | None:
        """Until the window is over, by the header, as far as it is believed."""
        reset = answer.headers.get("x-rate-limit-reset", "").strip()
        if not _ID.fullmatch(reset):
            return None
        left = float(reset) - self._clock.now().timestamp()
        return min(max(left, 1.0), _LONGEST_WAIT_S)

    # ---- what came

    def _page(self, answer: HttpAnswer, handle: str) -> _Page:
        document = answer.json()
        meta = document.get("meta") if isinstance(document, dict) else None
        if not isinstance(meta, dict):
            errors = document.get("errors") if isinstance(document, dict) else None
            if errors:
                return _Page((), {}, "", "", _problems(errors))
            raise changed(answer, "has no meta", _SWITCH_OFF)
        includes = document.get("includes", {})
        posts = _tables(document.get("data", []))
        users = _tables(includes.get("users", []) if isinstance(includes, dict) else None)
        if posts is None or users is None:
            raise changed(answer, "has posts or users that are none", _SWITCH_OFF)
        authors = {str(user.get("id")): str(user.get("username", "")).casefold() for user in users}
        newest = str(meta.get("newest_id") or "")
        return _Page(
            tuple(posts),
            authors,
            newest if _ID.fullmatch(newest) else "",
            str(meta.get("next_token") or ""),
            _problems(document.get("errors", ())),
        )

    def _headline(self, company: Company, handle: str, post: Mapping[str, Any]) -> list[Headline]:
        number = str(post.get("id", ""))
        if not _ID.fullmatch(number):
            return []
        made = headline_of(
            SERVICE,
            str(post.get("text") or ""),
            f"https://x.com/{handle}/status/{number}",
            publisher=f"@{handle}",
            published_at=plausible(iso(post.get("created_at")), self._clock.now()),
            tickers=(company.ticker,),
        )
        return [made] if made is not None else []


def _query(handle: str) -> str:
    return f"from:{handle} -is:retweet -is:reply"


def _number(text: str) -> int:
    return int(text) if _ID.fullmatch(text) else 0


def _tables(value: object) -> list[dict[str, Any]] | None:
    is_list = isinstance(value, list) and all(isinstance(one, dict) for one in value)
    return cast("list[dict[str, Any]]", value) if is_list else None


def _problems(errors: object) -> tuple[str, ...]:
    """Partial errors: the answer is good as far as it goes, and says what it lacks."""
    found = [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    words = (str(one.get("detail") or one.get("title") or "an error") for one in found)
    return tuple(" ".join(one.split())[:200] for one in words)[:5]


def _said(answer: HttpAnswer) -> str:
    try:
        document = answer.json()
    except BadAnswer:
        return ""
    said = document.get("detail") or document.get("title") if isinstance(document, dict) else ""
    return f": {' '.join(str(said).split())[:200]}" if said else ""


def _is_too_old(refused: Refused) -> bool:
    return refused.status == 400 and "since_id" in (refused.answer.text() if refused.answer else "")
