"""The window that a stream's next reading begins with, known before anything is asked."""

from __future__ import annotations

from orgwarden.core.expiry import left_out
from orgwarden.core.source import Source
from orgwarden.core.windows import FIRST_LOOK, Window, plan
from orgwarden.flows.work import Work


def first_window(work: Work, source: Source) -> Window | None:
    """None for a first reading, and where the window begins at a time that nobody knows yet."""
    known = work.ledger.of(source.id)
    if known.backfill_from is None or known.cursor is None:
        return None
    # Before the org's first answer the time is ours, which may be behind the org's: what is
    # complete by the org's own clock is past there.
    now = max(work.now(), known.cursor)
    if now - known.cursor > FIRST_LOOK:
        return None
    window, *_ = plan(left_out(known), start=known.backfill_from, now=now, overlap=source.overlap)
    return window
