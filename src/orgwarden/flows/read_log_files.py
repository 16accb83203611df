"""Reading event log files: list by CreatedDate, download, land, commit, newest first.

1. List the files created in each due window: the fresh one first, then what Salesforce deletes
   soonest, then a day at a time backwards. When new files are due again, they come first again.
2. Files of one type and day are a unit: landed together, so that hourly files, the daily file and
   a late one are compared with one another.
3. Downloads run ahead of the landing, the landing of units side by side, commits one at a time.
4. With a window's last unit, commit that the window is complete.
A file that has landed is remembered; fetching it twice would add nothing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from orgwarden.catalog.sources.event_log_types import FREE
from orgwarden.core.expiry import left_out, read_whole
from orgwarden.core.ledger import Ledger
from orgwarden.core.problems import OverBudget
from orgwarden.core.retention import days_kept
from orgwarden.core.source import Source, cadence_of
from orgwarden.core.spans import Span
from orgwarden.core.windows import (
    Window,
    backfill_start,
    expires_until,
    first_whole_day,
    pieces,
    plan,
    soonest_lost_first,
)
from orgwarden.flows.expiring import in_time
from orgwarden.flows.fields import Fields
from orgwarden.flows.kept import WITHOUT_LICENCE, kept_of
from orgwarden.flows.land_log_files import land_files
from orgwarden.flows.list_log_files import list_files, not_landed
from orgwarden.flows.turns import TurnOver
from orgwarden.flows.units import LogFile
from orgwarden.flows.work import Work
from orgwarden.records.models import LandedFile, Org

LIST_LAG = timedelta(minutes=5)  # rows of the list appear some seconds late
REMEMBERED = timedelta(days=40)
EXPIRING = "expiring"  # the lane of files that Salesforce deletes within a day


def read_log_files(work: Work, source: Source) -> str:
    """Read what is due of all event types. Returns a remark for people."""
    fields = Fields(work, in_time(work, source))
    begin = work.now()
    ledger = work.ledger.of(source.id)
    if ledger.backfill_from is None or _reaches_further(work, ledger.backfill_from):
        whole = Span(begin - timedelta(days=32), begin)
        _begin(work, source, list(list_files(work, source, fields, whole)))
        ledger = work.ledger.of(source.id)
    kept = kept_of(source, work.org)
    again = cadence_of(source, work.org.cadence_minutes)
    windows, read, fresh_at = _windows(work, source, kept), 0, begin
    refused: OverBudget | None = None
    listing = fields.lane
    while windows:
        window = windows.pop(0)
        if read and work.turn.over():
            raise TurnOver
        lane = _lane(source, window, begin, kept)
        fields.lane = EXPIRING if lane == EXPIRING else listing
        work.give_way(lane)
        try:
            _read_window(work, source, fields, window, kept, lane)
        except OverBudget as problem:
            if lane == EXPIRING:
                raise
            refused = problem  # what Salesforce deletes soonest has a lane of its own
            windows = [w for w in windows if _lane(source, w, begin, kept) == EXPIRING]
        read += 1
        if not window.fresh and not refused and work.now() - fresh_at >= again:
            windows, fresh_at = _windows(work, source, kept), work.now()
    if refused:
        raise refused
    LandedFile.objects.filter(org=work.org, created__lt=begin - REMEMBERED).delete()
    return fields.remark


def _windows(work: Work, source: Source, kept: timedelta | None) -> list[Window]:
    """What there is to read, in order. Long gaps in pieces of a day, newest first, so that what is
    done stays done."""
    known, now = work.ledger.of(source.id), work.now()
    planned = plan(
        left_out(known), start=known.backfill_from or now, now=now, overlap=source.overlap
    )
    ordered = soonest_lost_first(planned, now=now, kept=kept)
    day = timedelta(days=1)
    return [p for w in ordered for p in ([w] if w.fresh else pieces(w, day))]


def _lane(source: Source, window: Window, now: datetime, kept: timedelta | None) -> str:
    if window.fresh:
        return source.lane
    return EXPIRING if kept and window.span.end <= expires_until(now, kept) else "backfill"


def _read_window(
    work: Work, source: Source, fields: Fields, window: Window, kept: timedelta | None, lane: str
) -> None:
    files = list(list_files(work, source, fields, window.span, open_ended=window.fresh))
    listed = fields.asked_at
    land_files(work, source, not_landed(work.org, files), lane=lane)

    def done(ledger: Ledger) -> Ledger:
        was, span = ledger.of(source.id), window.span
        return ledger.with_source(
            source.id,
            read_whole(was, span, now=listed, lag=LIST_LAG, kept=kept, reach=source.lag),
        )

    work.commit([], done)


def _reaches_further(work: Work, before: datetime) -> bool:
    """Whether the tenant was edited to reach further back than its backfill began."""
    days = _most(work, licensed=work.org.event_monitoring == "licensed")
    return backfill_start(work.now(), days) < before


def _most(work: Work, *, licensed: bool) -> int:
    """How many days back at most."""
    days = min(work.org.backfill_days, 30 if licensed else 1)
    return min(days, days_kept(work.org.keep_days, "event_log_file") or days)


def _begin(work: Work, source: Source, files: list[LogFile]) -> None:
    """What the org holds decides how far back: 30 days, or 1 without a licence."""
    licensed = any(f.interval == "Hourly" or f.event_type not in FREE for f in files)
    days = _most(work, licensed=licensed)
    start = backfill_start(work.now(), days)
    daily = (f.log_date for f in files if f.interval == "Daily" and f.log_date >= start)
    held = min(daily, default=work.now() - timedelta(days=days))
    if not licensed:
        held = max(held, first_whole_day(work.now(), WITHOUT_LICENCE))
    work.org.event_monitoring = "licensed" if licensed else "none"
    Org.objects.filter(pk=work.org.pk).update(event_monitoring=work.org.event_monitoring)

    def fix(ledger: Ledger) -> Ledger:
        was = ledger.of(source.id)
        oldest = min(max(start, held), was.held_from or work.now())
        return ledger.with_source(source.id, replace(was, backfill_from=start, held_from=oldest))

    work.commit([], fix)
