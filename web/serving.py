"""uvicorn in a thread: up when it says so, down when told, silent otherwise."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading

import uvicorn
from starlette.types import ASGIApp

_UVICORNS_TICKS_A_SECOND = 10
GRACE_S = 1  # for answers on their way; after it their connections are cut


class Serving:
    """One run of the server on a socket that listens already."""

    def __init__(self, app: ASGIApp, listening: socket.socket) -> None:
        self._listening = listening
        self._settled = threading.Event()  # serving, or ended before it came to that
        self._server = _Server(_config(app), self._settled)
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    def start(self, within_s: float) -> bool:
        """Whether it serves now."""
        self._thread.start()
        self._settled.wait(within_s)
        return self._server.started and self._thread.is_alive()

    def stop(self, within_s: float) -> bool:
        """Whether it ended in time."""
        self._server.end()
        self._thread.join(within_s)
        if self._thread.is_alive():
            self._server.force_exit = True
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._server.run([self._listening])
        finally:
            self._settled.set()
            self._listening.close()


class _Server(uvicorn.Server):
    """Tells when it serves and is told when to end, where uvicorn itself polls ten times a
    second: a third of all that an idle daemon did."""

    def __init__(self, config: uvicorn.Config, serving: threading.Event) -> None:
        super().__init__(config)
        self._serving = serving
        self._end: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    def end(self) -> None:
        """From any thread; safe to call twice."""
        self.should_exit = True
        if self._end is not None:
            loop, event = self._end
            with contextlib.suppress(RuntimeError):  # the loop has ended by itself
                loop.call_soon_threadsafe(event.set)

    async def main_loop(self) -> None:
        end = asyncio.Event()
        self._end = asyncio.get_running_loop(), end
        ticks = 0
        while not await self.on_tick(ticks):  # renews the Date of its answers
            ticks += _UVICORNS_TICKS_A_SECOND
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(end.wait(), 1.0)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._serving.set()


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="h11",
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # or anybody could claim to be on this machine
        server_header=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=GRACE_S,
    )
