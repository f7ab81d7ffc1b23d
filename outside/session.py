"""A browser's visit to one site by the one door, for a library that expects an HTTP session.

The library speaks of pages; time limits, size limits, the service's policy, redaction and the
errors are the door's. Cookies last as long as the visit. A page that leads to another host
than the site's own is not asked for: addresses in answers are data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from outside.answers import HttpAnswer
from outside.errors import BadAnswer
from outside.http import HttpDoor
from outside.redaction import safe_url
from outside.request import Check
from resilience.outcomes import Outcome


@dataclass(frozen=True)
class Page:
    """An answer in the words of the `requests` library. Failures never come this far."""

    answer: HttpAnswer

    @property
    def status_code(self) -> int:
        return self.answer.status

    @property
    def text(self) -> str:
        return self.answer.text()

    def json(self) -> Any:
        return self.answer.json()

    def raise_for_status(self) -> None:
        """The door has raised already."""


class Cookies:
    def __init__(self, held: Mapping[str, str]) -> None:
        self._held = dict(held)

    def set(self, name: str, value: str, **_: object) -> None:
        self._held[name] = value

    def header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._held.items())


class Visit:
    """`site` is written into addresses ("https://www.youtube.com"), `at` is where it is asked.
    Not for several threads."""

    def __init__(
        self,
        door: HttpDoor,
        service: str,
        *,
        site: str,
        at: str,
        max_bytes: int,
        check: Check,
        cookies: Mapping[str, str] | None = None,
    ) -> None:
        self.headers: dict[str, str] = {}
        self.cookies = Cookies(cookies or {})
        self.max_bytes = max_bytes
        self._door = door
        self._service = service
        self._site = site.rstrip("/")
        self._at = at.rstrip("/")
        self._check = check

    def get(self, url: str) -> Page:
        answer = self._door.get(
            self._service,
            self._address(url),
            headers=self._named(),
            max_bytes=self.max_bytes,
            check=self._check,
        )
        return Page(answer)

    def post(self, url: str, json: object) -> Page:
        """A question that changes nothing there, so it may be asked again."""
        answer = self._door.post_json(
            self._service,
            self._address(url),
            json,
            headers=self._named(),
            max_bytes=self.max_bytes,
            check=self._check,
            repeatable=True,
        )
        return Page(answer)

    def _named(self) -> dict[str, str]:
        cookie = self.cookies.header()
        return {**self.headers, **({"cookie": cookie} if cookie else {})}

    def _address(self, url: str) -> str:
        if url.startswith("/"):
            return self._at + url
        for ours in (self._site, self._at):
            if url == ours or url.startswith((f"{ours}/", f"{ours}?")):
                return self._at + url[len(ours) :]
        host = urlsplit(url).hostname or "nowhere"
        raise BadAnswer(
            self._service,
            f"an answer leads to another host ({host}), which is not asked: {safe_url(url)}",
            outcome=Outcome.NEUTRAL,
        )
