"""Pages of one result, parsed and shaped ahead of the landing, across the edges of pages.

A page of Bulk is a few batches: landed page by page, one core would wait at each page's end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

import pyarrow as pa

from orgwarden.lake import lanes, wire
from orgwarden.lake.layouts import Layout
from orgwarden.lake.shaping import Shaped, Shaper

P = TypeVar("P")
BATCH = 12 << 20  # a page of 50,000 narrow rows in few batches: each is compared once


@dataclass
class Page(Generic[P]):
    """A page on its way. `bad` are the raw rows that cannot be placed, known at the page's end."""

    told: P
    layout: Layout
    bad: list[str] = field(default_factory=list)


def shaped(
    pages: Iterable[P],
    path_of: Callable[[P], Path],
    source: str,
    title: str,
    shaper: Callable[[Layout], Shaper],
    *,
    time_fields: Sequence[str] = (),
) -> Iterator[tuple[Page[P], Shaped | None]]:
    """The batches of all pages in order, after the last of each page one None.

    A page's file is read until its None; then it is the caller's to delete. Raises what
    `wire.csv_batches` raises.
    """
    shapers: dict[Layout, Shaper] = {}

    def parsed() -> Iterator[tuple[Page[P], pa.Table | None]]:
        for told in pages:
            header, rest = wire.read_header(path_of(told))
            page = Page(told, Layout(source, title, header))
            if header and rest:
                if page.layout not in shapers:
                    shapers[page.layout] = shaper(page.layout)
                for batch in wire.csv_batches(
                    path_of(told),
                    page.layout,
                    page.bad.append,
                    size=BATCH,
                    time_fields=time_fields,
                ):
                    yield page, batch
            yield page, None

    def shape(item: tuple[Page[P], pa.Table | None]) -> tuple[Page[P], Shaped | None]:
        page, batch = item
        return page, None if batch is None else shapers[page.layout].shape(batch)

    return lanes.in_order(shape, parsed())
