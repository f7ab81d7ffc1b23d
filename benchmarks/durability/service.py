"""The SEC and Claude, pretended, in a process of their own: `python -m ...service PORT-FILE`.

Real HTTP over the loopback, and as little work as can be, because it is not what is measured.
Every filing holds one release, made of the sample of Oakmere Home with figures and words that
no other has; Claude's answer quotes sentences that stand in all of them.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "ZZOAK-2025-q4-release.html"
CIK = 1_990_001
EXHIBIT = "release.htm"
_PATH = re.compile(r"/Archives/edgar/data/\d+/\d{10}\d{2}(\d{6})/(\S+)")
_THOUSANDS = re.compile(rb"(?<=,)\d{3}(?=</td>)")
_HEAD = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_PERIOD = {"kind": "quarter", "end": "2026-01-03", "label": "fourth quarter of fiscal 2025"}
_USAGE = {"input_tokens": 3000, "output_tokens": 400}


def accession(number: int) -> str:
    return f"{CIK:010d}-26-{number:06d}"


def release(number: int) -> bytes:
    """The sample with other figures in its tables, and with its number in a sentence."""
    place = number

    def other(_: re.Match[bytes]) -> bytes:
        nonlocal place
        place = (place * 1103 + 12_345) % 900
        return str(100 + place).encode()

    made = _THOUSANDS.sub(other, SAMPLE.read_bytes())
    return made.replace(b"Sample document", b"Sample document %d" % number, 1)


def index(number: int) -> bytes:
    head = f"<SEC-HEADER>{accession(number)}\n</SEC-HEADER>\n"
    document = (
        f"<DOCUMENT>\n<TYPE>EX-99.1\n<SEQUENCE>1\n<FILENAME>{EXHIBIT}\n"
        "<DESCRIPTION>PRESS RELEASE\n<TEXT>\n</DOCUMENT>\n"
    )
    return (head + document).replace("<", "&lt;").replace(">", "&gt;").encode()


def said_of_each() -> str:
    """What an analyst says of each of them, as JSON."""
    figure = {
        "scale": "millions",
        "unit": "usd",
        "basis": "gaap",
        "period": _PERIOD,
        "metric": "net_sales",
        "value": "412.4",
        "prior": "398.2",
        "quote": "Net sales of $412.4 million, compared to $398.2 million in the fourth quarter "
        "of fiscal 2024.",
    }
    margin = {
        "scale": "ones",
        "unit": "percent",
        "basis": "gaap",
        "period": _PERIOD,
        "metric": "gross_margin",
        "value": "34.8",
        "prior": "35.9",
        "quote": "Gross margin was 34.8%, compared to 35.9% in the prior year, reflecting deeper "
        "promotions on furniture and higher shrink.",
    }
    said = {
        "is_results": True,
        "period": _PERIOD,
        "figures": [figure, margin],
        "guidance": [],
        "quotes": [],
    }
    return json.dumps(said)


def answer() -> bytes:
    """Claude's to each question."""
    message = {
        "id": "msg_01Invented",
        "type": "message",
        "role": "assistant",
        "model": "claude-invented",
        "content": [{"type": "text", "text": said_of_each()}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": _USAGE,
    }
    return json.dumps(message).encode()


class _Connection(asyncio.Protocol):
    """Requests of one connection, one after the other."""

    def __init__(self, said: bytes) -> None:
        self._said = said
        self._heard = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, found, rest = self._heard.partition(b"\r\n\r\n")
        if not found:
            return
        length = _HEAD.search(head)
        size = int(length[1]) if length else 0
        if len(rest) < size:
            return
        self._heard = rest[size:]
        assert self._transport is not None
        self._transport.write(self._reply(head.decode("latin-1").split(" ", 2)))

    def _reply(self, request: list[str]) -> bytes:
        if request[0] == "POST":
            return _http(self._said, "application/json")
        path = _PATH.fullmatch(request[1])
        if path is None:
            return _http(b"no such page", "text/plain", "404 Not Found")
        number, name = int(path[1]), path[2]
        return _http(release(number) if name == EXHIBIT else index(number), "text/html")


def _http(body: bytes, kind: str, status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _serve(port_file: Path) -> None:
    said = answer()
    server = await asyncio.get_running_loop().create_server(
        lambda: _Connection(said), "127.0.0.1", 0
    )
    port_file.write_text(str(server.sockets[0].getsockname()[1]), encoding="ascii")
    print("serves", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
