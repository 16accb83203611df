"""Reading one window of rows through Bulk API 2.0, when there are many.

Pages are fetched, parsed, shaped, written and made durable side by side; comparing and committing
them keeps their order. The last commit carries `done`, which says that the window is complete.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from orgwarden.core.problems import TryLater
from orgwarden.core.source import Source
from orgwarden.flows.fields import Fields
from orgwarden.flows.read_window import Change
from orgwarden.flows.work import Work
from orgwarden.lake import pages
from orgwarden.lake.landing import File, Landing
from orgwarden.lake.layouts import stored_name
from orgwarden.records.models import OurJob
from orgwarden.salesforce import select
from orgwarden.salesforce.bulk import BulkPage
from orgwarden.salesforce.soql import Condition

# A commit makes a file of every day it touches durable, which costs as much as landing some
# thousand rows.
BYTES_A_COMMIT = 64 << 20
KNOWN = 600_000  # identities of rows just landed, kept to compare the next ones with


def read_bulk(
    work: Work, source: Source, fields: Fields, conditions: Sequence[Condition], done: Change
) -> None:
    query = select(source.object, fields.names()).where(*conditions)
    result = work.client.bulk_query(query.order_by(source.time_field), lane=source.lane)
    OurJob.objects.create(org=work.org, job_id=result.job_id, made_at=work.now())
    today = work.now().date()
    commits = _Commits(work, source)
    size = 0
    try:
        file: File | None = None
        for page, batch in pages.shaped(
            _ahead(work, result.pages(work.spool)),
            lambda told: told.path,
            source.id,
            source.object,
            partial(commits.filling.shaper, day=today, key=source.key),
            time_fields=[stored_name(f.name) for f in source.fields if f.time],
        ):
            file = file or commits.filling.file(page.layout, today, source.key)
            if batch is not None:
                file.take(batch)
                continue
            size += page.told.path.stat().st_size
            _end_page(file, page)
            file = None
            if page.told.last:
                commits.end(done)
            elif size >= BYTES_A_COMMIT:
                size = 0
                commits.turn()
    except BaseException:
        commits.abandon()
        result.delete()
        raise


class _Commits:
    """The landings of one result, a commit each: the next is filled while one is closed."""

    def __init__(self, work: Work, source: Source) -> None:
        self._work, self._source = work, source
        self.filling = work.landing(source)
        self._full: Landing | None = None  # being closed on another thread
        self._tried: list[Landing] = []

    def turn(self) -> None:
        """What is filling is full: the one before it is committed, unless it knows too much."""
        if self.filling.known > KNOWN:
            self.end()
            self.filling = self._work.landing(self._source)
            return
        before, self._full = self._full, self.filling
        self.filling = self._full.successor()
        self._commit(before)

    def end(self, *change: Change) -> None:
        """Commit everything; the last commit carries the change."""
        before, self._full = self._full, None
        self._commit(before)
        self._commit(self.filling, *change)

    def abandon(self) -> None:
        """Give up what no commit was tried for: a failed one may have been heard."""
        for landing in (self.filling, self._full):
            if landing is not None and landing not in self._tried:
                landing.abandon()

    def _commit(self, landing: Landing | None, *change: Change) -> None:
        if landing is not None:
            self._tried.append(landing)
            self._work.commit([(self._source, landing)], *change)


def _end_page(file: File, page: pages.Page[BulkPage]) -> None:
    counts = file.done(page.bad)
    page.told.path.unlink(missing_ok=True)
    if counts.read != page.told.count:
        raise TryLater(
            f"A Bulk page held {counts.read:,} of {page.told.count:,} rows.",
            fix="It is read again.",
            code="INCOMPLETE_RESULT",
        )


def _ahead(work: Work, pages: Iterator[BulkPage]) -> Iterator[BulkPage]:
    """The pages, each fetched while the one before it is landed."""
    with work.means.threads(1, "bulk") as fetching:
        coming = fetching.submit(next, pages, None)
        while (page := coming.result()) is not None:
            coming = fetching.submit(next, pages, None)
            yield page
