"""Reading things whole: users, the organization, limits. What changed becomes an event.

A row is a new event when its key is (for a user: id and last change), so reading an unchanged
directory again adds nothing. What was read is complete as of then.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pyarrow as pa

from orgwarden.catalog.sources import organization, users
from orgwarden.core.ledger import Ledger
from orgwarden.core.source import Kind, Source
from orgwarden.core.spans import Span
from orgwarden.flows.fields import Fields
from orgwarden.flows.work import Work
from orgwarden.lake.layouts import Layout
from orgwarden.lake.reading import Reader
from orgwarden.lake.shaping import People
from orgwarden.lake.wire import json_rows
from orgwarden.records.models import Org
from orgwarden.salesforce import Query, select

BEGINNING = datetime(1999, 1, 1, tzinfo=UTC)  # no org is older
PAGES_A_COMMIT = 25


def read_snapshot(work: Work, source: Source) -> str:
    """All rows of an object, page by page. Returns a remark for people."""
    fields = Fields(work, source)
    now = work.now()

    def query(names: tuple[str, ...]) -> Query:
        return select(source.object, names).order_by("Id")

    names, pages = fields.ask(query)
    layout = Layout(source.id, source.object, names)
    bodies: list[bytes] = []
    for page in pages:
        bodies.append(page.body)
        if not page.done and len(bodies) < PAGES_A_COMMIT:
            continue
        landing = work.landing(source, everywhere=True)
        try:
            rows = json_rows(landing.connection, bodies, layout)
            landing.land_rows(rows, layout, day=now.date(), key=source.key, collected=True)
        except BaseException:
            landing.abandon()
            raise
        work.commit([(source, landing)], partial(_as_of, source=source, now=now, whole=page.done))
        bodies = []
    if source.id == users.SOURCE.id:
        work.people = people(work)
    elif source.id == organization.SOURCE.id:
        note_organization(work)
    return fields.remark


def read_limits(work: Work, source: Source) -> str:
    """The limits resource: one row a limit."""
    limits = work.client.limits(lane=source.lane)
    now = work.now()
    layout = Layout(source.id, source.object, source.field_names())
    read_at = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    rows = pa.table(
        dict(
            zip(
                layout.stored,
                (
                    pa.array(list(limits), pa.string()),
                    pa.array([str(v.max) for v in limits.values()], pa.string()),
                    pa.array([str(v.remaining) for v in limits.values()], pa.string()),
                    pa.array([read_at] * len(limits), pa.string()),
                ),
                strict=True,
            )
        )
    )
    landing = work.landing(source)
    landing.land_rows(rows, layout, day=now.date(), key=source.key, collected=True)
    work.commit([(source, landing)], partial(_as_of, source=source, now=now, whole=True))
    return ""


def people(work: Work) -> People:
    """Usernames by id, from the users collected so far."""
    with Reader(work.lake.folder.parent, [work.org.key]) as reader:
        if users.SOURCE.id not in reader.sources():
            return People.none()
        found = reader.run('SELECT "Id", "Username" FROM users')
    return People(found.column(0).combine_chunks(), found.column(1).combine_chunks())


def note_organization(work: Work) -> None:
    """What kind of org this is, copied into the records for the pages."""
    with Reader(work.lake.folder.parent, [work.org.key]) as reader:
        if organization.SOURCE.id not in reader.sources():
            return
        found = reader.run(
            'SELECT "Name", "OrganizationType", "InstanceName", "IsSandbox" FROM organization'
        ).to_pylist()
    for row in found:
        Org.objects.filter(pk=work.org.pk).update(
            organization_name=row["Name"] or "",
            edition=row["OrganizationType"] or "",
            instance_name=row["InstanceName"] or "",
            is_sandbox={"true": True, "false": False}.get(row["IsSandbox"] or ""),
        )


def _as_of(ledger: Ledger, source: Source, now: datetime, whole: bool) -> Ledger:
    if not whole:
        return ledger
    was = ledger.of(source.id)
    # Limits keep no history: they are known from the first reading on, the rest from the start.
    start = was.backfill_from or (now if source.kind is Kind.LIMITS else BEGINNING)
    end = max(start, now - source.lag)
    complete = was.complete.add(Span(start, end))
    return ledger.with_source(source.id, replace(was, backfill_from=start, complete=complete))
