"""The benchmark measures what it says: its documents are documents, its verdicts are fair."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from benchmarks.durability import figures, processes, service, table
from benchmarks.durability.installation import Installation
from benchmarks.durability.table import at_least, at_most, told
from earnings.analysts.answer import read_answer
from earnings.evidence import verify
from earnings.reading.reader import read
from earnings.sources import edgar_index
from earnings.vocabulary import RawDocument


def test_a_row_is_judged_by_its_limit_and_the_limit_itself_is_met() -> None:
    rows = [at_most("a", 0.5, 0.5, "%"), at_least("b", 200, 200, "/s"), told("c", 3, "s")]
    assert [row.verdict for row in rows] == ["met", "met", ""]
    assert table.exit_code(rows) == 0
    missed = [*rows, at_most("d", 0.51, 0.5, "%"), at_least("e", 199.9, 200, "/s")]
    assert [row.verdict for row in missed[3:]] == ["MISSED", "MISSED"]
    assert table.exit_code(missed) == 1


def test_the_table_shows_what_was_to_be_reached_beside_what_was_got() -> None:
    text = table.as_text([at_most("idle", 0.25, 0.5, "%", "60 s"), told("note", 1234, "s")], {})
    assert "<= 0.5 %  met     0.25 % (60 s)" in text
    assert "1,234 s" in text
    assert json.loads(table.as_json([told("note", 1, "s")], {"load": "1"}))["load"] == "1"


def test_every_release_is_another_document_with_results() -> None:
    """Or the second would be put aside as the same as the first."""
    releases = {service.release(number) for number in range(200)}
    assert len(releases) == 200
    assert all(5_000 < len(each) < 10_000 for each in releases)


def test_what_claude_says_stands_in_every_release() -> None:
    """An answer that is withheld would make the way shorter than it is."""
    body = json.loads(service.answer())
    for number in (1, 77):
        reading = read(RawDocument(service.release(number), "text/html", "http://x", ""))
        drafts = read_answer(body["content"][0]["text"]).drafts
        verified = verify(reading, drafts)
        assert len(verified.claims) == 2
        assert not verified.withheld


def test_the_index_names_the_release() -> None:
    (listed,) = edgar_index.from_sgml(service.index(7).decode())
    assert (listed.type, listed.filename) == ("EX-99.1", service.EXHIBIT)


def test_the_configuration_is_the_shipped_one(tmp_path: Path) -> None:
    """Without pretended services nothing is changed, with them the rate of Claude's smallest
    account and the addresses."""
    plain, served = tmp_path / "plain", tmp_path / "served"
    plain.mkdir()
    served.mkdir()
    shipped = Path("retailxai.toml").resolve().read_text(encoding="utf-8")
    Installation(plain).environment()
    assert (plain / "retailxai.toml").read_text(encoding="utf-8") == shipped
    settings = Installation(served, "http://127.0.0.1:9").settings("bench")
    assert settings.claude.base_url == "http://127.0.0.1:9"
    assert settings.policies["claude"].at_once == 4


def test_figures_take_the_place_of_the_last_ones(tmp_path: Path) -> None:
    page = tmp_path / "scaling.md"
    page.write_text("a\n<!-- figures -->\n```\nold\n```\nb\n```\nother\n```\n", encoding="utf-8")
    figures.write("new \\1", page)
    expected = "a\n<!-- figures -->\n```\nnew \\1\n```\nb\n```\nother\n```\n"
    assert page.read_text(encoding="utf-8") == expected
    page.write_text("nothing", encoding="utf-8")
    with pytest.raises(ValueError, match="0 places"):
        figures.write("new", page)


def test_the_page_has_a_place_for_figures(tmp_path: Path) -> None:
    page = tmp_path / "scaling.md"
    page.write_text(figures.PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    figures.write("measured", page)
    assert "```\nmeasured\n```" in page.read_text(encoding="utf-8")


def test_cpu_and_memory_are_the_kernels() -> None:
    me = os.getpid()
    before = processes.cpu_s(me)
    sum(number * number for number in range(2_000_000))
    spent = processes.cpu_s(me) - before
    assert spent > 0.01
    assert processes.ticks_s(me) > 0
    assert 10 < processes.rss_mb(me) < 5000
