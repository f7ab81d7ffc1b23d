"""Moments as services write them. One without a zone is taken for UTC."""

from __future__ import annotations

from datetime import UTC, datetime


def in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def iso(value: object) -> datetime | None:
    """Of an ISO 8601 text; None for anything else."""
    try:
        return in_utc(datetime.fromisoformat(str(value)))
    except ValueError:
        return None
