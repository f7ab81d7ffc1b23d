"""What a storm changes of the shipped configuration, and that it is nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from chaos.house import SHIPPED, configuration, jobs_in
from settings import load

MINUTE = datetime(2026, 11, 22, 7, 31, tzinfo=UTC)


def test_only_the_schedule_and_the_watch_list_differ(tmp_path: Path) -> None:
    """Policies, prices, retention, memory: every other value is the shipped one."""
    file = tmp_path / "retailxai.toml"
    file.write_text(configuration(SHIPPED.read_text("utf-8"), MINUTE, 20), "utf-8")
    shipped, changed = (
        load({"RETAILXAI_CONFIG": str(path), "RETAILXAI_ENV_FILE": ""}) for path in (SHIPPED, file)
    )
    aside = {"schedule", "companies", "config_file"}
    assert changed.model_dump(exclude=aside) == shipped.model_dump(exclude=aside)
    assert [one.ticker for one in changed.companies][:2] == ["ZZAA", "ZZAB"]
    assert len(changed.companies) == 20


def test_every_daily_job_comes_due_in_that_minute(tmp_path: Path) -> None:
    """And keeps how it is caught up; weekly ones keep their day."""
    text = SHIPPED.read_text("utf-8")
    file = tmp_path / "retailxai.toml"
    file.write_text(configuration(text, MINUTE, 1), "utf-8")
    shipped = load({"RETAILXAI_CONFIG": str(SHIPPED), "RETAILXAI_ENV_FILE": ""}).schedule
    changed = load({"RETAILXAI_CONFIG": str(file), "RETAILXAI_ENV_FILE": ""}).schedule
    daily = {name for name, job in shipped.jobs.items() if " " not in job.at}
    assert set(jobs_in(text)) == daily
    assert "daily_earnings_scan" in daily
    assert changed.zone == "UTC"
    for name, job in changed.jobs.items():
        assert job.at == ("07:31" if name in daily else shipped.jobs[name].at)
        assert job.catch_up == shipped.jobs[name].catch_up
