"""What the ledger says of a source that is read whole, when a reading ends and before it does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from orgwarden.core.ledger import Ledger
from orgwarden.core.source import Kind, Source
from orgwarden.core.spans import Span
from orgwarden.core.whole import Swept

BEGINNING = datetime(1999, 1, 1, tzinfo=UTC)  # no org is older


def as_of(
    ledger: Ledger,
    source: Source,
    now: datetime,
    whole: bool = True,
    digest: str = "",
    proved: bool = False,
) -> Ledger:
    """All of the source is known as of then. `proved`: our user sees what others made."""
    was = ledger.of(source.id)
    # Limits keep no history: they are known from the first reading on, the rest from the start.
    start = was.backfill_from or (now if source.kind is Kind.LIMITS else BEGINNING)
    end = max(start, now - source.lag)
    complete = was.complete.add(Span(start, end))
    swept = now if whole and isinstance(source.whole, Swept) else was.swept
    new = replace(was, backfill_from=start, complete=complete, swept=swept, digest=digest)
    return ledger.with_source(source.id, replace(new, proved=now if proved else was.proved))


def in_between(ledger: Ledger, source: Source) -> Ledger:
    """Some of a reading is stored: what is stored is no longer the reading before it."""
    return ledger.with_source(source.id, replace(ledger.of(source.id), digest=""))
