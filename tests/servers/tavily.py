"""A little Tavily on the loopback interface: its answers and refusals, as it documents them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.servers.http import LoopbackServer, RecordedRequest, Reply

KEY = "tvly-dev-0123456789abcdef"
REFUSALS = {
    400: "Query is too long. Max query length is 400 characters.",
    401: "Unauthorized: missing or invalid API key.",
    429: "Your request has been blocked due to excessive requests. Please reduce rate of requests.",
    432: "This request exceeds your plan's set usage limit. Please upgrade your plan.",
    433: "This request exceeds the pay-as-you-go limit. You can increase your limit.",
    500: "Internal Server Error",
}


def result(title: str, url: str, told: str = "Wed, 18 Nov 2026 12:00:00 GMT") -> dict[str, object]:
    return {"title": title, "url": url, "content": "…", "score": 0.87, "published_date": told}


def found(results: Sequence[dict[str, object]], credits_used: int = 1) -> Reply:
    return Reply.json(
        {
            "query": "…",
            "follow_up_questions": None,
            "answer": None,
            "images": [],
            "results": list(results),
            "response_time": 0.92,
            "usage": {"credits": credits_used},
            "request_id": "123e4567",
        }
    )


def refusal(status: int, **headers: str) -> Reply:
    return Reply.json({"detail": {"error": REFUSALS[status]}}, status, **headers)


class TavilyServer(LoopbackServer):
    """Finds nothing until it is told what; refuses any key but `KEY`."""

    def __init__(self) -> None:
        super().__init__()
        self.answers(found([]))
        account = {"current_plan": "Researcher", "plan_usage": 150, "plan_limit": 1000}
        usage = {"key": {"usage": 150, "limit": None}, "account": account}
        self.route("GET", "/usage", self._for_key(Reply.json(usage)))

    def answers(self, *replies: Reply) -> None:
        self.route("POST", "/search", *(self._for_key(reply) for reply in replies))

    def _for_key(self, reply: Reply) -> Callable[[RecordedRequest], Reply]:
        def answer(request: RecordedRequest) -> Reply:
            is_known = request.headers.get("authorization") == f"Bearer {KEY}"
            return reply if is_known else refusal(401)

        return answer
