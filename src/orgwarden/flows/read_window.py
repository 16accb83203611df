"""Reading one window of rows through REST pages.

Pages are landed and committed a few at a time; the window's last commit carries `done`, which says
that the window is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

from orgwarden.core.ledger import Ledger
from orgwarden.core.source import Kind, Source
from orgwarden.flows.fields import Fields
from orgwarden.flows.work import Work
from orgwarden.lake.layouts import Layout
from orgwarden.lake.shaping import own_session
from orgwarden.lake.wire import json_rows
from orgwarden.salesforce import Query, select
from orgwarden.salesforce.soql import Condition

PAGES_A_COMMIT = 25  # REST pages of up to 2,000 rows
Change = Callable[[Ledger], Ledger]


def read_pages(
    work: Work, source: Source, fields: Fields, conditions: Sequence[Condition], done: Change
) -> None:
    names, pages = fields.ask(partial(rows_of, source, conditions))
    layout = Layout(source.id, source.object, names)
    today = work.now().date()
    bodies: list[bytes] = []
    for page in pages:
        bodies.append(page.body)
        if page.done or len(bodies) >= PAGES_A_COMMIT:
            _land_pages(work, source, layout, bodies, today, done if page.done else None)
            bodies = []


def rows_of(source: Source, conditions: Sequence[Condition], names: Sequence[str]) -> Query:
    """What is asked for a window's rows. Big objects know one order only: by time, newest first."""
    asked = select(source.object, names).where(*conditions)
    if source.kind is Kind.EVENT_STORE:
        return asked.order_by(source.time_field, descending=True)
    return asked.order_by(source.time_field, "Id")


def _land_pages(
    work: Work,
    source: Source,
    layout: Layout,
    bodies: Sequence[bytes],
    today: date,
    done: Change | None,
) -> None:
    landing = work.landing(source, connection=own_session())
    try:
        rows = json_rows(landing.connection, bodies, layout)
        landing.land_rows(rows, layout, day=today, key=source.key, collected=False)
    except BaseException:
        landing.abandon()
        raise
    work.commit([(source, landing)], *([done] if done else []))
