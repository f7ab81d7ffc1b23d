"""Where a storm takes place: a database of its own, providers, cables, all in one folder."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from chaos.options import DatabaseInUse, Options
from chaos.plan import Size
from chaos.processes import ProviderProcess
from chaos.proxy import Proxies, Proxy, Upstream
from resilience.clock import Clock
from storage.aftermath import Aftermath
from storage.scratch_server import ScratchServer


class Ground:
    """Raises EmbeddedServerError, CallError, DatabaseInUse; what it raises leaves nothing open."""

    def __init__(self, folder: Path, options: Options, size: Size, clock: Clock) -> None:
        self.sec_record = folder / "sec.jsonl"
        self.claude_record = folder / "claude.jsonl"
        self.server: ScratchServer | None = None
        self._given = options.database
        self._clock = clock
        with ExitStack() as held:
            self.aftermath = self._database(folder, held)
            held.callback(self.aftermath.close)
            if options.database is not None and self.aftermath.is_used():
                raise DatabaseInUse
            seed = options.seed
            self.sec = self._provider(
                "chaos.sec", (self.sec_record, seed, size.shops), folder, held
            )
            self.claude = self._provider(
                "chaos.claude", (self.claude_record, seed, size.hang_s), folder, held
            )
            self._proxies = Proxies()
            held.callback(self._proxies.close)
            self._held = held.pop_all()

    def cable(self) -> tuple[Proxy, str]:
        """A cable to the database, and the address of its end."""
        proxy = self._proxies.make(self._upstream())
        if self.server is not None:
            return proxy, self.server.url(proxy.port)
        assert self._given is not None
        return proxy, _through(self._given, proxy.port)

    def close(self) -> None:
        self._held.close()

    def _database(self, folder: Path, held: ExitStack) -> Aftermath:
        if self._given is not None:
            return Aftermath(self._given, self._clock)
        self.server = ScratchServer(folder, self._clock)
        held.callback(self.server.close)
        self.server.make()
        return Aftermath(self.server.dsn, self._clock)

    def _upstream(self) -> Upstream:
        if self.server is not None:
            return "127.0.0.1", self.server.port
        assert self._given is not None
        return _upstream_of(self._given)

    def _provider(
        self, module: str, arguments: tuple[object, ...], folder: Path, held: ExitStack
    ) -> ProviderProcess:
        provider = ProviderProcess(module, arguments, folder / f"{module}.err")
        held.callback(provider.close)
        return provider


def _upstream_of(url: str) -> Upstream:
    """The address of the server, or the path of its socket."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    host = parts.hostname or query.get("host", ["localhost"])[0]
    port = parts.port or int(query.get("port", ["5432"])[0])
    return f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port)


def _through(url: str, port: int) -> str:
    """The same database by way of a port of this machine."""
    parts = urlsplit(url)
    user, at, _ = parts.netloc.rpartition("@")
    kept = "&".join(
        pair for pair in parts.query.split("&") if pair and not pair.startswith(("host=", "port="))
    )
    return parts._replace(netloc=f"{user}{at}127.0.0.1:{port}", query=kept).geturl()
