"""Parts: the Parquet files of one commit to be, gathered, written and made durable.

Rows are gathered into groups; groups are encoded and written on a thread of their own, so that
whoever parses and compares goes on meanwhile. Few groups wait at a time, so memory stays small.
"""

from __future__ import annotations

import os
import uuid
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orgwarden.lake.place import Place, at_place
from orgwarden.lake.table import Part

GROUP_BYTES = 8 << 20  # of rows gathered before they become a row group
# Of all open parts together: a page of Bulk touches many days. Those that have waited longest are
# written first: pages come ordered by time, and an earlier day keeps the whole page in memory.
GATHERED = 20 << 20
GROUP_ROWS = 128 * 1024
# Row groups of a part. The writer keeps what it knows of each until the end: of 640 groups of
# 64 columns 36 MB, and as much again while it closes.
MOST_GROUPS = 96
WAITING = 2  # groups handed to the writing thread and not written yet
SYNCS = 4  # files made durable side by side: the disk serves several at little more than one
# A column is stored as a dictionary where that is smaller and quicker, which is told by the first
# rows of a layout: at most every fourth value of them is new.
SAMPLE = 2_000
REPEATS = 4
# Thousands of people and addresses look new in so few rows and are not: with a dictionary they are
# written in 0.94 of the time, and a page that counts them takes half as long.
COUNTED = ("actor", "actor_id", "ip", "country", "app", "outcome")


@cache
def _writing(process: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "parquet")


@cache
def _syncing(process: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(SYNCS, "fsync")


@cache
def _closing(process: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "closing")


@dataclass
class _Open:
    """A part being written. What the writing thread does to it happens in order."""

    writer: pq.ParquetWriter | None  # None once closed: it would keep the file's footer
    path: str
    source: str
    day: date
    gathered: list[pa.Table] = field(default_factory=list)
    bytes: int = 0
    pending: int = 0
    rows: int = 0
    groups: int = 0
    times: list[tuple[datetime, datetime]] = field(default_factory=list)

    def take(self) -> pa.Table:
        group = pa.concat_tables(self.gathered)
        self.gathered, self.bytes, self.pending = [], 0, 0
        return group

    def write(self, group: pa.Table) -> None:
        least = pc.min_max(group.column("time")).as_py()
        if least["min"] is not None:
            self.times.append((least["min"], least["max"]))
        assert self.writer is not None
        self.writer.write_table(group.cast(self.writer.schema), row_group_size=group.num_rows)

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
            self.writer = None


class Parts:
    """The parts of one landing. Belongs to one thread; `place` is the table's."""

    def __init__(self, place: Place | Path, *, most_groups: int = MOST_GROUPS) -> None:
        self._place, self._most_groups = at_place(place), most_groups
        self._full: list[_Open] = []
        self._open: dict[tuple[date, str], _Open] = {}
        self._closed: list[Part] = []
        self._writes: deque[Future[None]] = deque()
        self._repeating: dict[str, list[str]] = {}

    def add(self, day: date, source: str, layout: str, rows: pa.Table) -> bool:
        """Rows of one day and layout. True when they are the first of their part. Raises what the
        writing of earlier rows raised."""
        slot = (day, f"{source}/{layout}")
        part = self._open.pop(slot, None)
        if part is not None and part.groups >= self._most_groups:
            self._close(part)  # it has just been flushed
            self._full.append(part)
            part = None
        first = part is None
        if part is None:
            part = self._begin(day, source, layout, rows)
        self._open[slot] = part  # behind those that have waited longer
        part.gathered.append(rows)
        part.pending += rows.num_rows
        part.bytes += rows.nbytes
        part.rows += rows.num_rows
        if part.bytes >= GROUP_BYTES or part.pending >= GROUP_ROWS:
            self._flush(part)
        waiting = iter(self._open.values())
        while sum(p.bytes for p in self._open.values()) > GATHERED:
            self._flush(next(waiting))
        return first

    def close(self) -> list[Part]:
        """Write what is left, close every file and make it durable."""
        for part in self._open.values():
            self._flush(part)
            self._close(part)
        self._written(0)
        parts = [*self._full, *self._open.values()]
        list(_syncing(os.getpid()).map(self._seal, parts))
        self._closed = [self._part(part) for part in parts]
        self._full, self._open = [], {}
        self._place.settle([p.path for p in self._closed])
        return self._closed

    def close_ahead(self) -> Future[list[Part]]:
        """`close` on another thread. Nothing but `abandon` may follow, once it has ended."""
        return _closing(os.getpid()).submit(self.close)

    def abandon(self) -> None:
        """Remove every file, closed ones included."""
        for write in self._writes:
            write.cancel()
            if not write.cancelled():
                write.exception()  # waited for; what it says does not matter any more
        self._writes.clear()
        for part in [*self._full, *self._open.values()]:
            try:
                part.close()
            except OSError:
                pass  # a full disk has no room for the footer of a file that goes anyway
            self._place.remove(part.path)
        for done in self._closed:
            self._place.remove(done.path)
        self._full, self._open, self._closed = [], {}, []

    def _begin(self, day: date, source: str, layout: str, rows: pa.Table) -> _Open:
        kind = f"{source}/{layout}"
        if kind not in self._repeating:
            self._repeating[kind] = _repeating(rows)
        relative = f"source={source}/date={day.isoformat()}/{uuid.uuid4().hex}.parquet"
        writer = pq.ParquetWriter(
            self._place.draft(relative),
            _plain(rows.schema),
            compression="zstd",
            compression_level=1,
            use_dictionary=self._repeating[kind],
            write_statistics=["time", "event_uid"],
        )
        return _Open(writer, relative, source, day)

    def _flush(self, part: _Open) -> None:
        if part.gathered:
            self._written(WAITING - 1)
            self._writes.append(_writing(os.getpid()).submit(part.write, part.take()))
            part.groups += 1

    def _close(self, part: _Open) -> None:
        self._writes.append(_writing(os.getpid()).submit(part.close))

    def _written(self, most: int) -> None:
        """Wait until at most so many groups wait."""
        while len(self._writes) > most:
            self._writes.popleft().result()

    def _seal(self, part: _Open) -> None:
        part.path = self._place.seal(part.path)

    def _part(self, part: _Open) -> Part:
        return Part(
            part.path,
            part.source,
            part.day,
            self._place.size(part.path),
            part.rows,
            min((a for a, _ in part.times), default=None),
            max((b for _, b in part.times), default=None),
        )


def _plain(schema: pa.Schema) -> pa.Schema:
    """Dictionary columns are written as plain text columns; Parquet encodes them itself."""
    return pa.schema(
        [
            pa.field(f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type)
            for f in schema
        ]
    )


def _repeating(rows: pa.Table) -> list[str]:
    sample = rows.slice(0, SAMPLE)
    most = max(1, sample.num_rows // REPEATS)
    return [
        name
        for name in rows.column_names
        if name in COUNTED
        or pa.types.is_dictionary(rows.schema.field(name).type)
        or pc.count_distinct(sample.column(name), mode="all").as_py() <= most
    ]
