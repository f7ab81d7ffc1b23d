"""The one HTTP door: whoever wants something from another machine asks here.

Each request runs under its service's policy; this module adds what a single attempt needs:
time limits, a size limit, no surprise redirects, and an error of ours for every way it can
end. Secrets of a request (headers, keys in the query) appear in no message, and no error of
the HTTP library leaves here, because its text holds the whole address.

Time: `connect_timeout_s` to connect, `read_timeout_s` (None: the time-out of the service's
policy) between two pieces of the answer, `total_timeout_s` until the body is here. Not
promised: a server that sends its *headers* a byte at a time, or a name server that does not
answer, can hold an attempt for longer.

A POST never travels on a kept-alive connection: when the server closes one just as we
send, nobody can tell whether it took the request, and some of ours cost money.
"""

from __future__ import annotations

import json
import logging
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import requests
import urllib3.exceptions
from requests.adapters import BaseAdapter, HTTPAdapter

from outside.answers import HttpAnswer
from outside.bodies import BodyBroken, BodyTooLarge, BodyTooSlow, read_body
from outside.errors import HttpFailure
from outside.headers import retry_after_s
from outside.limits import limits_of
from outside.redaction import secrets_of
from outside.request import Ask, BeforeSend, Check
from outside.statuses import failure_of
from outside.traffic import Traffic, TrafficCount
from resilience.clock import Clock
from resilience.outcomes import CallFailed, Outcome
from resilience.policy import Policy
from resilience.registry import Policies

MAX_BYTES = 10_000_000
MAX_ERROR_BYTES = 262_144  # of an answer that is an error anyway
MAX_REDIRECTS = 3
MAX_POOLED = 32
REDIRECTS = frozenset({301, 302, 303, 307, 308})


