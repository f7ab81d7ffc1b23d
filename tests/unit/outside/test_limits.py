"""What headers say of limits, in each dialect."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outside.http import HttpDoor
from outside.limits import LONGEST_RESET_S, LimitSeen, limits_of
from resilience.outcomes import CircuitOpen, RateLimited
from resilience.registry import Policies
from resilience.spec import PolicySpec, RateRule
from resilience.testing import START, FakeClock
from tests.servers.http import LoopbackServer, Reply

AS_UNIX_TIME = str(int(START.timestamp()) + 90)
IN_A_MINUTE = (START + timedelta(seconds=60)).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("service", "headers", "seen"),
    [
        (
            "claude",
            {
                "anthropic-ratelimit-requests-remaining": "49",
                "anthropic-ratelimit-requests-reset": IN_A_MINUTE,
                "anthropic-ratelimit-input-tokens-remaining": "0",
                "anthropic-ratelimit-input-tokens-reset": IN_A_MINUTE,
            },
            [
                LimitSeen("requests", 49, 60, "minute"),
                LimitSeen("input_tokens", 0, 60, "minute"),
            ],
        ),
        (
            "groq",
            {
                "x-ratelimit-remaining-requests": "14370",
                "x-ratelimit-reset-requests": "2m59.56s",
                "x-ratelimit-remaining-tokens": "17997",
                "x-ratelimit-reset-tokens": "7.66s",
            },
            [
                LimitSeen("requests", 14370, 179.56, "day"),
                LimitSeen("tokens", 17997, 7.66, "minute"),
            ],
        ),
        ("groq", {"x-ratelimit-remaining-tokens": "1", "x-ratelimit-reset-tokens": "250ms"},
         [LimitSeen("tokens", 1, 0.25, "minute")]),
        ("shop", {"x-ratelimit-remaining": "3", "x-ratelimit-reset": "30"},
         [LimitSeen("requests", 3, 30)]),
        ("shop", {"x-ratelimit-remaining": "3", "x-ratelimit-reset": AS_UNIX_TIME},
         [LimitSeen("requests", 3, 90)]),
        ("shop", {"ratelimit": '"default";r=50;t=30'}, [LimitSeen("requests", 50, 30)]),
        ("shop", {"ratelimit": '"burst";r=0;t=2, "day";r=900;t=40000'},
         [LimitSeen("requests", 0, 2), LimitSeen("requests", 900, 40000)]),
        ("shop", {"x-ratelimit-remaining": "7"}, [LimitSeen("requests", 7, None)]),
        ("shop", {"x-ratelimit-remaining": "many", "x-ratelimit-reset": "soon"}, []),
        ("shop", {"x-ratelimit-remaining": "-1"}, []),
        ("shop", {}, []),
        ("claude", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "5"}, []),
    ],
)  # fmt: skip
def test_each_dialect_is_read(service: str, headers: dict[str, str], seen: list[LimitSeen]) -> None:
    """What is left, until when, of which window; what cannot be read is left out."""
    assert list(limits_of(service, headers, START)) == seen


@given(st.dictionaries(st.sampled_from([
    "x-ratelimit-remaining", "x-ratelimit-reset", "ratelimit",
    "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens",
]), st.text(max_size=60)), st.sampled_from(["shop", "groq", "claude"]))  # fmt: skip
def test_no_header_breaks_it(headers: dict[str, str], service: str) -> None:
    """Headers come from others: whatever they hold, a reset is never in the past or a year off."""
    for seen in limits_of(service, headers, START):
        assert seen.remaining >= 0
        assert seen.reset_s is None or 0 <= seen.reset_s <= LONGEST_RESET_S


def test_an_answer_that_grants_no_more_holds_the_next_call(
    server: LoopbackServer, door: HttpDoor, policies: Policies, clock: FakeClock
) -> None:
    """The service need not refuse first: its last grant says when to come back."""
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "600"}
    server.route("GET", "/a", Reply(body=b"fine", headers=headers))
    door.get("shop", f"{server.url}/a")
    with pytest.raises(RateLimited) as held:
        door.get("shop", f"{server.url}/a")
    assert held.value.retry_at == clock.now() + timedelta(seconds=600)
    assert len(server.requests) == 1


def test_a_held_service_is_not_touched(
    server: LoopbackServer, door: HttpDoor, policies: Policies
) -> None:
    """Every public way through the door stands under the policy."""
    server.route("GET", "/a", Reply(body=b"fine"))
    server.route("POST", "/a", Reply(body=b"fine"))
    policies.of("shop").hold(why="they asked us to stop")
    with pytest.raises(CircuitOpen, match="they asked us to stop"):
        door.get("shop", f"{server.url}/a")
    with pytest.raises(CircuitOpen):
        door.post_json("shop", f"{server.url}/a", {})
    assert server.requests == []


def test_bytes_are_settled_with_what_came(server: LoopbackServer, clock: FakeClock) -> None:
    """A policy that counts bytes reserves the estimate and is told the truth."""
    rate = RateRule(1000, per_s=1000, burst=5000, resource="bytes")
    spec = PolicySpec(rates=(rate,), estimates={"bytes": 100}, at_once=0)
    policies = Policies({"shop": spec}, clock)
    door = HttpDoor(policies, clock, "RetailXAI/test")
    server.route("GET", "/a", Reply(body=b"x" * 4500))
    door.get("shop", f"{server.url}/a")
    explained = policies.explain("shop", {"bytes": 1000})
    assert explained.wait_s == pytest.approx(500)
    door.close()
