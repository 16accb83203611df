"""Log files that were listed and gone when they were fetched: holes until a daily file comes."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, wait
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from orgwarden.core.ledger import Ledger, Missing
from orgwarden.core.source import Source
from orgwarden.core.spans import Span
from orgwarden.flows.units import LogFile, Unit
from orgwarden.flows.work import Work

log = logging.getLogger(__name__)
Fetched = tuple[list[Unit], list[Future[Path | None]]]  # a batch and the files of its units


def without_gone(
    ledger: Ledger, family: Source, gone: Sequence[LogFile], whole: set[tuple[str, datetime]]
) -> Ledger:
    """A listed file that was gone when it was fetched leaves a hole, until a daily file of its
    day lands: Salesforce replaces files, and people may delete them."""
    was = ledger.of(family.id)
    day = timedelta(days=1)
    kept = tuple(
        m
        for m in was.missing
        if not any(m.why.startswith(f"{t}: ") and d <= m.span.start < d + day for t, d in whole)
    )
    holes = tuple(
        Missing(
            Span(f.log_date, f.log_date + (day if f.interval == "Daily" else timedelta(hours=1))),
            f"{f.event_type}: Salesforce listed a log file and no longer had it.",
        )
        for f in gone
    )
    missing = tuple(dict.fromkeys((*kept, *holes)))
    return ledger.with_source(family.id, replace(was, missing=missing))


def tell_gone(work: Work, family: Source, batches: Iterable[Fetched]) -> None:
    """Commit the holes alone, of batches that are not landed because something failed: the next
    list does not name a file that is gone, and nobody would know of it. A commit that fails too is
    logged and not raised: what failed first is what the caller tells."""
    gone = []
    for batch, fetched in batches:
        for future in fetched:
            future.cancel()
        wait(fetched)
        for file, future in zip((f for u in batch for f in u.files), fetched, strict=True):
            if not future.cancelled() and not future.exception() and future.result() is None:
                gone.append(file)
    if gone:
        try:
            work.commit([], lambda ledger: without_gone(ledger, family, gone, set()))
        except Exception:
            log.exception("%s: %d log files that are gone were not noted", work.org, len(gone))
