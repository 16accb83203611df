"""Reading things whole: users, the organization, settings. What changed becomes an event.

1. Read every page, in the order of ids.
2. Compare with the last versions in the lake: new versions and changes go into one commit, with
   the cursor, so that a run that is killed anywhere neither loses nor doubles a change.
3. With the last page, what was not seen any more is gone, if the org's own count agrees.
The first reading has nothing to compare with; what changed since the consent is told even so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pyarrow as pa

from orgwarden.catalog.sources import entity_changes, organization, setup_audit_trail, users
from orgwarden.core.ledger import Ledger
from orgwarden.core.problems import NotAllowed
from orgwarden.core.source import VERSION, Kind, Source
from orgwarden.core.spans import Span
from orgwarden.flows.directory import note_organization, people
from orgwarden.flows.fields import Fields
from orgwarden.flows.permissions import held_permissions, unmet
from orgwarden.flows.work import Work
from orgwarden.lake.attribution import attributed
from orgwarden.lake.layouts import Layout, load_all
from orgwarden.lake.versions import Compared, Versions
from orgwarden.lake.wire import json_rows
from orgwarden.salesforce import Page, Query, select
from orgwarden.salesforce.soql import count

BEGINNING = datetime(1999, 1, 1, tzinfo=UTC)  # no org is older
PAGES_A_COMMIT = 25
CHANGES = entity_changes.SOURCE
UNSURE = "Records were missing that the org still counts: none is called removed until it agrees."


def read_snapshot(work: Work, source: Source) -> str:
    """All rows of an object. Returns a remark for people."""
    fields = Fields(work, source)
    names, pages = fields.ask(partial(_all_of, source))
    remarks = [fields.remark]
    first = not work.ledger.of(source.id).complete.items
    versions = Versions(
        source,
        names,
        work.lake.files(source.id),
        load_all(work.lake.place).get(source.id, []),
        changes=CHANGES.field_names(),
        at=fields.asked_at,
        since=work.org.first_connected_at if first else None,
        place=work.lake.place,
    )
    try:
        layout = Layout(source.id, source.object, names)
        for bodies, whole in _gathered(pages):
            found = [versions.compare(json_rows(versions.connection, bodies, layout))]
            if whole and versions.missing():
                gone = _gone(work, source, versions)
                found += [gone] if gone else []
                remarks += [] if gone else [UNSURE]
            _land(work, source, versions, found, whole and UNSURE not in remarks)
    finally:
        versions.forget()
    if source.id == users.SOURCE.id:
        work.people = people(work)
    elif source.id == organization.SOURCE.id:
        note_organization(work)
    return " ".join(filter(None, remarks))


def first_question(work: Work, source: Source) -> Query | None:
    """What `read_snapshot` is going to ask first."""
    return _all_of(source, source.field_names())


def _all_of(source: Source, names: Sequence[str]) -> Query:
    return select(source.object, names).order_by("Id")


def _gone(work: Work, source: Source, versions: Versions) -> Compared | None:
    """What is not there any more; None while the org still counts it. Raises NotAllowed if our user
    may no longer see all: a permission lost since the collection began looks like removals."""
    work.permissions = held_permissions(work)
    if dark := unmet(work, source):
        raise NotAllowed(dark.what, fix=dark.fix, code="PERMISSION_MISSING")
    counted = work.client.count(count(source.object), lane=source.lane)
    return versions.removed() if counted == versions.seen() else None


def _gathered(pages: Iterable[Page]) -> Iterator[tuple[list[bytes], bool]]:
    """The bodies of some pages, and whether they end the reading."""
    bodies: list[bytes] = []
    for page in pages:
        bodies.append(page.body)
        if page.done or len(bodies) >= PAGES_A_COMMIT:
            yield bodies, page.done
            bodies = []


def _land(
    work: Work, source: Source, versions: Versions, found: Sequence[Compared], whole: bool
) -> None:
    """One commit of new versions and changes; and, if the whole is sure, that all is known."""
    at, lent = versions.at, versions.connection
    landings = [(source, work.landing(source, stored=(), connection=lent))]  # compared already
    changes = [
        _attributed(work, source, versions, p.changes) for p in found if p.changes is not None
    ]
    if changes:
        landings.append((CHANGES, work.landing(CHANGES, stored=(), connection=lent)))
    try:
        [(_, landing), *_] = landings
        for part in found:
            rows, layout = part.versions, versions.layout
            landing.land_rows(rows, layout, day=at.date(), key=("Id", VERSION), collected=True)
            landing.known_already(part.same)
        told = Layout(CHANGES.id, CHANGES.object, CHANGES.field_names())
        for rows in changes:
            key = CHANGES.key
            landings[-1][1].land_rows(rows, told, day=at.date(), key=key, collected=False)
    except BaseException:
        for _, landing in landings:
            landing.abandon()
        raise
    done = partial(as_of, source=source, now=at) if whole else lambda ledger: ledger
    work.commit(landings, done)


def _attributed(work: Work, source: Source, versions: Versions, changes: pa.Table) -> pa.Table:
    """The changes, with who made them where the audit trail of the time since the reading before
    names one."""
    at = versions.at
    since = (work.ledger.of(source.id).cursor or at) - source.overlap
    days = [since.date() + timedelta(days=n) for n in range((at - since).days + 2)]
    trail = [f.path for f in work.lake.files(setup_audit_trail.SOURCE.id, days)]
    return attributed(versions.connection, changes, source, trail, since=since, until=at)


def as_of(ledger: Ledger, source: Source, now: datetime) -> Ledger:
    """All of the source is known as of then."""
    was = ledger.of(source.id)
    # Limits keep no history: they are known from the first reading on, the rest from the start.
    start = was.backfill_from or (now if source.kind is Kind.LIMITS else BEGINNING)
    end = max(start, now - source.lag)
    complete = was.complete.add(Span(start, end))
    return ledger.with_source(source.id, replace(was, backfill_from=start, complete=complete))
