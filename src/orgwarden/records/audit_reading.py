"""Reading the audit chain: filtered, newest first for pages, oldest first for exports."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q, QuerySet

from orgwarden.core.spreadsheets import harmless
from orgwarden.records.models import AuditEntry

COLUMNS = ("id", "at", "actor", "action", "subject", "detail", "previous", "digest")


@dataclass(frozen=True)
class Asked:
    """Which entries; empty means all."""

    actor: str = ""
    action: str = ""  # a whole action, or its beginning up to a colon
    text: str = ""  # somewhere in actor or subject
    since: datetime | None = None
    until: datetime | None = None


def entries(asked: Asked) -> QuerySet[AuditEntry]:
    """The entries asked for, oldest first."""
    found = AuditEntry.objects.order_by("id")
    if asked.actor:
        found = found.filter(actor=asked.actor)
    if asked.action:
        found = found.filter(action__startswith=asked.action)
    if asked.text:
        found = found.filter(Q(subject__icontains=asked.text) | Q(actor__icontains=asked.text))
    if asked.since:
        found = found.filter(at__gte=asked.since)
    if asked.until:
        found = found.filter(at__lt=asked.until)
    return found


def about(names: Collection[str], since: datetime | None) -> QuerySet[AuditEntry]:
    """What was done to a tenant under these names, newest first, from a little before it was
    connected. Only what is done to tenants: whoever may rename one could else call it like a person
    and read what concerns them."""
    found = AuditEntry.objects.filter(subject__in=names, action__startswith="org:")
    if since is not None:
        found = found.filter(at__gte=since - timedelta(hours=1))
    return found.order_by("-id")


def as_values(row: AuditEntry) -> dict[str, object]:
    """One entry as plain values; times ISO 8601 UTC."""
    values = {name: getattr(row, name) for name in COLUMNS}
    return values | {"at": row.at.astimezone(UTC).isoformat(timespec="microseconds")}


def as_json(rows: QuerySet[AuditEntry]) -> Iterator[str]:
    """A JSON list, piece by piece."""
    yield "["
    for n, row in enumerate(rows.iterator(chunk_size=1000)):
        yield (",\n" if n else "\n") + json.dumps(as_values(row), ensure_ascii=False)
    yield "\n]\n"


def as_csv(rows: QuerySet[AuditEntry]) -> Iterator[str]:
    """CSV with a header, line by line; what a spreadsheet might run is made text."""
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(COLUMNS)
    yield line.getvalue()
    for row in rows.iterator(chunk_size=1000):
        line.seek(0)
        line.truncate()
        values = as_values(row) | {"detail": json.dumps(row.detail, ensure_ascii=False)}
        writer.writerow([harmless(str(values[name])) for name in COLUMNS])
        yield line.getvalue()
