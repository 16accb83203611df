"""Reading the audit chain: filtered, newest first for pages, oldest first for exports."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q, QuerySet

from orgwarden.core.spreadsheets import harmless
from orgwarden.records import audit
from orgwarden.records.models import AuditEntry, Org

COLUMNS = ("id", "at", "actor", "action", "subject", "detail", "previous", "digest")
_AFTER_ALL = 2**62  # an id no entry reaches


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


def about(org: Org) -> QuerySet[AuditEntry]:
    """What was done to a tenant, newest first, from a little before it was connected: under each
    name it had, while it had it. Names are free again once they are given up, so whoever may
    rename a tenant could else call it like another, or like a person, and read what concerns
    those; for the same reason only what is done to tenants."""
    wanted, name, ended = Q(), org.name, _AFTER_ALL
    renamed = AuditEntry.objects.filter(
        action=audit.Action.ORG_EDITED, detail__after__has_key="name"
    ).order_by("-id")
    for at, detail in renamed.values_list("id", "detail"):
        if detail["after"]["name"] == name:
            wanted |= Q(subject=name, id__gte=at, id__lte=ended)
            name, ended = detail["before"]["name"], at
    wanted |= Q(subject=name, id__lte=ended)
    found = AuditEntry.objects.filter(wanted, action__startswith="org:")
    if org.first_connected_at is not None:
        found = found.filter(at__gte=org.first_connected_at - timedelta(hours=1))
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
