"""An SEC that is asked for invented filings: submissions, the filing's index, its exhibit.

    python -m chaos.sec RECORD SEED SHOPS        orders on stdin: publish N

What it has listed is what the product owes: the first time an accession number stands in an
answer, that is written down before the answer is sent. A few answers in a hundred fail.
"""

from __future__ import annotations

import hashlib
import html
import re
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from chaos.chance import chance
from chaos.papers import FIRST_CIK, Shop, accession, release, shop_of
from chaos.provider import Reply, Request, serve
from chaos.record import Record
from resilience.clock import Clock, SystemClock

EASTERN = ZoneInfo("America/New_York")
FAILING = 0.02  # of all answers, one half as a 503, the other as a cut connection
_SUBMISSIONS = re.compile(r"/submissions/CIK(\d{10})\.json")
_FILING = re.compile(r"/Archives/edgar/data/\d+/\d{12}(\d{6})/(.+)")


@dataclass(frozen=True)
class Filed:
    number: int
    accepted: datetime


class Sec:
    def __init__(self, record: Record, seed: int, shops: int, clock: Clock) -> None:
        self._record = record
        self._seed = seed
        self._shops = shops
        self._clock = clock
        self._lock = threading.Lock()
        self._filed: list[Filed] = []
        self._listed: set[int] = set()
        self._asked = 0

    def publish(self, count: int) -> None:
        """The next `count` releases are filed now."""
        with self._lock:
            for _ in range(count):
                self._filed.append(Filed(len(self._filed), self._clock.now()))

    def answer(self, request: Request) -> Reply:
        with self._lock:
            self._asked += 1
            luck = chance(self._seed, "sec", self._asked)
        if luck < FAILING:
            self._record.write("failed", path=request.path)
            return Reply(503, b"busy") if luck < FAILING / 2 else Reply(cut=True)
        if found := _SUBMISSIONS.fullmatch(request.path):
            return self._submissions(int(found.group(1)))
        if found := _FILING.fullmatch(request.path):
            return self._filing(int(found.group(1)), found.group(2))
        return Reply(404, b"<html><title>not here</title></html>")

    def _submissions(self, cik: int) -> Reply:
        if not FIRST_CIK <= cik < FIRST_CIK + self._shops:
            return Reply(404, b"")
        shop = Shop(cik - FIRST_CIK)
        with self._lock:
            theirs = [each for each in self._filed if shop_of(each.number, self._shops) == shop]
            new = [each.number for each in theirs if each.number not in self._listed]
            self._listed.update(new)
            if new:  # under the lock: nobody may be told of them before it is written down
                names = [accession(number, self._shops) for number in new]
                self._record.write("listed", accessions=names)
        return Reply.json(_submissions(shop, theirs, self._shops))

    def _filing(self, number: int, name: str) -> Reply:
        with self._lock:
            filed = next((each for each in self._filed if each.number == number), None)
        if filed is None:
            return Reply(404, b"")
        if name.endswith("-index-headers.html"):
            page = _headers_page(filed, self._shops)
            return Reply(200, page, {"content-type": "text/html; charset=utf-8"})
        if name != "release.htm":
            return Reply(404, b"")
        content = release(number, self._shops)
        digest = hashlib.sha256(content).hexdigest()
        self._record.write("served", accession=accession(number, self._shops), sha256=digest)
        return Reply(200, content, {"content-type": "text/html"})


def _submissions(shop: Shop, filed: Sequence[Filed], shops: int) -> dict[str, object]:
    """Column arrays, newest first; the times are Eastern although they end in Z."""
    rows = sorted(filed, key=lambda each: each.number, reverse=True)
    times = [f"{each.accepted.astimezone(EASTERN):%Y-%m-%dT%H:%M:%S}.000Z" for each in rows]
    columns = {
        "accessionNumber": [accession(each.number, shops) for each in rows],
        "filingDate": [time[:10] for time in times],
        "reportDate": [time[:10] for time in times],
        "acceptanceDateTime": times,
        "form": ["8-K" for _ in rows],
        "items": ["2.02,9.01" for _ in rows],
        "primaryDocument": ["form8k.htm" for _ in rows],
    }
    return {
        "cik": f"{shop.cik:010d}",
        "name": shop.name.upper(),
        "tickers": [shop.ticker],
        "filings": {"recent": columns, "files": []},
    }


def _headers_page(filed: Filed, shops: int) -> bytes:
    """EDGAR's own header of a filing, as its page shows it: SGML, escaped."""
    stamp = f"{filed.accepted.astimezone(EASTERN):%Y%m%d%H%M%S}"
    documents = "".join(
        f"<DOCUMENT>\n<TYPE>{kind}\n<SEQUENCE>{place}\n<FILENAME>{name}\n<TEXT>\n</DOCUMENT>\n"
        for place, (kind, name) in enumerate([("8-K", "form8k.htm"), ("EX-99.1", "release.htm")], 1)
    )
    head = f"<SEC-HEADER>{accession(filed.number, shops)}\n<ACCEPTANCE-DATETIME>{stamp}\n"
    sgml = html.escape(f"{head}</SEC-HEADER>\n{documents}", quote=False)
    return f"<html><body><pre>{sgml}</pre></body></html>".encode()


def main(argv: Sequence[str]) -> None:
    path, seed, shops = Path(argv[0]), int(argv[1]), int(argv[2])
    clock = SystemClock()
    sec = Sec(Record(path, clock), seed, shops, clock)

    def order(words: list[str]) -> str:
        sec.publish(int(words[1]))
        return "published"

    serve(sec.answer, clock, order)


if __name__ == "__main__":
    main(sys.argv[1:])
