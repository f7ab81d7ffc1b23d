"""Bound what grows, and give memory back to the machine."""

from __future__ import annotations

from datetime import timedelta

from jobs.context import JobContext
from jobs.job import SAID, Run, Summary

DAY_S = 86_400.0


def memory_cleanup(context: JobContext, run: Run) -> Summary:
    """Histories keep so many entries and hours, those of agents as sums by day after that; the
    engine keeps its finished work for some weeks, as is what nobody tells of services any
    more; headlines for some months, commands and single calls for some days.

    The ledger of runs, documents and insights are no history: they stay.
    """
    limits = context.limits
    oldest = context.clock.now() - timedelta(days=limits.work_days)
    entries = context.health_history.trim(limits.history_entries, limits.history_hours)
    work = context.engine.forget(oldest)
    processes = context.instances.forget(oldest)
    commands = context.commands.forget(limits.command_days * DAY_S)
    forgotten = context.policy_desk.forget(limits.work_days * DAY_S)
    calls = context.policy_desk.drop_calls(limits.call_days * DAY_S)
    letters = context.dead_letters
    rolled = context.agents.store.roll_up(limits.history_entries, limits.history_hours)
    days = context.agents.store.forget_days(limits.day_days)
    reports = context.recoveries.forget(limits.day_days)
    headlines = context.headlines.forget(limits.headline_days * DAY_S)
    ended = letters.forget(limits.work_days * DAY_S) if letters is not None else 0
    relief = context.memory.relieve()
    return {
        SAID: f"{relief.summary}; dropped {entries} health entries, {work} pieces of old work, "
        f"{calls} recorded calls",
        "health_entries": entries,
        "work": work,
        "processes": processes,
        "commands": commands,
        "breakers_and_quotas": forgotten,
        "calls": calls,
        "dead_letters": ended,
        "headlines": headlines,
        "agent_entries": rolled,
        "agent_days": days,
        "recovery_reports": reports,
        "freed_bytes": relief.freed_bytes,
        "rss_bytes": relief.rss_after,
        "failed": "; ".join(f"{name}: {why}" for name, why in relief.failed.items()),
    }
