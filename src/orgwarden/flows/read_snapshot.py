"""Reading things whole: users, the organization, settings. What changed becomes an event.

1. Read it the way its source declares (`core.whole`).
2. Compare with the last versions in the lake: new versions and changes go into one commit, with
   the cursor, so that a run that is killed anywhere neither loses nor doubles a change. Few rows
   wait for the commit of others (`waiting`).
3. With the last page, what was not seen any more is gone, if that is sure.
The first reading has nothing to compare with; what changed since the consent is told even so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import pyarrow as pa

from orgwarden.catalog.sources import entity_changes, organization, setup_audit_trail, users
from orgwarden.core.problems import NotAllowed
from orgwarden.core.source import VERSION, Source
from orgwarden.flows.directory import note_organization, people
from orgwarden.flows.permissions import held_permissions, unmet
from orgwarden.flows.waiting import Landed, may_wait
from orgwarden.flows.whole.begin import begin
from orgwarden.flows.whole.known import as_of, in_between
from orgwarden.flows.whole.reading import Reading
from orgwarden.flows.whole.unchanged import digested
from orgwarden.flows.work import Work
from orgwarden.lake.attribution import attributed
from orgwarden.lake.layouts import Layout, load_all
from orgwarden.lake.own_columns import with_own
from orgwarden.lake.versions import Compared, Versions
from orgwarden.lake.wire import json_rows

SECOND = timedelta(seconds=1)  # the org tells its clock in whole ones
CHANGES = entity_changes.SOURCE
LOOKED_UP = (users.SOURCE.id, organization.SOURCE.id)  # by what is read after them
UNSURE = "Records were missing that the org still counts: none is called removed until it agrees."


def read_snapshot(work: Work, source: Source) -> str:
    """All rows of an object. Returns a remark for people."""
    reading = begin(work, source)
    read = digested(reading)
    if read.digest and read.digest == work.ledger.of(source.id).digest:
        known = partial(
            as_of, source=source, now=reading.at, digest=read.digest, proved=reading.proved
        )
        work.later(source, known, known=read.records)
        return reading.remark()
    first = not work.ledger.of(source.id).complete.items
    versions = Versions(
        source,
        (*reading.names, *source.own),
        work.lake.files(source.id),
        load_all(work.lake.place).get(source.id, []),
        changes=CHANGES.field_names(),
        at=reading.at,
        since=work.org.first_connected_at if first else None,
        place=work.lake.place,
    )
    unsure = False
    try:
        layout = Layout(source.id, source.object, reading.names)
        for bodies, last in read.parts:
            rows = json_rows(versions.connection, bodies, layout)
            found = [versions.compare(with_own(versions.connection, rows, source, reading.at))]
            if last and reading.whole and versions.missing():
                unsure = not _surely_gone(work, source, versions, reading)
                found += [] if unsure else [versions.removed()]
            known = partial(in_between, source=source)
            if last and not unsure:
                known = partial(
                    as_of,
                    source=source,
                    now=reading.at,
                    whole=reading.whole,
                    digest=read.digest,
                    proved=reading.proved,
                )
            landed = _land(work, source, versions, found)
            if read.digest and source.id not in LOOKED_UP and may_wait(source, landed):
                work.later(source, known, landed=landed)
            else:
                work.commit(landed, known)
    finally:
        versions.forget()
    if source.id == users.SOURCE.id:
        work.people = people(work)
    elif source.id == organization.SOURCE.id:
        note_organization(work)
    return " ".join(filter(None, [reading.remark(), UNSURE if unsure else ""]))


def _surely_gone(work: Work, source: Source, versions: Versions, reading: Reading) -> bool:
    """Whether what was not seen is gone. Raises NotAllowed if our user may no longer see all: a
    permission lost since the collection began looks like removals."""
    work.permissions = held_permissions(work, [source])
    if dark := unmet(work, source):
        raise NotAllowed(dark.what, fix=dark.fix, code="PERMISSION_MISSING")
    if reading.gone is not None:
        return reading.gone(versions.unseen())
    return reading.sure(versions.seen())


def _land(
    work: Work,
    source: Source,
    versions: Versions,
    found: Sequence[Compared],
) -> Landed:
    """New versions and changes, for one commit."""
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
    return landings


def _attributed(work: Work, source: Source, versions: Versions, changes: pa.Table) -> pa.Table:
    """The changes, with who made them where the audit trail of the time since the reading before
    names one."""
    at = versions.at
    since = (work.ledger.of(source.id).cursor or at) - source.overlap
    days = [since.date() + timedelta(days=n) for n in range((at - since).days + 2)]
    trail = [f.path for f in work.lake.files(setup_audit_trail.SOURCE.id, days)]
    until = at + SECOND
    return attributed(versions.connection, changes, source, trail, since=since, until=until)
