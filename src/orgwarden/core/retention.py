"""How long what was collected is kept here, by source, and what the ledger says of what went.

For ever, unless a person sets a number of days. What was removed counts as `expired`, is no longer
claimed complete, and is not collected again, although Salesforce may still hold it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from orgwarden.core.ledger import Ledger, Missing, SourceLedger
from orgwarden.core.spans import Span

REMOVED = "Orgwarden removed it: events of this source are kept for a limited time."
EVERY = "*"  # stands for every source that has no number of its own
LEAST_DAYS, MOST_DAYS = 7, 3650


def days_kept(keep: Mapping[str, int], source: str) -> int | None:
    """For how many days events of a source are kept; None: for ever. A source's own 0 is for ever
    too, whatever holds for the others."""
    return keep.get(source, keep.get(EVERY, 0)) or None


def first_day(days: int, now: datetime) -> date:
    """The oldest UTC day that is kept."""
    return now.astimezone(UTC).date() - timedelta(days=days)


def gone(was: SourceLedger, first: date) -> SourceLedger:
    """A source of past events, once everything before the day `first` is removed."""
    before = datetime.combine(first, time(), UTC)
    mine = [m.span.start for m in was.missing if m.why == REMOVED]
    begun = min([*mine, *([was.backfill_from] if was.backfill_from else [])], default=before)
    if begun >= before:
        return was
    span = Span(begun, before)
    others = tuple(m for m in was.missing if m.why != REMOVED)
    return replace(
        was, complete=was.complete.without(span), missing=(Missing(span, REMOVED), *others)
    )


def expired(ledger: Ledger, source: str, rows: int) -> Ledger:
    """So many rows of a source are not in the table any more."""
    if source not in ledger.sources:
        return ledger  # quarantined rows are counted with the source they came from
    was = ledger.of(source)
    return ledger.with_source(source, replace(was, expired=was.expired + rows))
