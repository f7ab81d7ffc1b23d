"""A week without the daemon, on a ledger that has seen a lot."""

from __future__ import annotations

from datetime import timedelta

import pytest

from resilience.clock import SystemClock
from tests.acceptance.installation import SCAN, WEEKLY, Installation
from tests.acceptance.processes import eventually

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]

DECIDED_WITHIN_S = 5.0
# many runs of before, and of each job one slot eight days ago: then the machine was off
_PAST = """
set session_replication_role = replica;  -- guards and moves are tested elsewhere
insert into job_run (job, slot, due_at, state, decided_by, decided_at)
    select (array['daily_earnings_scan', 'health_check', 'memory_cleanup', 'quota_check',
                  'weekly_summary'])[1 + n % 5],
           to_char(at, 'YYYY-MM-DD"T"HH24:MI'), at, case when n % 9 = 0 then 'skipped'
           else 'succeeded' end, 'd', at
      from generate_series(1, 200000) n,
           lateral (select timestamp '2019-01-01' + n * interval '3 minutes' as at) w;
insert into job_run (job, slot, due_at, state, decided_by, decided_at)
    select distinct job, to_char(now() at time zone 'UTC' - interval '8 days',
                                 'YYYY-MM-DD"T"HH24:MI'),
           now() - interval '8 days', 'succeeded', 'd', now() - interval '8 days'
      from (select job from job_run limit 100) j;
set session_replication_role = default;
analyze job_run;
"""


def test_after_a_week_down_every_slot_is_decided_at_once(house: Installation) -> None:
    """Within five seconds of the start, each with its run or its reason; and `why` says so."""
    house.configure(more='[schedule]\nzone = "UTC"')
    assert house.run("jobs").code == 0  # brings the schema
    house.rows(_PAST)
    daemon = house.daemon()
    eventually(lambda: house.one(_DECIDED) >= 4 * 7 + 1, "the week is decided")
    took_s = house.one(
        "select extract(epoch from max(decided_at) - (select max(started_at) from instance"
        " where kind = 'daemon')) from job_run"
    )
    assert took_s < DECIDED_WITHIN_S
    today = SystemClock().now().date()
    silent = "select count(*) from job_run where state = 'skipped' and reason = '' and slot > %s"
    assert house.one(silent, f"{today - timedelta(days=7)}") == 0
    open_ = "select count(*) from job_run where state in ('due', 'running')"
    eventually(lambda: not house.one(open_), "what is caught up on has run")
    why = house.run("why", "quota_check", f"{today - timedelta(days=3)}")
    assert why.code == 1
    assert "this job is not caught up" in why.out
    assert house.run("why", SCAN).code == 0
    assert house.one("select count(*) from job_run where job = %s and attempts > 0", WEEKLY) <= 1
    assert daemon.stop().code == 0


_DECIDED = "select count(*) from job_run where due_at > now() - interval '7 days 23 hours'"
