"""Publishing: what the lake's newest commit says, copied into the records for pages to read.

Caches only. `org` rebuilds them whole; a crash between a commit and this is mended by the next
run's start.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from orgwarden.catalog.sources import BY_ID
from orgwarden.catalog.sources.event_log_file import FAMILY, PREFIX
from orgwarden.core.ledger import Ledger, SourceLedger, event_coverage
from orgwarden.core.problems import LostLease
from orgwarden.core.source import Kind
from orgwarden.core.spans import Spans, text_of
from orgwarden.records.models import Lease, Org, SourceState


def ledger(
    org: Org, ledger: Ledger, before: Ledger | None = None, *, epoch: int | None = None
) -> None:
    """Bring the caches of an org's sources up to this ledger, in one short transaction. `before`
    is what they show now; without it all are made anew. With `epoch`, raises LostLease if another
    holder has come since: a stalled one must not put old words over its successor's."""
    files = ledger.of(FAMILY.id)
    of_events = event_coverage(files, late=FAMILY.lag)
    with transaction.atomic():
        lease = Lease.objects.select_for_update().filter(org=org).first()
        if epoch is not None and (lease is None or lease.epoch != epoch):
            raise LostLease("Another worker took this org over.", code="LEASE_LOST")
        for name, source in ledger.sources.items():
            if name in BY_ID and BY_ID[name].kind is Kind.MADE:
                continue  # has no state of its own: it stands as those do that it is made of
            is_type = name.startswith(PREFIX) and name not in BY_ID
            same = before is not None and source == before.sources.get(name)
            if same and before and (not is_type or files == before.of(FAMILY.id)):
                continue
            seen = files if is_type else source
            complete = of_events if is_type or name == FAMILY.id else source.complete
            told = {
                "rows": source.held,
                "duplicate": source.duplicate,
                "quarantined": source.quarantined,
                "coverage": coverage(seen, complete),
                "cursor": {"complete_to": text_of(complete.items[-1].end)}
                if complete.items
                else None,
                "backfill_from": seen.backfill_from,
            }
            if not SourceState.objects.filter(org=org, source=name).update(**told):
                SourceState.objects.create(org=org, source=name, **told)


def coverage(source: SourceLedger, complete: Spans) -> dict[str, Any]:
    """Coverage as pages and `--json` show it."""
    missing = [[text_of(m.span.start), text_of(m.span.end), m.why] for m in source.missing]
    return {"complete": complete.to_json(), "missing": missing}
