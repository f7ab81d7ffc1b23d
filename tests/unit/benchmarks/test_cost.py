"""What a week costs against asking naively, measured on a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import cost

FOLDER = Path(__file__).parents[2] / "corpus"


def test_the_goal_is_judged_and_nothing_is_lost(capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code says whether it was reached, the figures add up, and no claim of the rules
    stands in words that the model is not shown."""
    code = cost.main([str(FOLDER), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert code == (0 if float(found["share"]) <= float(found["goal"]) else 1)
    assert found["documents"] > 10
    assert (found["claims"] > 50, found["lost"]) == (True, 0)
    saved = sum(float(each) for each in found["saved_usd"].values())
    assert float(found["paid_usd"]) + saved == pytest.approx(float(found["naive_usd"]))
    assert float(found["saved_usd"]["batching"]) == pytest.approx(float(found["paid_usd"]))


def test_a_cache_that_takes_no_such_prompt_saves_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Below the model's smallest cacheable prompt everything is read anew."""
    cost.main([str(FOLDER), "--json", "--cache-minimum", "100000"])
    assert float(json.loads(capsys.readouterr().out)["saved_usd"]["caching"]) == pytest.approx(
        0, abs=1e-4
    )


def test_a_folder_that_holds_nothing_is_refused(tmp_path: Path) -> None:
    assert cost.main([str(tmp_path)]) == 2
