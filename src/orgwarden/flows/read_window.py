"""Reading one window of rows: through REST pages, or through Bulk when there are many.

Pages are landed and committed a few at a time; the window's last commit carries `done`, which says
that the window is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date

from orgwarden.core.ledger import Ledger
from orgwarden.core.problems import TryLater
from orgwarden.core.source import Source
from orgwarden.flows.fields import Fields
from orgwarden.flows.work import Work
from orgwarden.lake.landing import Landing
from orgwarden.lake.layouts import Layout, stored_name
from orgwarden.lake.wire import json_rows
from orgwarden.salesforce import Query, select
from orgwarden.salesforce.bulk import BulkPage
from orgwarden.salesforce.soql import Condition

BULK_BLOCK = 12 << 20  # a page of 50,000 narrow rows in few batches: each is compared once
PAGES_A_COMMIT = 25  # REST pages of up to 2,000 rows
# Of Bulk's pages: a commit makes a file of every day it touches durable, which costs as much as
# landing some thousand rows.
BYTES_A_COMMIT = 64 << 20
Change = Callable[[Ledger], Ledger]


def read_pages(
    work: Work, source: Source, fields: Fields, conditions: Sequence[Condition], done: Change
) -> None:
    def query(names: tuple[str, ...]) -> Query:
        asked = select(source.object, names).where(*conditions)
        return asked.order_by(source.time_field, "Id")

    names, pages = fields.ask(query)
    layout = Layout(source.id, source.object, names)
    today = work.now().date()
    bodies: list[bytes] = []
    for page in pages:
        bodies.append(page.body)
        if page.done or len(bodies) >= PAGES_A_COMMIT:
            _land_pages(work, source, layout, bodies, today, done if page.done else None)
            bodies = []


def _land_pages(
    work: Work,
    source: Source,
    layout: Layout,
    bodies: Sequence[bytes],
    today: date,
    done: Change | None,
) -> None:
    landing = work.landing(source)
    try:
        rows = json_rows(landing.connection, bodies, layout)
        landing.land_rows(rows, layout, day=today, key=source.key, collected=False)
    except BaseException:
        landing.abandon()
        raise
    work.commit([(source, landing)], *([done] if done else []))


def read_bulk(
    work: Work, source: Source, fields: Fields, conditions: Sequence[Condition], done: Change
) -> None:
    query = select(source.object, fields.names()).where(*conditions)
    result = work.client.bulk_query(query.order_by(source.time_field), lane=source.lane)
    landing: Landing | None = None
    size = 0
    try:
        for page in _ahead(result.pages(work.spool)):
            landing = landing or work.landing(source, block=BULK_BLOCK)
            size += page.path.stat().st_size
            _land_page(work, source, landing, page)
            if page.last or size >= BYTES_A_COMMIT:
                # Not ours to abandon any more: a failed commit may have been heard.
                whole, landing, size = landing, None, 0
                work.commit([(source, whole)], *([done] if page.last else []))
    except BaseException:
        if landing is not None:
            landing.abandon()
        result.delete()
        raise


def _land_page(work: Work, source: Source, landing: Landing, page: BulkPage) -> None:
    times = [stored_name(f.name) for f in source.fields if f.time]
    try:
        counts = landing.land_csv(
            page.path,
            source.object,
            day=work.now().date(),
            key=source.key,
            time_fields=times,
        )
        if counts.read != page.count:
            raise TryLater(
                f"A Bulk page held {counts.read:,} of {page.count:,} rows.",
                fix="It is read again.",
                code="INCOMPLETE_RESULT",
            )
    finally:
        page.path.unlink(missing_ok=True)


def _ahead(pages: Iterator[BulkPage]) -> Iterator[BulkPage]:
    """The pages, each fetched while the one before it is landed."""
    with ThreadPoolExecutor(1, "bulk") as fetching:
        coming = fetching.submit(next, pages, None)
        while (page := coming.result()) is not None:
            coming = fetching.submit(next, pages, None)
            yield page
