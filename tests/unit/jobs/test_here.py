"""The runs a process has under way."""

from __future__ import annotations

import threading

from jobs.here import RunsHere


def test_a_run_can_be_told_while_it_is_under_way() -> None:
    """And before and after nobody is there to be told."""
    here, stopping = RunsHere(), threading.Event()
    assert not here.stop(12, "ann")
    with here.under_way(12, stopping) as told:
        assert (told.words, told.stop.is_set()) == ("", False)
        assert here.stop(12, "cancelled by ann")
        assert (told.words, told.stop.is_set()) == ("cancelled by ann", True)
    assert not here.stop(12, "ann")
    assert not stopping.is_set()


def test_the_first_word_is_kept() -> None:
    here = RunsHere()
    with here.under_way(12, threading.Event()) as told:
        here.stop(12, "cancelled by ann")
        here.stop(12, "cancelled by bob")
        assert told.words == "cancelled by ann"


def test_one_run_is_told_and_the_others_go_on() -> None:
    here, stopping = RunsHere(), threading.Event()
    with here.under_way(1, stopping) as one, here.under_way(2, stopping) as other:
        here.stop(1, "ann")
        assert (one.stop.is_set(), other.stop.is_set()) == (True, False)


def test_a_process_that_stops_stops_its_runs_without_a_word() -> None:
    """Nobody cancelled them: the next start goes on."""
    here, stopping = RunsHere(), threading.Event()
    with here.under_way(1, stopping) as told:
        stopping.set()
        assert (told.stop.is_set(), told.words) == (True, "")
