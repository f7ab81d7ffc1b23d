"""The invented SEC: what it has listed it has written down, once, with what it served."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from chaos.papers import Shop, accession, mark_in, number_of, release, sales_millions
from chaos.provider import Reply, Request
from chaos.reading import billed_in, listed_in
from chaos.record import Record, read
from chaos.sec import Sec
from earnings.sources.edgar_filings import read_submissions
from earnings.sources.edgar_index import exhibit, from_sgml
from resilience.testing import FakeClock

SHOPS = 3


class House:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "sec.jsonl"
        self.clock = FakeClock()
        self.sec = Sec(Record(self.path, self.clock), 1, SHOPS, self.clock)

    def get(self, path: str) -> Reply:
        """Until it is none of the answers that fail."""
        while True:
            reply = self.sec.answer(Request("GET", path, {}, {}, b""))
            if not reply.cut and reply.status != 503:
                return reply

    def submissions(self, shop: int) -> object:
        return json.loads(self.get(f"/submissions/CIK{Shop(shop).cik:010d}.json").body)

    def listed(self) -> tuple[str, ...]:
        return listed_in(read(self.path)).accessions


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def folder_of(number: int) -> str:
    name = accession(number, SHOPS)
    return f"/Archives/edgar/data/{Shop(number % SHOPS).cik}/{name.replace('-', '')}"


def test_what_is_published_is_owed_when_somebody_saw_it(house: House) -> None:
    """Not before; each accession number once; of the shop that was asked about alone."""
    house.sec.publish(5)
    assert house.listed() == ()
    house.submissions(1)
    assert set(house.listed()) == {accession(1, SHOPS), accession(4, SHOPS)}
    house.submissions(1)
    assert len(house.listed()) == 2
    house.sec.publish(3)
    house.submissions(1)
    assert set(house.listed()) == {accession(n, SHOPS) for n in (1, 4, 7)}


def test_the_product_reads_its_pages(house: House) -> None:
    """Submissions, the filing's index and the exhibit, by the code that reads the real ones."""
    house.sec.publish(5)
    found = read_submissions(house.submissions(1))
    assert found.tickers == (Shop(1).ticker,)
    assert [one.accession for one in found.listing.filings] == [
        accession(1, SHOPS),
        accession(4, SHOPS),
    ]
    page = house.get(f"{folder_of(4)}/{accession(4, SHOPS)}-index-headers.html")
    chosen = exhibit(from_sgml(page.body.decode()))
    assert chosen is not None
    content = house.get(f"{folder_of(4)}/{chosen.filename}").body
    assert content == release(4, SHOPS)
    digests = listed_in(read(house.path)).sha256
    assert digests == {accession(4, SHOPS): hashlib.sha256(content).hexdigest()}


def test_what_was_never_published_is_not_there(house: House) -> None:
    house.sec.publish(2)
    assert house.get(f"{folder_of(4)}/release.htm").status == 404
    assert house.get("/submissions/CIK0000000001.json").status == 404
    assert house.get("/robots.txt").status == 404


def test_no_two_releases_are_alike() -> None:
    """Each bears its number and figures of its own, so that no mix-up goes unseen."""
    numbers = range(600)
    assert len({release(number, 20) for number in numbers}) == 600
    assert len({sales_millions(number) for number in numbers}) == 600
    assert [mark_in(release(number, 20).decode()) for number in numbers] == list(numbers)
    assert [number_of(accession(number, 20)) for number in numbers] == list(numbers)
    assert mark_in("no such words") is None
    names = {(Shop(number).name, Shop(number).ticker, Shop(number).cik) for number in range(20)}
    assert len(names) == 20


def test_a_record_that_cannot_be_read_proves_nothing(tmp_path: Path) -> None:
    """Half a line is an error, not a missing event."""
    path = tmp_path / "x.jsonl"
    record = Record(path, FakeClock())
    record.write("listed", accessions=["a"])
    assert listed_in(read(path)).accessions == ("a",)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"event": "bil')
    with pytest.raises(json.JSONDecodeError):
        billed_in(read(path))
