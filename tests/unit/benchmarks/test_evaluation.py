"""The test set of the prompt: the shipped panel on recorded answers, judged by thresholds."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from benchmarks import evaluation
from benchmarks.accuracy import kind_of
from benchmarks.evaluation import Case, Thresholds
from earnings.reading.reader import read
from earnings.vocabulary import RawDocument


def _run(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, object]]:
    code = evaluation.main(["--json"])
    return code, json.loads(capsys.readouterr().out)


def test_the_shipped_chain_keeps_every_threshold(capsys: pytest.CaptureFixture[str]) -> None:
    """Every case is answered by a model, right, and no attack changes what is shown."""
    code, found = _run(capsys)
    assert (code, found["missed"], found["fell"]) == (0, [], [])
    assert found["asked"] == found["documents"] == 10
    assert found["attacks"] == 152
    assert found["by_hand"] == found["expected"], "all is read by a person, none by the rules"
    assert Decimal(str(found["withheld"])) > 0, "some cases hold an invented figure"


_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?|\.\d+")


@pytest.mark.parametrize("case", evaluation.load_cases(), ids=lambda case: case.name)
def test_what_is_expected_stands_in_the_document(case: Case) -> None:
    """In the words that are given for it, with its number in them: nobody's claim is the measure
    of another's."""
    text = read(RawDocument(case.path.read_bytes(), kind_of(case.path))).text
    for one in case.expected:
        assert one["words"] in text, one
        said = {Decimal(word.replace(",", "")) for word in _NUMBER.findall(one["words"])}
        worth = {number.scaleb(places) for number in said for places in (0, 3, 6, 9)}
        ends = [one[name] for name in ("value", "low", "high") if one.get(name, "None") != "None"]
        assert ends
        assert {abs(Decimal(end)) for end in ends} <= worth, one


def test_what_is_not_shown_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """The figures that a reader finds and the chain does not, so that they are no mere rate."""
    _, found = _run(capsys)
    lacking = found["lacking"]
    assert isinstance(lacking, list)
    assert "brantwell_q2_2026: operating_margin of the quarter, 4.8" in lacking
    assert Decimal(str(found["accuracy"])) < 1


def test_a_missed_threshold_is_an_exit_code(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A model that gets a figure wrong, and one that invents much, are told by name."""
    path = evaluation.CASES / "ducketts_q3_2025.json"
    case = json.loads(path.read_text("utf-8"))
    case["answer"]["figures"] = [
        {**one, "quote": "Invented words that stand nowhere in it."}
        for one in case["answer"]["figures"]
    ]
    case["expected"].append({"metric": "net_sales", "basis": "gaap", "kind": "year", "value": "1"})
    (tmp_path / path.name).write_text(json.dumps(case), "utf-8")
    monkeypatch.setattr(evaluation.load_cases, "__defaults__", (tmp_path,))
    code, found = _run(capsys)
    assert code == 1
    assert set(found["missed"]) >= {"accuracy", "withheld"}  # type: ignore[call-overload]


def test_a_chain_that_asks_nobody_is_no_success() -> None:
    """Local answers alone prove nothing about the prompt."""
    none = evaluation.Figures("p", 2, 1, 9, 0, 9, Decimal(0), 1, 1, ())
    assert none.missed(Thresholds()) == ["answers"]
