"""Reading a stream of rows, window by window: sign-ins, audit trail.

1. Plan: the fresh window first, gaps behind it, newest first.
2. Ask a gap's size; a long one goes through Bulk, everything else through REST.
3. Land pages; commit every few of them; with a window's last page, commit that it is complete.
A window that is cut anywhere is read again: what has landed of it is recognised by its ids.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from orgwarden.core.expiry import left_out, read_whole
from orgwarden.core.ledger import Ledger
from orgwarden.core.problems import NotAllowed, TryLater
from orgwarden.core.retention import days_kept
from orgwarden.core.source import Source
from orgwarden.core.windows import Window, backfill_start, halves, plan
from orgwarden.flows import runs
from orgwarden.flows.bulk_choice import by_bulk, used_up
from orgwarden.flows.fields import Fields
from orgwarden.flows.first_window import first_window
from orgwarden.flows.read_bulk import read_bulk
from orgwarden.flows.read_window import read_pages, rows_of
from orgwarden.flows.turns import TurnOver
from orgwarden.flows.work import Work
from orgwarden.salesforce import CursorGone, Query
from orgwarden.salesforce.soql import Condition, at_least, below, count

LONG_SPAN = timedelta(days=2)  # a gap shorter than this is read without asking its size
TRIES = 3  # of one window whose cursor expired at Salesforce
LEAST = timedelta(seconds=2)  # a window that times out is halved down to this


def read_rows(work: Work, source: Source) -> str:
    """Read what is due of a source. Returns a remark for people, empty if there is none."""
    fields = Fields(work, source)
    begin_backfill(work, source)
    ledger = work.ledger.of(source.id)
    assert ledger.backfill_from is not None
    windows = list(
        plan(left_out(ledger), start=ledger.backfill_from, now=work.now(), overlap=source.overlap)
    )
    while windows:
        window = windows.pop(0)
        if not window.fresh:
            if work.turn.over():
                raise TurnOver
            work.give_way("backfill")
        try:
            _read_window(work, source, fields, window)
        except TryLater as problem:
            if problem.code != "QUERY_TIMEOUT" or window.span.end - window.span.start < LEAST:
                raise
            windows[:0] = halves(window)
    return fields.remark


def begin_backfill(work: Work, source: Source) -> None:
    """Fix where the backfill starts before anything is read. It moves back when the tenant is
    edited to reach further, never forward."""
    days = min(work.org.backfill_days, (source.backfill or timedelta()).days)
    days = min(days, days_kept(work.org.keep_days, source.id) or days)
    start = backfill_start(work.now(), days)
    before = work.ledger.of(source.id).backfill_from
    if before is not None and before <= start:
        return

    def fix(ledger: Ledger) -> Ledger:
        return ledger.with_source(source.id, replace(ledger.of(source.id), backfill_from=start))

    work.commit([], fix)


def first_question(work: Work, source: Source) -> Query | None:
    """What `read_rows` is going to ask first, if that is the rows of a short fresh window."""
    window = first_window(work, source)
    if window is None:
        return None
    return rows_of(source, conditions_of(source, window), source.field_names())


def conditions_of(source: Source, window: Window) -> list[Condition]:
    """A window as conditions: the fresh one is open at its end."""
    found = [at_least(source.time_field, window.span.start)]
    if not window.fresh:
        found.append(below(source.time_field, window.span.end))
    return found


def _read_window(work: Work, source: Source, fields: Fields, window: Window) -> None:
    span, conditions = window.span, conditions_of(source, window)
    expected = 0
    if span.end - span.start > LONG_SPAN:
        asked = count(source.object).where(*conditions)
        expected = work.client.count(asked, lane=source.lane)
        runs.expect(work.run, expected)
    fields.asked_at = work.now()

    def done(ledger: Ledger) -> Ledger:
        was = ledger.of(source.id)
        kept = source.kept_for
        return ledger.with_source(
            source.id, read_whole(was, span, now=fields.asked_at, lag=source.lag, kept=kept)
        )

    if not fields.no_bulk and by_bulk(work, expected):
        try:
            read_bulk(work, source, fields, conditions, done)
            return
        except NotAllowed as problem:
            if problem.code != "INVALIDENTITY":
                raise
            fields.no_bulk = True  # this object is not served by Bulk
        except TryLater as problem:
            if not used_up(work, problem) or by_bulk(work, expected):
                raise
    for attempt in range(1, TRIES + 1):
        try:
            read_pages(work, source, fields, conditions, done)
            return
        except CursorGone:
            if attempt == TRIES:
                raise
