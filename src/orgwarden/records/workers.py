"""The workers that run, by their signs of life."""

from __future__ import annotations

from datetime import datetime, timedelta

from orgwarden.records.holder import is_gone
from orgwarden.records.models import WorkerBeat

SILENT = timedelta(seconds=120)  # four of its cycles


def workers_seen(now: datetime) -> list[datetime]:
    """When each worker that runs was last seen, newest first."""
    rows = WorkerBeat.objects.filter(seen_at__gt=now - SILENT)
    found = [seen for holder, seen in rows.values_list("holder", "seen_at") if not is_gone(holder)]
    return sorted(found, reverse=True)
