"""A little X on the loopback interface: recent search of invented accounts' posts."""

from __future__ import annotations

from dataclasses import dataclass

from tests.servers.http import LoopbackServer, RecordedRequest, Reply

RECENT = "/2/tweets/search/recent"
TOKEN = "AAAAAAAAAAAAAAAAAAAAAtest-bearer"


@dataclass(frozen=True)
class Post:
    number: int
    text: str
    author: str = "brightwater"
    told: str = "2026-11-18T12:00:00.000Z"


def refusal(status: int, title: str, detail: str, **headers: str) -> Reply:
    body = {"title": title, "detail": detail, "type": "about:blank", "status": status}
    return Reply.json(body, status, **headers)


class XServer(LoopbackServer):
    """Serves `posts` newest first, `page` at a time; honours since_id, next_token and from:.

    `strangers` are put into every answer, whoever was asked for."""

    def __init__(self, page: int = 100) -> None:
        super().__init__()
        self.posts: list[Post] = []
        self.strangers: list[Post] = []
        self.errors: list[dict[str, str]] = []
        self.page = page
        self.route("GET", RECENT, self.search)

    def search(self, request: RecordedRequest) -> Reply:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return refusal(401, "Unauthorized", "Unauthorized")
        query = request.query["query"][0]
        handle = query.split()[0].removeprefix("from:").lower()
        since = int(request.query.get("since_id", ["0"])[0])
        mine = [p for p in self.posts if p.author.lower() == handle and p.number > since]
        mine.sort(key=lambda post: -post.number)
        begin = int(request.query.get("next_token", ["0"])[0])
        shown = mine[begin : begin + self.page]
        more = begin + self.page < len(mine)
        meta: dict[str, object] = {"result_count": len(shown)}
        if shown:
            meta |= {"newest_id": str(shown[0].number), "oldest_id": str(shown[-1].number)}
        if more:
            meta["next_token"] = str(begin + self.page)
        answer: dict[str, object] = {"meta": meta}
        every = [*shown, *self.strangers]
        if every:
            answer["data"] = [
                {"id": str(p.number), "text": p.text, "author_id": _author(p.author),
                 "created_at": p.told, "edit_history_tweet_ids": [str(p.number)]}
                for p in every
            ]  # fmt: skip
            names = dict.fromkeys(p.author for p in every)
            answer["includes"] = {
                "users": [{"id": _author(n), "name": n, "username": n.title()} for n in names]
            }
        if self.errors:
            answer["errors"] = self.errors
        return Reply.json(
            answer, x_rate_limit_limit="450", x_rate_limit_remaining="449",
            x_rate_limit_reset="1795090000",
        )  # fmt: skip


def _author(name: str) -> str:
    return str(sum(ord(char) * 31**place for place, char in enumerate(name.lower())) % 10**9)
