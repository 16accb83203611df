"""The backlog of a tenant and when it is worked off, from the records alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from orgwarden.catalog.features import sources_for
from orgwarden.catalog.volumes import VOLUMES
from orgwarden.core.budget import Rules
from orgwarden.core.cost import Size, calls
from orgwarden.core.forecast import (
    Forecast,
    Need,
    forecast,
    free_a_day,
    need_of_rows,
    need_whole,
)
from orgwarden.core.source import Kind, Source, cadence_of
from orgwarden.core.spans import Spans
from orgwarden.records import calls as counted
from orgwarden.records.models import LandedFile, Org, SourceState

WEEK = timedelta(days=7)  # over which the log files a day are counted
WAITS = (SourceState.State.WAITING, SourceState.State.NEVER)
UNREAD = (SourceState.State.DARK, SourceState.State.OFF)


def forecast_of(org: Org, now: datetime) -> Forecast:
    """The forecast of one org."""
    on = sources_for(org.features, org.tiers)
    states = {s.source: s for s in SourceState.objects.filter(org=org)}
    files = LandedFile.objects.filter(org=org, created__gte=now - WEEK).count() // WEEK.days
    needs = [
        _need(source, states[source.id], org, files, now)
        for source in on
        if source.id in states and states[source.id].state not in UNREAD
    ]
    usage = counted.usage_now(org)
    free = None
    if usage is not None and usage.limit > 0:
        users = states["users"].rows if "users" in states else 0
        steady = calls(on, Size(users, files), VOLUMES, minutes=org.cadence_minutes).total
        own = counted.own_calls_since(org, now - timedelta(hours=24))
        rules = Rules.of(org.budget)
        free = free_a_day(rules, used=usage.used, own=own, limit=usage.limit, steady=steady)
    return forecast(needs, free=free, now=now, waits_until=org.waiting_until)


def _need(source: Source, state: SourceState, org: Org, files: int, now: datetime) -> Need:
    fresh = cadence_of(source, org.cadence_minutes) + source.lag
    if source.kind not in (Kind.ROWS, Kind.LOG_FILES):
        return need_whole(state.rows) if state.state in WAITS else Need(0)
    if state.backfill_from is None:
        return Need(None)
    complete = Spans.from_json((state.coverage or {}).get("complete", ()))
    rows = files * WEEK.days if source.kind is Kind.LOG_FILES else state.rows
    found = need_of_rows(complete, state.backfill_from, now, fresh=fresh, rows=rows)
    if source.kind is Kind.ROWS:
        return found
    # A file is a call, whatever its rows; those listed are counted, those not listed guessed.
    missing = found.wanted - found.covered
    if missing and not files and not state.pending:
        return Need(None, found.covered, found.wanted)
    guessed = ceil(files * (missing / timedelta(days=1)))
    return Need(max(state.pending, guessed), found.covered, found.wanted)
