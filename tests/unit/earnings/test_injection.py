"""Words in a document that are meant for programs change nothing but a counter."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.accuracy import NoPaidCalls
from benchmarks.attacks import ATTACKS, LIE
from earnings.analysts.base import Question
from earnings.analysts.local import Local
from earnings.evidence import verify
from earnings.reading.base import Reading
from earnings.reading.reader import read
from earnings.reading.suspicions import suspicions
from earnings.vocabulary import RawDocument

SAMPLES = Path(__file__).parents[3] / "samples"
PAGES = {path.stem: path.read_text("utf-8") for path in sorted(SAMPLES.glob("*-release.html"))}
FLOODS = {
    "a megabyte of one letter": "<p>" + "A" * 1_000_000 + "</p>",
    "a megabyte of one word": "<p>" + "sales " * 170_000 + "</p>",
    "100,000 nested tags": "<div>" * 100_000 + "x" + "</div>" * 100_000,
}
KIND = {
    "instructions": "orders", "system text": "orders", "end of document": "marks",
    "display none": "hidden", "white on white": "hidden", "nearly white": "hidden",
    "no size": "hidden", "tiny": "hidden", "off the page": "hidden", "clipped": "hidden",
    "no height": "hidden", "see-through": "hidden", "shrunk": "hidden", "zero width": "invisible",
    "right to left": "invisible", "tag characters": "invisible",
    "a megabyte of one letter": "endless", "a megabyte of one word": "endless",
}  # fmt: skip


def _read(page: str) -> Reading:
    return read(RawDocument(page.encode(), "text/html"))


def _insights(reading: Reading) -> set[tuple[str, ...]]:
    """What is claimed, with the words that bear it out, wherever they stand."""
    answer = Local().analyse(Question("0" * 64, reading, None, None), NoPaidCalls())
    return {
        (reading.quote(claim.span), *(str(vars(claim)[k]) for k in vars(claim) if k not in PLACES))
        for claim in verify(reading, answer.drafts).claims
    }


PLACES = ("span", "context")
PLAIN = {name: _insights(_read(page)) for name, page in PAGES.items()}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("attack", [*ATTACKS, *FLOODS])
def test_insights_are_the_same_with_an_attack_and_without(name: str, attack: str) -> None:
    """At the end and right before the first table; what was found is counted by its kind."""
    words, page = {**ATTACKS, **FLOODS}[attack], PAGES[name]
    for place in ("</body>", "<table"):
        at = page.index(place)
        reading = _read(page[:at] + words + page[at:])
        assert _insights(reading) == PLAIN[name]
        if attack in KIND:
            assert suspicions(reading)[KIND[attack]] > 0
        if KIND.get(attack) == "hidden" or attack in ("comment", "script", "template"):
            assert LIE not in reading.text, "a model is not shown it either"


@settings(max_examples=40, deadline=None)
@given(
    attacks=st.lists(st.sampled_from(sorted(ATTACKS)), min_size=1, max_size=4),
    name=st.sampled_from(sorted(PAGES)),
    place=st.integers(0, 10**6),
)
def test_any_attacks_between_any_paragraphs(attacks: list[str], name: str, place: int) -> None:
    """Several at once, before any block of the page."""
    page = PAGES[name]
    starts = [at for at in range(len(page)) if page.startswith(("<p>", "<table", "</body>"), at)]
    at = starts[place % len(starts)]
    reading = _read(page[:at] + "".join(ATTACKS[each] for each in attacks) + page[at:])
    assert _insights(reading) == PLAIN[name]


@pytest.mark.parametrize("flood", FLOODS)
def test_floods_cost_little(flood: str) -> None:
    """A megabyte is read in the time of a page, by the processor's clock."""
    page = next(iter(PAGES.values())).replace("</body>", FLOODS[flood] + "</body>")
    began = time.process_time()
    reading = _read(page)
    _insights(reading)
    assert time.process_time() - began < 5
    assert len(reading.text) < 2 * len(page) // 10 + 20_000


def test_a_document_without_any_of_it_counts_nothing() -> None:
    """All samples are clean."""
    for page in PAGES.values():
        assert suspicions(_read(page)) == {}
