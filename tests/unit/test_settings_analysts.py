"""[analysts.tasks] and [budget]: what each analyst may give, and what all may cost together."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from earnings.analysts.table import ANALYSTS
from tests.unit.test_settings_news import problem_of, settings_of

ALL = ("figures", "guidance", "quotes")


def test_tasks_as_they_are_shipped(tmp_path: Path) -> None:
    """Everybody gives everything, but for a small model's guidance; whoever is asked has a row."""
    tasks = settings_of(tmp_path, "").analysts.tasks
    assert (tasks.claude, tasks.groq, tasks.ollama) == (ALL, ALL, ("figures", "quotes"))
    assert {*tasks.model_dump(), "local"} == set(ANALYSTS)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('["figures"]', ("figures",)),
        ('["quotes", "figures", "quotes"]', ("quotes", "figures")),
        ('"figures, Guidance"', ("figures", "guidance")),
        ('"quotes,"', ("quotes",)),
    ],
)
def test_tasks_are_a_list_or_names_with_commas(
    tmp_path: Path, written: str, meant: tuple[str, ...]
) -> None:
    """Each once; those of the others stay."""
    tasks = settings_of(tmp_path, f"[analysts.tasks]\ngroq = {written}\n").analysts.tasks
    assert tasks.groq == meant
    assert tasks.claude == ALL


def test_tasks_out_of_the_environment(tmp_path: Path) -> None:
    """Over those of the file."""
    settings = settings_of(
        tmp_path,
        '[analysts.tasks]\nollama = ["quotes"]\n',
        RETAILXAI_ANALYSTS_TASKS_OLLAMA="figures,guidance",
    )
    assert settings.analysts.tasks.ollama == ("figures", "guidance")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[]", "an analyst without any is left out of order"),
        ('""', "an analyst without any is left out of order"),
        ("true", "must be a list of tasks"),
        ('["figures", "advice"]', "names a task that does not exist: 'advice'"),
        ("[3]", "names a task that does not exist: '3'"),
    ],
)
def test_other_tasks_are_refused(tmp_path: Path, written: str, said: str) -> None:
    """Where they stand, with what is wrong."""
    told = problem_of(tmp_path, f"[analysts.tasks]\nclaude = {written}\n")
    assert told.startswith("my.toml: analysts.tasks.claude ")
    assert said in told


def test_an_analyst_that_there_is_not_has_no_tasks(tmp_path: Path) -> None:
    assert "analysts.tasks.cloude" in problem_of(
        tmp_path, '[analysts.tasks]\ncloude = ["figures"]\n'
    )


def test_without_a_budget_the_own_caps_hold_alone(tmp_path: Path) -> None:
    budget = settings_of(tmp_path, "").budget
    assert (budget.daily_cap_usd, budget.monthly_cap_usd) == (None, None)


@pytest.mark.parametrize(
    ("written", "usd"), [("2.5", "2.5"), ("0", "0"), ('"7"', "7"), ("1000000", "1000000")]
)
def test_a_budget_is_an_amount_of_money(tmp_path: Path, written: str, usd: str) -> None:
    """To the cent and exactly; nothing may be spent at 0."""
    settings = settings_of(tmp_path, f"[budget]\ndaily_cap_usd = {written}\n")
    assert settings.budget.daily_cap_usd == Decimal(usd)
    assert settings.budget.monthly_cap_usd is None


@pytest.mark.parametrize("written", ["-1", '"a lot"', "nan", "inf", "1000001", "true", "[1]"])
def test_other_budgets_are_refused(tmp_path: Path, written: str) -> None:
    told = problem_of(tmp_path, f"[budget]\nmonthly_cap_usd = {written}\n")
    assert told.startswith("my.toml: budget.monthly_cap_usd ")
