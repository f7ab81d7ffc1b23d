"""The cable between one daemon and the database: it can be cut, and mended.

While it is cut nothing passes and nobody is told: what either side sends is not even
acknowledged (`chaos.dropping`), new connections get no answer. Where the kernel cannot drop,
the cable only stalls: bytes are taken and not passed on.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from chaos.dropping import CAN_DROP, drop, look_for_the_dead, pass_again

T = TypeVar("T")
Upstream = tuple[str, int] | str  # an address, or the path of a socket
_PIECE = 65_536


class Proxies:
    """All cables, on one thread of their own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxies", daemon=True)
        self._thread.start()
        self._made: list[Proxy] = []

    def make(self, upstream: Upstream) -> Proxy:
        proxy = Proxy(upstream, self._loop)
        proxy.run(proxy.listen())
        self._made.append(proxy)
        return proxy

    def close(self) -> None:
        for proxy in self._made:
            proxy.run(proxy.end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()


class Proxy:
    """Its public methods may be called from any thread but the loop's."""

    def __init__(self, upstream: Upstream, loop: asyncio.AbstractEventLoop) -> None:
        self._upstream = upstream
        self._loop = loop
        self._whole = asyncio.Event()
        self._whole.set()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        assert self._server is not None, "it listens first"
        return int(self._server.sockets[0].getsockname()[1])

    def cut(self) -> None:
        self.run(self._cut())

    def mend(self) -> None:
        self.run(self._mend())

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(10)

    # ---- on the loop --------------------------------------------------------------------

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._joined, "127.0.0.1", 0, backlog=128)

    async def end(self) -> None:
        if self._server is not None:
            self._server.close()
        ending = list(self._tasks)
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        await asyncio.sleep(0)  # transports close their sockets in the next turn of the loop

    async def _cut(self) -> None:
        self._whole.clear()
        if CAN_DROP:
            for each in self._sockets():
                drop(each)

    async def _mend(self) -> None:
        for each in self._sockets():
            if CAN_DROP:
                with contextlib.suppress(OSError):  # it was made while the cable was cut
                    pass_again(each)
        for writer in self._open:
            # Whoever gave up meanwhile said so in vain; a real cable would not keep them apart.
            with contextlib.suppress(OSError):
                look_for_the_dead(writer.get_extra_info("socket"))
        self._whole.set()

    def _sockets(self) -> list[Any]:
        listening = list(self._server.sockets) if self._server is not None else []
        held = [writer.get_extra_info("socket") for writer in self._open]
        return [*listening, *(each for each in held if each.family != socket.AF_UNIX)]

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(writer)
        there: asyncio.StreamWriter | None = None
        try:
            await self._whole.wait()
            answers, there = await self._connected()
            self._open.add(there)
            ways = {
                asyncio.ensure_future(self._pass_on(reader, there)),
                asyncio.ensure_future(self._pass_on(answers, writer)),
            }
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
            await self._whole.wait()
        except (OSError, asyncio.CancelledError):
            pass  # one side is gone: the other is told below
        finally:
            self._tasks.discard(task)
            for each in (writer, there):
                if each is not None:
                    self._open.discard(each)
                    each.transport.abort()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._upstream, str):
            return await asyncio.open_unix_connection(self._upstream)
        return await asyncio.open_connection(*self._upstream)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(_PIECE):
                await self._whole.wait()
                writer.write(piece)
                await writer.drain()
