"""Listing event log files by when they were created, and which of them have not landed yet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

import msgspec

from orgwarden.core.problems import Problem
from orgwarden.core.source import Source
from orgwarden.core.spans import Span
from orgwarden.flows.fields import Fields
from orgwarden.flows.first_window import first_window
from orgwarden.flows.units import LogFile
from orgwarden.flows.work import Work
from orgwarden.records.models import LandedFile, Org
from orgwarden.salesforce import Query, select
from orgwarden.salesforce.soql import at_least, below

_ID = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")


class _Row(msgspec.Struct, rename={"id": "Id", "event_type": "EventType", "log_date": "LogDate",
                                   "created": "CreatedDate", "length": "LogFileLength",
                                   "interval": "Interval", "sequence": "Sequence"}):  # fmt: skip
    id: str
    event_type: str
    log_date: datetime
    created: datetime
    length: float
    interval: str | None = None
    sequence: int | None = None


class _Rows(msgspec.Struct):
    records: list[_Row]


def list_files(
    work: Work, source: Source, fields: Fields, span: Span, *, open_ended: bool = False
) -> Iterator[LogFile]:
    """The files created in a span; one call per 2,000."""

    _, pages = fields.ask(partial(_created_in, source, span, open_ended))
    for page in pages:
        for row in msgspec.json.decode(page.body, type=_Rows).records:
            if not _ID.fullmatch(row.id):  # it becomes a file's name here
                raise Problem(
                    "Salesforce listed a log file whose id is not one.",
                    fix="Check that the tenant's address is Salesforce's own.",
                    code="ODD_ID",
                )
            yield LogFile(
                id=row.id,
                event_type=row.event_type,
                log_date=row.log_date.astimezone(UTC),
                created=row.created.astimezone(UTC),
                length=int(row.length),
                interval=row.interval or "Daily",
                sequence=row.sequence or 0,
            )


def first_question(work: Work, source: Source) -> Query | None:
    """What `read_log_files` is going to ask first, once it has begun."""
    window = first_window(work, source)
    if window is None:
        return None
    return _created_in(source, window.span, True, source.field_names())


def _created_in(source: Source, span: Span, open_ended: bool, names: Sequence[str]) -> Query:
    asked = select(source.object, names).where(at_least("CreatedDate", span.start))
    if not open_ended:
        asked = asked.where(below("CreatedDate", span.end))
    return asked.order_by("CreatedDate", "Id")


def not_landed(org: Org, files: list[LogFile]) -> list[LogFile]:
    if not files:
        return []
    oldest = min(f.created for f in files)
    landed = set(
        LandedFile.objects.filter(org=org, created__gte=oldest).values_list("file_id", "created")
    )
    return [f for f in files if (f.id, f.created) not in landed]
