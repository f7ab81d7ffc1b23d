"""How the comparison measures: turns, seconds, kills."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.peers.base import Peer, peer
from benchmarks.resilience.admission import most_in_a_second
from benchmarks.resilience.child import Orders
from benchmarks.resilience.house import RATE, SERVICE, settings_in
from benchmarks.resilience.lives import DidNotStart, lived
from benchmarks.resilience.timing import cpu_us, raising, spread, together
from bootstrap.policies import policy_specs
from resilience.clock import SystemClock


def test_a_dearer_call_costs_more() -> None:
    """Medians of batches made in turns."""
    took = cpu_us({"cheap": lambda: 1, "dear": lambda: sum(range(2000))}, rounds=3)
    assert 0 < took["cheap"] < took["dear"]


def test_threads_start_together_and_all_end() -> None:
    """Each with its own number."""
    seen: list[int] = []
    together(seen.append, 8)
    assert sorted(seen) == list(range(8))


def test_what_is_expected_is_swallowed_and_nothing_else() -> None:
    """A rejection is what is timed; any other error is a broken benchmark."""

    def fail() -> object:
        raise OSError

    assert raising(fail, OSError)() is None
    with pytest.raises(OSError):
        raising(fail, KeyError)()


def test_a_spread_is_least_median_most() -> None:
    """In this order."""
    assert spread([3, 1, 2]) == "1 / 2 / 3"


@pytest.mark.parametrize(
    ("grants", "most"),
    [
        ([(0.0, 0.1), (0.5, 0.6), (0.99, 0.995)], 3),
        ([(0.0, 0.1), (0.5, 0.6), (0.99, 1.01)], 2),  # perhaps it came a second later
        ([(0.0, 0.0), (1.0, 1.0), (2.0, 2.0)], 1),
        ([], 0),
    ],
)
def test_only_what_certainly_lies_in_a_second_is_counted(
    grants: list[tuple[float, float]], most: int
) -> None:
    """A grant lies somewhere between its two stamps; a limiter is not blamed for our clock."""
    assert most_in_a_second(grants) == most


def test_ours_is_the_shipped_policy_but_for_its_pace(tmp_path: Path) -> None:
    """Every other number is the one of the SEC in retailxai.toml."""
    specs = policy_specs(settings_in(tmp_path, "test"))
    ours, shipped = specs[SERVICE], specs["edgar"]
    assert [rate.rate for rate in ours.rates] == [RATE]
    for name in ("attempts", "failure_threshold", "open_s", "at_once", "deadline_s", "persists"):
        assert getattr(ours, name) == getattr(shipped, name)


def test_a_library_that_is_not_there_is_told_so() -> None:
    """It has its line in the table all the same."""
    found = peer("no_such_library")
    assert isinstance(found, Peer)
    assert found.module is None
    assert "cannot be used" in found.why


def orders(folder: Path) -> Orders:
    return Orders("ours", str(folder / "lines"), str(folder), "test", 0.0)


def test_each_start_is_counted_by_the_lines_it_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to its kill, and not one of the start before."""
    child = tmp_path / "child"
    lines = tmp_path / "lines"
    child.write_text(
        f"#!{sys.executable}\nimport pathlib, time\nlines = pathlib.Path({str(lines)!r})\n"
        "lines.write_text(lines.read_text() + 'x\\n' * 3)\n"
        "print('ready', flush=True)\ntime.sleep(60)\n"
    )
    child.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(child))
    lives = lived(orders(tmp_path), 2, SystemClock(), lambda count: None)
    assert [life.lines for life in lives] == [3, 3]
    assert lives[0].at_s < lives[1].at_s


def test_a_child_that_ends_at_once_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last words, not an empty count."""
    child = tmp_path / "child"
    child.write_text(f"#!{sys.executable}\nraise SystemExit('no such database')\n")
    child.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(child))
    with pytest.raises(DidNotStart, match="no such database"):
        lived(orders(tmp_path), 1, SystemClock(), lambda count: None)
