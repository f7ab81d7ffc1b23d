"""Tavily: a search engine for programs, asked once per company what was written lately.

    POST /search, Authorization: Bearer tvly-...    one credit

What it refuses with, by its documentation: 401 the key, 429 too fast, 432 the plan's credits
are used up, 433 the pay-as-you-go limit is reached. The last two end with the account's month
or with a person's click, not by waiting a minute, so the source rests until the month is over.

What it finds are links. Its summaries are not kept, and nothing of it is evidence.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from earnings.mentions import Mentions
from earnings.sources.base import ByChoice, Discovery, Scope
from earnings.sources.headlines_only import HeadlinesOnly, changed, headline_of, plausible
from earnings.sources.moments import in_utc
from earnings.vocabulary import Company, Headline
from outside.answers import HttpAnswer
from outside.errors import BadAnswer, Refused
from outside.http import HttpDoor
from resilience.clock import Clock
from resilience.outcomes import Outcome, Rejected

SERVICE = "tavily"
KEY = "TAVILY_API_KEY"
REMEMBERED = 200
MAX_BYTES = 2_000_000
PLAN_USED_UP, PAY_AS_YOU_GO_USED_UP = 432, 433
_RAISE = "raise the limit at https://app.tavily.com and start again, or wait for the month"
_USED_UP = {
    PLAN_USED_UP: "the credits of its plan are used up (432)",
    PAY_AS_YOU_GO_USED_UP: "its pay-as-you-go limit is reached (433)",
}
_SWITCH_OFF = f"unset {KEY}"


class Tavily(HeadlinesOnly):
    """The source. Remembers that the credits are used up, until the next month."""

    def __init__(
        self,
        door: HttpDoor,
        clock: Clock,
        *,
        api_key: str | None,
        base_url: str = "https://api.tavily.com",
        days: int = 7,
        max_results: int = 8,
        aliases: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._door = door
        self._clock = clock
        self._key = api_key
        self._url = base_url
        self._days = days
        self._max_results = max_results
        self._aliases = aliases or {}
        self._used_up: tuple[datetime, str] | None = None  # until when, and why

    @property
    def name(self) -> str:
        return SERVICE

    def switched_off(self) -> str | None:
        if not self._key:
            return ByChoice(f"set {KEY} (https://app.tavily.com) to search the news")
        return None

    def greet(self) -> str:
        """What is left of the account: a question that takes no credit."""
        answer = self._door.get(
            SERVICE, f"{self._url}/usage", headers=self._headers(), check=self._check
        )
        usage = answer.json()
        account = usage.get("account") if isinstance(usage, dict) else None
        if not isinstance(account, dict):
            raise changed(answer, "says nothing of the account", _SWITCH_OFF)
        used, limit = account.get("plan_usage"), account.get("plan_limit")
        if isinstance(used, int | float) and isinstance(limit, int | float) and used >= limit:
            said = f"the key is good, but its credits are used up ({used} of {limit})"
            raise Refused(SERVICE, said, accepted=False, outcome=Outcome.NEUTRAL, fix=_RAISE,
                          answer=answer)  # fmt: skip
        return f"the key is good; {used} of {limit if limit is not None else 'any number of'} "\
               "credits are used (asking took no credit)"  # fmt: skip

    def scopes(self, companies: Sequence[Company]) -> Iterable[Scope]:
        return [
            Scope(company.ticker, company, is_aside=True)
            for company in companies
            if not company.is_sample
        ]

    def discover(self, scope: Scope, cursor: str | None, since: date | None = None) -> Discovery:
        company = scope.company
        if company is None:
            raise ValueError(f"Tavily is asked per company, not for {scope.key!r}")
        self._refuse_if_used_up()
        seen = _seen(cursor)
        try:
            answer = self._search(company, since)
        except Refused as refused:
            if refused.status in (401, 403, *_USED_UP):  # so is whoever is asked for next
                raise Rejected(
                    SERVICE, refused.what, refused.retry_at, fix=refused.fix
                ) from refused
            raise
        found = [one for one in self._headlines(answer, company) if one.link not in seen]
        found.sort(key=lambda one: one.published_at or self._clock.now())
        kept = list(dict.fromkeys([*seen, *(one.link for one in found)]))[-REMEMBERED:]
        return Discovery((), json.dumps(kept) if kept else None, (), tuple(found))

    # ---- asking

    def _search(self, company: Company, since: date | None) -> HttpAnswer:
        now = self._clock.now()
        first = since or (now - timedelta(days=self._days)).date()
        body = {
            "query": f"{company.name} ({company.ticker}) retailer news",
            "topic": "news",
            "search_depth": "basic",
            "start_date": first.isoformat(),
            "max_results": self._max_results,
            "include_usage": True,
        }
        return self._door.post_json(
            SERVICE,
            f"{self._url}/search",
            body,
            headers=self._headers(),
            max_bytes=MAX_BYTES,
            check=self._check,
            cost={"credits": 1.0},
            true_cost=_credits,
        )

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._key}"}

    def _check(self, answer: HttpAnswer) -> None:
        """Its refusals, in its own meaning."""
        said = _detail(answer)
        if answer.status in (401, 403):
            raise Refused(
                SERVICE,
                f"the key is refused ({answer.status})" + (f": {said}" if said else ""),
                accepted=False,
                outcome=Outcome.NEUTRAL,
                fix=f"copy the key again from https://app.tavily.com into {KEY}",
                answer=answer,
            )
        if answer.status in _USED_UP:
            self._used_up = (_next_month(self._clock.now()), _USED_UP[answer.status])
            until, why = self._used_up
            failure = Refused(
                SERVICE, why, accepted=False, outcome=Outcome.NEUTRAL, fix=_RAISE, answer=answer
            )
            failure.retry_at = until
            raise failure

    def _refuse_if_used_up(self) -> None:
        """Without asking again in the month, until the program is started anew."""
        if self._used_up is not None and self._clock.now() < self._used_up[0]:
            raise Rejected(SERVICE, self._used_up[1], self._used_up[0], fix=_RAISE)
        self._used_up = None

    # ---- what came

    def _headlines(self, answer: HttpAnswer, company: Company) -> Iterable[Headline]:
        """Those whose title speaks of the company: a search also finds what is near it."""
        document = answer.json()
        results = document.get("results") if isinstance(document, dict) else None
        if not isinstance(results, list):
            raise changed(answer, "has no list of results", _SWITCH_OFF)
        mentions = Mentions([company], self._aliases)
        for result in results[: self._max_results]:
            if not isinstance(result, dict):
                raise changed(answer, "has a result that is none", _SWITCH_OFF)
            title, link = result.get("title"), result.get("url")
            if not isinstance(title, str) or not isinstance(link, str):
                continue
            if not mentions.tickers(title):
                continue
            headline = headline_of(
                SERVICE,
                title,
                link,
                publisher=_site(link),
                published_at=plausible(_told(result.get("published_date")), self._clock.now()),
                tickers=(company.ticker,),
            )
            if headline is not None:
                yield headline


def _credits(answer: HttpAnswer) -> dict[str, float]:
    """What it says the search took; one where it does not say."""
    try:
        usage = answer.json().get("usage") or {}
        return {"credits": max(0.0, float(usage.get("credits", 1)))}
    except (BadAnswer, AttributeError, TypeError, ValueError):
        return {"credits": 1.0}


def _detail(answer: HttpAnswer) -> str:
    """{"detail": {"error": "..."}} is how it explains itself."""
    if answer.status < 400:
        return ""
    try:
        detail = answer.json().get("detail")
        said = detail.get("error") if isinstance(detail, dict) else detail
    except (BadAnswer, AttributeError):
        return ""
    return " ".join(str(said).split())[:200] if said else ""


def _seen(cursor: str | None) -> list[str]:
    try:
        links = json.loads(cursor) if cursor else []
    except ValueError:
        return []
    return [str(link) for link in links] if isinstance(links, list) else []


def _told(value: Any) -> datetime | None:
    """RFC 2822 as it sends it, or ISO 8601."""
    if not isinstance(value, str):
        return None
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
    return in_utc(moment)


def _site(link: str) -> str:
    return link.split("/")[2].removeprefix("www.") if link.count("/") >= 2 else ""


def _next_month(now: datetime) -> datetime:
    year, month = divmod(now.year * 12 + now.month, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)
