"""Reading event log files: list by CreatedDate, download, land, commit, newest first.

1. List the files created in each due window: the fresh one first, then a day at a time backwards.
2. Files of one type and day are a unit: landed together, so that hourly files, the daily file and
   a late one are compared with one another.
3. Downloads run ahead of the landing, the landing of units side by side, commits one at a time.
4. With a window's last unit, commit that the window is complete.
A file that has landed is remembered; fetching it twice would add nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec

from orgwarden.catalog.sources.event_log_types import FREE
from orgwarden.core.expiry import left_out, read_whole
from orgwarden.core.ledger import Ledger
from orgwarden.core.problems import Problem
from orgwarden.core.retention import days_kept
from orgwarden.core.source import Source
from orgwarden.core.spans import Span
from orgwarden.core.windows import Window, backfill_start, plan
from orgwarden.flows.expiring import in_time
from orgwarden.flows.fields import Fields
from orgwarden.flows.kept import kept_of
from orgwarden.flows.land_log_files import land_files
from orgwarden.flows.units import LogFile
from orgwarden.flows.work import Work
from orgwarden.records.models import LandedFile, Org
from orgwarden.salesforce import Query, select
from orgwarden.salesforce.soql import at_least, below

_ID = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")
LIST_LAG = timedelta(minutes=5)  # rows of the list appear some seconds late
REMEMBERED = timedelta(days=40)


def read_log_files(work: Work, source: Source) -> str:
    """Read what is due of all event types. Returns a remark for people."""
    fields = Fields(work, in_time(work, source))
    begin = work.now()
    ledger = work.ledger.of(source.id)
    if ledger.backfill_from is None or _reaches_further(work, ledger.backfill_from):
        whole = Span(begin - timedelta(days=32), begin)
        _begin(work, source, list(_list(work, source, fields, whole)))
        ledger = work.ledger.of(source.id)
    begun = ledger.backfill_from or begin
    kept = kept_of(source, work.org)
    windows = plan(left_out(ledger), start=begun, now=begin, overlap=source.overlap)
    for window in (piece for w in windows for piece in _days(w)):
        files = list(_list(work, source, fields, window.span, open_ended=window.fresh))
        land_files(work, source, _not_landed(work.org, files))

        listed = fields.asked_at

        def done(ledger: Ledger, window: Window = window, listed: datetime = listed) -> Ledger:
            was, span = ledger.of(source.id), window.span
            return ledger.with_source(
                source.id,
                read_whole(was, span, now=listed, lag=LIST_LAG, kept=kept, reach=source.lag),
            )

        work.commit([], done)
    LandedFile.objects.filter(org=work.org, created__lt=begin - REMEMBERED).delete()
    return fields.remark


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
    Org.objects.filter(pk=work.org.pk).update(event_monitoring="licensed" if licensed else "none")

    def fix(ledger: Ledger) -> Ledger:
        was = ledger.of(source.id)
        oldest = min(max(start, held), was.held_from or work.now())
        return ledger.with_source(source.id, replace(was, backfill_from=start, held_from=oldest))

    work.commit([], fix)


def _days(window: Window) -> Iterator[Window]:
    """A long gap in pieces of a day, newest first, so that what is done stays done."""
    end = window.span.end
    while not window.fresh and end - window.span.start > timedelta(days=1):
        yield Window(Span(end - timedelta(days=1), end), fresh=False)
        end -= timedelta(days=1)
    yield Window(Span(window.span.start, end), fresh=window.fresh)


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


def _list(
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
    known = work.ledger.of(source.id)
    if known.backfill_from is None or not known.complete.items:
        return None
    window, *_ = plan(
        left_out(known), start=known.backfill_from, now=work.now(), overlap=source.overlap
    )
    return _created_in(source, window.span, True, source.field_names())


def _created_in(source: Source, span: Span, open_ended: bool, names: Sequence[str]) -> Query:
    asked = select(source.object, names).where(at_least("CreatedDate", span.start))
    if not open_ended:
        asked = asked.where(below("CreatedDate", span.end))
    return asked.order_by("CreatedDate", "Id")


def _not_landed(org: Org, files: list[LogFile]) -> list[LogFile]:
    if not files:
        return []
    oldest = min(f.created for f in files)
    landed = set(
        LandedFile.objects.filter(org=org, created__gte=oldest).values_list("file_id", "created")
    )
    return [f for f in files if (f.id, f.created) not in landed]