class HttpDoor:
    """Thread-safe; one for the whole process."""

    def __init__(
        self,
        policies: Policies,
        clock: Clock,
        user_agent: str,
        connect_timeout_s: float = 5.0,
        read_timeout_s: float | None = None,
        total_timeout_s: float = 120.0,
    ) -> None:
        self._policies = policies
        self._clock = clock
        self._user_agent = user_agent
        self._connect_timeout_s = connect_timeout_s
        self._read_timeout_s = read_timeout_s
        self._total_timeout_s = total_timeout_s
        self._traffic = TrafficCount()
        self._session = _session()
        self._environment: dict[object, Mapping[str, Any]] = {}  # by origin; there are few

    def get(
        self,
        service: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = MAX_BYTES,
        deadline_at: float | None = None,
        check: Check | None = None,
        cost: Mapping[str, float] | None = None,
        follows: bool = True,
    ) -> HttpAnswer:
        """The 2xx (or 304) answer; `deadline_at` is monotonic; `cost` is what it takes of the
        resources the service's policy counts (it is one request in any case). Without
        `follows` a redirect is a BadAnswer that holds it.

        `check` sees every answer, whatever its status, inside the policy: a CallFailed it
        raises counts like one of ours. Raises CallFailed (outside.errors) and Rejected.
        """
        full_url = f"{url}?{urlencode(params)}" if params else url
        return self._call(
            service,
            "GET",
            full_url,
            headers or {},
            max_bytes=max_bytes,
            deadline_at=deadline_at,
            check=check,
            repeatable=True,
            cost=cost,
            follows=follows,
        )

    def post_json(
        self,
        service: str,
        url: str,
        body: object,
        *,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
        max_bytes: int = MAX_BYTES,
        deadline_at: float | None = None,
        check: Check | None = None,
        repeatable: bool = False,
        cost: Mapping[str, float] | None = None,
        true_cost: Callable[[HttpAnswer], Mapping[str, float]] | None = None,
        before_send: BeforeSend | None = None,
    ) -> HttpAnswer:
        """As `get`; `timeout_s` is how long the answer may take to begin, and in all, and
        `true_cost` says of the answer what it took where `cost` was an estimate.
        `before_send` is called when the policy has let an attempt through and nothing was sent
        yet; what it raises keeps it from being sent, and says nothing about the service if it
        is a Rejected. What it returns is called with the failure of an attempt that is proven
        not to have been taken, before another one is waited for.

        Unless `repeatable`, a request that the other side may have taken (`accepted`) is
        not tried again, whatever else its failure says.
        """
        sent = json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
        named = {"content-type": "application/json", "connection": "close", **(headers or {})}
        return self._call(
            service,
            "POST",
            url,
            named,
            body=sent,
            timeout_s=timeout_s,
            max_bytes=max_bytes,
            deadline_at=deadline_at,
            check=check,
            repeatable=repeatable,
            cost=cost,
            true_cost=true_cost,
            before_send=before_send,
        )

    def used_up(self, service: str, resource: str, reset_s: float, per: str | None = None) -> None:
        """The service said in an answer that nothing is left of `resource` until its reset."""
        self._policies.of(service).observe(resource, 0.0, reset_s, per)

    def leave_alone(self, service: str, seconds: float, why: str) -> None:
        """Nobody asks `service` for so long: it was understood that asking is of no use."""
        self._policies.of(service).pause(seconds, why, longest_s=seconds)

    def take_traffic(self) -> dict[str, Traffic]:
        """Attempts, failures and bytes per service since this was last asked."""
        return self._traffic.take()

    def give_back(self, taken: Mapping[str, Traffic]) -> None:
        """Traffic that could not be written down: it is taken again the next time."""
        self._traffic.give_back(taken)

    def close(self) -> None:
        self._session.close()

    def _call(
        self,
        service: str,
        method: str,
        url: str,
        headers: Mapping[str, str],
        *,
        max_bytes: int,
        deadline_at: float | None,
        check: Check | None,
        repeatable: bool,
        body: bytes | None = None,
        timeout_s: float | None = None,
        cost: Mapping[str, float] | None = None,
        true_cost: Callable[[HttpAnswer], Mapping[str, float]] | None = None,
        before_send: BeforeSend | None = None,
        follows: bool = True,
    ) -> HttpAnswer:
        policy = self._policies.of(service)
        ends = self._clock.monotonic() + policy.spec.deadline_s
        ends = ends if deadline_at is None else min(ends, deadline_at)
        named = {"user-agent": self._user_agent, "accept-encoding": "gzip, deflate"}
        named |= {name.lower(): value for name, value in headers.items()}
        ask = Ask(
            service=service,
            method=method,
            url=url,
            headers=named,
            body=body,
            max_bytes=max_bytes,
            read_timeout_s=timeout_s or self._read_timeout_s or policy.spec.timeout_s,
            total_timeout_s=timeout_s or self._total_timeout_s,
            deadline_at=ends,
            check=check,
            repeatable=repeatable,
            before_send=before_send,
            secrets=secrets_of(named, url),
            follows=follows,
        )

        def took(answer: HttpAnswer) -> dict[str, float]:
            return {"bytes": len(answer.body), **(true_cost(answer) if true_cost else {})}

        return policy.call(self._attempt, ask, policy, cost=cost, true_cost=took, deadline_at=ends)

    def _attempt(self, ask: Ask, policy: Policy) -> HttpAnswer:
        take_back = ask.before_send() if ask.before_send is not None else None
        received = [0]
        failed = True
        try:
            answer = self._follow(ask, received)
            for seen in limits_of(ask.service, answer.headers, self._clock.now()):
                policy.observe(seen.resource, seen.remaining, seen.reset_s, seen.per)
            if ask.check is not None:
                ask.check(answer)
            asked_wait = retry_after_s(answer.headers, self._clock.now())
            failure = failure_of(
                ask.service, ask.line(), answer, retry_after=asked_wait, secrets=ask.secrets
            )
            if failure is not None:
                raise failure
            failed = False
        except CallFailed as failure:
            if failure.accepted and not ask.repeatable:
                failure.retryable = False
            if not failure.accepted and take_back is not None:
                take_back(failure)
            raise
        finally:
            self._traffic.add(ask.service, failed=failed, received_bytes=received[0])
        return answer

    def _follow(self, ask: Ask, received: list[int]) -> HttpAnswer:
        """The answer, after at most a few redirects that stay on the same host."""
        begun = self._clock.monotonic()
        ends = begun + ask.total_timeout_s
        if ask.deadline_at is not None:
            ends = min(ends, ask.deadline_at)
        url = ask.url
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._exchange(ask, url, ends, received)
            target = answer.headers.get("location")
            if answer.status not in REDIRECTS or target is None or ask.method != "GET":
                return answer
            goal = _joined(url, target)
            if not ask.follows:
                raise ask.unusable(answer, f"redirects to {ask.shown(goal)}")
            if _origin(goal) != _origin(url):
                raise ask.unusable(answer, f"redirects to another host ({ask.shown(goal)})")
            url = goal
        raise ask.unusable(answer, f"redirects more than {MAX_REDIRECTS} times")

    def _exchange(self, ask: Ask, url: str, ends: float, received: list[int]) -> HttpAnswer:
        """One request and its whole answer, or an HttpFailure.

        The failure is raised outside the handler, so that it carries no trace of the HTTP
        library's own error, whose text holds the address with its secrets.
        """
        try:
            return self._send(ask, url, ends, received)
        except HttpFailure:
            raise
        except _BODY_ERRORS as error:
            failure = _body_failure(ask, error)
        except (requests.RequestException, OSError, ValueError) as error:
            failure = _transport_failure(ask, error)
        raise failure

    def _send(self, ask: Ask, url: str, ends: float, received: list[int]) -> HttpAnswer:
        left = ends - self._clock.monotonic()
        if left <= 0:
            raise ask.not_sent("no time left to ask", retryable=False)
        request = self._session.prepare_request(
            requests.Request(
                ask.method, url, headers=dict(ask.headers), data=ask.body, auth=_no_auth
            )
        )
        # The adapter, not the session: that one reads a redirect's body without any limit.
        around = self._around(url)
        verify = around["verify"]
        with (
            self._adapter(ask, url) as adapter,
            adapter.send(
                request,
                stream=True,
                timeout=(min(self._connect_timeout_s, left), min(ask.read_timeout_s, left)),
                verify=True if verify is None else verify,
                proxies=around["proxies"],
            ) as response,
        ):
            headers = {name.lower(): value for name, value in response.headers.items()}
            body = self._body(ask, response, headers, ends, received)
        return HttpAnswer(response.status_code, headers, body, ask.shown(url), ask.service)

    def _around(self, url: str) -> Mapping[str, Any]:
        """What the environment says of the way to this host: proxies, certificates. Asked once,
        for it takes as long as to send the request."""
        origin = _origin(url)
        known = self._environment.get(origin)
        if known is None:
            known = self._session.merge_environment_settings(url, {}, True, None, None)
            self._environment[origin] = known
        return known

    @contextmanager
    def _adapter(self, ask: Ask, url: str) -> Iterator[BaseAdapter]:
        """The shared connections for a GET, new ones for anything else."""
        if ask.method == "GET":
            yield self._session.get_adapter(url)
            return
        self._session.get_adapter(url)  # refuses an address that is not http or https
        fresh = HTTPAdapter(max_retries=0)
        try:
            yield fresh
        finally:
            fresh.close()

    def _body(
        self,
        ask: Ask,
        response: requests.Response,
        headers: Mapping[str, str],
        ends: float,
        received: list[int],
    ) -> bytes:
        is_error = response.status_code >= 300
        limit = min(ask.max_bytes, MAX_ERROR_BYTES) if is_error else ask.max_bytes
        encoding = headers.get("content-encoding", "")
        announced = _announced(headers)
        try:
            if not is_error and announced is not None and announced > limit:
                raise BodyTooLarge
            body, count = read_body(
                response.raw, encoding, limit, lambda: self._clock.monotonic() >= ends
            )
        except _BODY_ERRORS as error:
            if is_error:
                return b""  # the status says enough, and more than a broken body would
            if isinstance(error, BodyTooLarge):
                raise ask.too_large(announced) from None
            raise
        received[0] += count
        return body


