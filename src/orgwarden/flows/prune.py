"""Pruning: once a day, what is older than a tenant's people want it kept is removed from its table.

1. Which first day is kept, for each source that has a number of days.
2. Under the org's lease, one commit a day that is removed (`lake.retention`).
3. The caches follow, and an entry of the audit chain says what went.
Who is cut off anywhere goes on with the next day next time.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Q

from orgwarden.catalog.sources import BY_ID
from orgwarden.catalog.sources.event_log_file import FAMILY, PREFIX
from orgwarden.core.ledger import Ledger
from orgwarden.core.problems import Problem
from orgwarden.core.retention import days_kept, first_day, gone
from orgwarden.core.source import Kind
from orgwarden.flows import publish
from orgwarden.flows.lakes import lake_of
from orgwarden.lake import counted
from orgwarden.lake.retention import remove
from orgwarden.lake.table import OrgLake, is_table
from orgwarden.records import audit, leases
from orgwarden.records.models import Org

log = logging.getLogger(__name__)
EVERY_SO_OFTEN = timedelta(days=1)


def prune_due() -> None:
    """Prune every tenant that is due: the worker's chore. Safe for many workers at once."""
    due = Q(pruned_at=None) | Q(pruned_at__lt=datetime.now(UTC) - EVERY_SO_OFTEN)
    for org in Org.objects.filter(due).exclude(keep_days={}):
        try:
            prune(org, actor="worker")
        except leases.Busy:
            continue  # it is being collected; the next look will find it
        except Problem as problem:
            log.warning("%s: %s", org.name, problem.sentence())


def prune(org: Org, *, actor: str, wait: timedelta = timedelta()) -> dict[str, Any]:
    """Remove what is too old, now. Raises leases.Busy when somebody holds the org for longer than
    `wait`, LostLease when somebody took it over meanwhile."""
    began = datetime.now(UTC)
    told: dict[str, Any] = {"name": org.name, "days": 0, "rows": 0, "sources": {}}
    if is_table(lake_of(org)):
        lake = OrgLake.open(lake_of(org))
        first = first_days(org.keep_days, {f.source for f in lake.files()}, began)
        if any(f.source in first and f.date < first[f.source] for f in lake.files()):
            told |= _removed(org, lake, first, wait)
            audit.record(actor, audit.Action.EVENTS_EXPIRED, org.name, told)
        counted.forget(lake)
    Org.objects.filter(pk=org.pk).update(pruned_at=began)
    return told


def first_days(keep: Mapping[str, int], sources: set[str], now: datetime) -> dict[str, date]:
    """The first day that is kept of each of these sources; none where it is for ever."""
    days = {source: days_of(keep, source) for source in sources}
    return {source: first_day(kept, now) for source, kept in days.items() if kept is not None}


def days_of(keep: Mapping[str, int], source: str) -> int | None:
    """For how many days a source is kept; None: for ever. An event type is kept as log files
    are."""
    of_type = source.startswith(PREFIX) and source not in BY_ID
    return days_kept(keep, FAMILY.id if of_type else source)


def _removed(org: Org, lake: OrgLake, first: Mapping[str, date], wait: timedelta) -> dict[str, Any]:
    whole = {s for s in first if s in BY_ID and BY_ID[s].kind is Kind.SNAPSHOT}
    held = leases.take(org, holder=leases.Holder.here(), wait=wait, above=lake.epoch)
    try:
        with leases.Heartbeat(held) as beat:
            lake.take(held.epoch)
            done = remove(
                lake, held.epoch, first,
                versioned=whole, change=lambda ledger: _told(ledger, first), check=beat.check,
            )  # fmt: skip
            publish.ledger(org, lake.ledger(), epoch=held.epoch)
    finally:
        leases.release(held)
    return {"days": len(done.days), "rows": sum(done.rows.values()), "sources": done.rows}


def _told(ledger: Ledger, first: Mapping[str, date]) -> Ledger:
    """The ledger, once everything before these days is gone: nothing of it is claimed, nothing is
    collected again."""
    for source, ours in ledger.sources.items():
        kind = BY_ID[source].kind if source in BY_ID else None
        day = first.get(source)
        if source == FAMILY.id:  # it has no rows: its types' are its
            types = [d for s, d in first.items() if s.startswith(PREFIX) and s not in BY_ID]
            day = min(types, default=None)
        if day is not None and kind in (Kind.ROWS, Kind.LOG_FILES):
            ledger = ledger.with_source(source, gone(ours, day))
    return ledger
