"""What the comparison with other libraries prints, and when it fails."""

from __future__ import annotations

import json

import pytest

from benchmarks.resilience.table import (
    MET,
    MISSED,
    WRONG,
    Line,
    Row,
    against,
    as_json,
    as_text,
    exit_code,
)


def row(verdict: str) -> Row:
    return Row(1, "a call", "<= 2 us", verdict, [Line("ours", "1.00 us"), Line("them", "no such")])


@pytest.mark.parametrize(
    ("verdicts", "code"), [([MET], 0), ([MISSED, MET], 0), ([MET, WRONG, MISSED], 1), ([], 0)]
)
def test_only_a_wrong_count_fails_the_run(verdicts: list[str], code: int) -> None:
    """A time that was missed may be the machine's doing; it is printed."""
    assert exit_code(map(row, verdicts)) == code


def test_the_text_names_target_verdict_and_everybody() -> None:
    """Also a library that could not be used."""
    text = as_text([row(MISSED)], {"load": "0.1"})
    assert "load: 0.1" in text
    assert "[target: <= 2 us]  MISSED" in text
    assert "them" in text
    assert "no such" in text


def test_a_ratio_is_ours_by_theirs() -> None:
    """Below 1: we are cheaper."""
    ours, theirs = against("ours", {"ours": 2.0, "theirs": 4.0}, "us")
    assert ours.ratio is None
    assert theirs.ratio == 0.5


def test_json_holds_what_the_text_does() -> None:
    """For whoever keeps the figures."""
    read = json.loads(as_json([row(MET)], {"python": "3.11"}))
    assert read["python"] == "3.11"
    assert read["rows"][0]["lines"][1]["who"] == "them"