_BODY_ERRORS = (BodyTooLarge, BodyTooSlow, BodyBroken, urllib3.exceptions.HTTPError)


def _session() -> requests.Session:
    """One session for all threads: urllib3's pools are thread-safe, and what is not in a
    session (its cookie jar) is switched off. Retries are the policy's."""
    # The library logs whole addresses, keys in the query included, on debug and in warnings.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        session.mount(
            scheme, HTTPAdapter(pool_connections=16, pool_maxsize=MAX_POOLED, max_retries=0)
        )
    session.headers.clear()
    return session


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Given as `auth`, so that no ~/.netrc entry is sent in our name."""
    return request


def _origin(url: str) -> tuple[str, str | None, int | None] | None:
    try:
        split = urlsplit(url)
        return split.scheme.lower(), split.hostname, split.port
    except ValueError:
        return None


def _joined(url: str, target: str) -> str:
    try:
        return urljoin(url, target)
    except ValueError:
        return target  # leads nowhere, which the caller finds out by its host


def _announced(headers: Mapping[str, str]) -> int | None:
    value = headers.get("content-length", "")
    return int(value) if value.isascii() and value.isdigit() else None


def _body_failure(ask: Ask, error: Exception) -> HttpFailure:
    """The answer began and did not arrive whole."""
    if isinstance(error, BodyTooSlow | urllib3.exceptions.ReadTimeoutError):
        return ask.late("its answer stopped coming, or came too slowly")
    if isinstance(error, BodyBroken):
        return ask.broken(f"the answer is broken: {error}")
    return ask.broken("the answer was cut off")


def _transport_failure(ask: Ask, error: Exception) -> HttpFailure:
    """No answer at all. Whether the request was taken is decided by what is proven."""
    chain = tuple(_chain(error))
    tls = next((link for link in chain if isinstance(link, ssl.SSLError)), None)
    for kind, words in _NO_CONNECTION:
        if any(isinstance(link, kind) for link in chain):
            return ask.not_sent(words, retryable=True)
    if tls is not None:
        reason = tls.reason or "the connection broke"
        failure = ask.not_sent(f"TLS failed: {reason}", retryable="CERTIFICATE" not in reason)
        failure.accepted = not any(word in reason for word in _HANDSHAKE)
        return failure
    if any(isinstance(link, requests.Timeout | TimeoutError) for link in chain):
        return ask.late(f"no answer in {ask.read_timeout_s:g} s")
    if any(isinstance(link, urllib3.exceptions.ProtocolError | ConnectionError) for link in chain):
        return ask.broken("the connection broke before an answer came")
    refused = ask.not_sent(f"it cannot be sent ({type(error).__name__})", retryable=False)
    refused.outcome = Outcome.NEUTRAL
    return refused


# In this order: each later kind also stands in the chains of the earlier ones.
_NO_CONNECTION: tuple[tuple[type[BaseException], str], ...] = (
    (urllib3.exceptions.ProxyError, "no connection through the configured proxy"),
    (urllib3.exceptions.NameResolutionError, "its host name is not known"),
    (ConnectionRefusedError, "connection refused"),
    (urllib3.exceptions.ConnectTimeoutError, "no connection in time"),
    (urllib3.exceptions.NewConnectionError, "no connection"),
)

# What OpenSSL calls a session that never came about; anything else may have happened later.
_HANDSHAKE = (
    "CERTIFICATE_VERIFY_FAILED",
    "WRONG_VERSION_NUMBER",
    "UNSUPPORTED_PROTOCOL",
    "HANDSHAKE_FAILURE",
    "PROTOCOL_VERSION",
    "NO_SHARED_CIPHER",
    "UNRECOGNIZED_NAME",
    "HTTP_REQUEST",
)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and those it was made from; the HTTP libraries wrap several times."""
    link: BaseException | None = error
    for _ in range(10):
        if link is None:
            return
        yield link
        link = link.__cause__ or link.__context__
