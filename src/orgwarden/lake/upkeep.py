"""Upkeep of one org's table: make few files of many, remove what no commit names."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orgwarden.lake.place import SPILL, Place
from orgwarden.lake.table import LakeFile, OrgLake, Part

ORPHAN_AGE = timedelta(hours=24)
PAUSE = timedelta(hours=1)
_swept: dict[Place, float] = {}  # when, by the monotonic clock
_SWEPT = re.compile(rf"/source=[^/]+/date=[^/]+/[^/]+\.parquet$|/{SPILL}/[^/]+$")


def compact(
    lake: OrgLake,
    epoch: int,
    *,
    today: date,
    least: int = 2,
    most: int | None = None,
    below: int | None = None,
) -> tuple[int, int]:
    """Make one file of each closed day and source that has `least` or more, of at most `most` of
    them. Files of `below` bytes or more are passed over. One commit each, with
    `data_change` false, so that followers of the table see nothing new; readers keep the files of
    their snapshot until `sweep`. Returns files before and after. Rows keep their identity, arrival
    number and own columns."""
    before = lake.files()
    slots: dict[tuple[str, date], list[LakeFile]] = {}
    for file in before:
        if file.date < today and (below is None or file.size < below):
            slots.setdefault((file.source, file.date), []).append(file)
    due = [slot for slot in sorted(slots) if len(slots[slot]) >= least]
    for source, day in due[:most]:
        files = slots[source, day]
        part = merged(lake.place, source, day, files)
        lake.place.spare([lake.place.relative(f.path) for f in files])
        lake.commit([part], lake.ledger(), epoch, removed=files, data_change=False)
    return len(before), len(lake.files())


def merged(
    place: Place,
    source: str,
    day: date,
    files: Sequence[LakeFile],
    keep: Callable[[pa.Table], pa.Table] = lambda rows: rows,
) -> Part:
    """One Parquet file with the rows of several, oldest arrival first, column order of the first
    file, later columns behind. `keep` is given some rows at a time and says which of them stay."""
    inside = [place.relative(f.path) for f in sorted(files, key=lambda f: f.path)]
    schema = pa.unify_schemas([pq.read_schema(place.open(f)) for f in inside])
    relative = f"source={source}/date={day.isoformat()}/{uuid.uuid4().hex}.parquet"
    target = place.draft(relative)
    low: list[datetime] = []
    high: list[datetime] = []
    rows = 0
    with pq.ParquetWriter(target, schema, compression="zstd", compression_level=3) as writer:
        for file in inside:
            for batch in pq.ParquetFile(place.open(file)).iter_batches(batch_size=64 * 1024):
                table = keep(pa.Table.from_batches([batch]))
                for field in schema:
                    if field.name not in table.column_names:
                        nulls = pa.nulls(table.num_rows, field.type)
                        table = table.append_column(field, nulls)
                table = table.select(schema.names).cast(schema)
                writer.write_table(table)
                rows += table.num_rows
                ends = pc.min_max(table.column("time")).as_py()
                if ends["min"] is not None:
                    low.append(ends["min"])
                    high.append(ends["max"])
    relative = place.seal(relative)
    place.settle([relative])
    size = place.size(relative)
    return Part(relative, source, day, size, rows, min(low, default=None), max(high, default=None))


def sweep_if_due(lake: OrgLake) -> bool:
    """`sweep`; where listing files is paid for, once an hour in a process. Whether it was due."""
    if lake.place.is_remote:
        if time.monotonic() < _swept.get(lake.place, 0.0) + PAUSE.total_seconds():
            return False
        _swept[lake.place] = time.monotonic()
    sweep(lake)
    return True


def sweep(lake: OrgLake, *, age: timedelta = ORPHAN_AGE, now: datetime | None = None) -> int:
    """Remove files that no commit names and nobody can still be writing, what a killed process
    spilled among them. Returns how many."""
    named = {f.path for f in lake.files()}
    limit = ((now or datetime.now(UTC)) - age).timestamp()
    named |= {lake.place.path(name) for name in lake.place.spared(limit)}
    removed = 0
    for file in lake.place.files():
        if _SWEPT.search(file.path) and file.path not in named and file.modified < limit:
            lake.place.remove(lake.place.relative(file.path))
            removed += 1
    return removed
