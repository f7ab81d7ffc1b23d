"""deploy.drill.history: the release before this one, or an honest word that it is not here."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.drill.history import RULE, VERSIONS, former
from deploy.failures import CONFIGURATION, Failure
from tests.unit.deploy.test_steps import git


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Three commits: schema 0016 with the rule, a change without one, schema 0017."""
    folder = tmp_path / "checkout"
    (folder / VERSIONS).mkdir(parents=True)
    git(folder, "init", "-q")
    (folder / RULE[0]).write_text(RULE[1])
    for number, text in (("0016", "first"), ("0016", "second"), ("0017", "third")):
        (folder / f"{VERSIONS}/rev_{number}_it.py").write_text(text)
        git(folder, "add", ".")
        git(folder, "commit", "-qm", text)
    return folder


def test_the_last_commit_before_this_schema(checkout: Path, tmp_path: Path) -> None:
    found = former(checkout)
    assert (found.subject, found.schema) == ("second", "0016")
    laid = found.lay(checkout, tmp_path / "laid")
    assert (laid / f"{VERSIONS}/rev_0016_it.py").read_text() == "second"
    assert not (laid / f"{VERSIONS}/rev_0017_it.py").exists()


def test_a_shallow_clone_is_told_so(checkout: Path, tmp_path: Path) -> None:
    """Nothing is made up in the place of the history that is missing."""
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{checkout}", "shallow")
    with pytest.raises(Failure, match="git fetch --unshallow") as refusal:
        former(tmp_path / "shallow")
    assert refusal.value.code == CONFIGURATION


def test_a_folder_without_history_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no release to upgrade from"):
        former(tmp_path)


def test_a_release_from_before_the_rule_is_not_drilled(checkout: Path) -> None:
    """It could not be gone back to, so it would prove something else."""
    (checkout / RULE[0]).write_text("no rule")
    git(checkout, "commit", "-qam", "Forget the rule")
    (checkout / f"{VERSIONS}/rev_0018_it.py").write_text("x")
    git(checkout, "add", ".")
    git(checkout, "commit", "-qm", "fourth")
    with pytest.raises(Failure, match="decision 29"):
        former(checkout)
