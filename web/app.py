"""What can be asked by HTTP: how this process is doing, and its metrics.

    GET /health          everything                200 for pass and warn, 503 for fail
    GET /health/live     is the scheduler ticking: restart the process when not
    GET /health/ready    database, schema, engine: send it work only while they pass
    GET /metrics         Prometheus text

The health documents follow draft-inadarei-api-health-check-06 (expired in 2022, still the
nearest to a standard). They say only the status, unless somebody on this machine asks for
`?full=1`. Importing this module takes some 100 ms; `web.server` does it when it starts.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Protocol

from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from operations.bounded import TooSlow
from operations.checks.base import CheckResult, Status
from operations.checks.table import ALIVE, READY
from operations.health import HealthReport
from operations.runbook import section
from web.guard import Guard, is_local
from web.problems import on_crash, on_http_error, problem

HEALTH_TYPE = "application/health+json"
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
HTTP_STATUS = {Status.PASS: 200, Status.WARN: 200, Status.FAIL: 503}


class HealthSource(Protocol):
    """operations.health.Health, or what stands in for it."""

    def report(self, only: Collection[str] | None = None) -> HealthReport: ...


def create_app(
    health: HealthSource,
    metrics: Callable[[], bytes] | None = None,
    hosts: Collection[str] = (),
) -> ASGIApp:
    """`hosts`: names besides those of the loopback that a Host header may hold."""

    def answering(only: Collection[str] | None) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            # abandoned: a check that hangs must not hold up the end of the server
            report = await run_sync(health.report, only, abandon_on_cancel=True)
            full = request.query_params.get("full") == "1" and is_local(request)
            return JSONResponse(
                health_document(report, full), HTTP_STATUS[report.status], media_type=HEALTH_TYPE
            )

        return answer

    async def show_metrics(request: Request) -> Response:
        if metrics is None:
            return problem(404, "This process keeps no metrics.")
        try:
            text = await run_sync(metrics, abandon_on_cancel=True)
        except TooSlow as error:
            return problem(503, f"The metrics gave {error}.", "GET /health?full=1 on the machine")
        return Response(text, headers={"content-type": METRICS_TYPE})

    pages = Starlette(
        routes=[
            Route("/health", answering(None)),
            Route("/health/live", answering(ALIVE)),
            Route("/health/ready", answering(READY)),
            Route("/metrics", show_metrics),
        ],
        exception_handlers={404: on_http_error, 405: on_http_error, Exception: on_crash},
    )
    return Guard(pages, hosts)  # outermost, so that a crash's answer passes it as well


def health_document(report: HealthReport, full: bool) -> dict[str, object]:
    if not full:
        return {"status": str(report.status)}
    return {
        "status": str(report.status),
        "output": _plain(report.summary),
        "time": report.at.isoformat(),
        "checks": {result.name: [_check_document(result)] for result in report.results},
    }


def _check_document(result: CheckResult) -> dict[str, object]:
    return {
        "status": str(result.status),
        "observedValue": _plain(result.observed),
        "observedUnit": result.unit,
        "output": _plain(result.message),
        "fix": _plain(result.fix),
        "runbook": section(result.name) if result.fix else "",
        "took_s": round(result.took_s, 4),
        "details": _plain(result.details),
    }


def _plain(value: object) -> object:
    """As JSON in UTF-8 can hold it. Details come from everywhere: a path may hold bytes that
    are no text, a number may be infinite, and neither may cost the whole answer."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(_plain(str(name))): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")
