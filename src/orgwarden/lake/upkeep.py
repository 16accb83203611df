"""Upkeep of one org's table: make few files of many, remove what no commit names."""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orgwarden.lake.seals import seal
from orgwarden.lake.table import LakeFile, OrgLake, Part, sync_folder

ORPHAN_AGE = timedelta(hours=24)


def compact(
    lake: OrgLake, epoch: int, *, today: date, least: int = 2, most: int | None = None
) -> tuple[int, int]:
    """Make one file of each closed day and source that has `least` or more, of at most `most` of
    them. One commit each, with `data_change` false, so that followers of the table see nothing
    new; readers keep the files of their snapshot until `sweep`. Returns files before and after.
    Rows keep their identity, arrival number and own columns."""
    before = lake.files()
    slots: dict[tuple[str, date], list[LakeFile]] = {}
    for file in before:
        if file.date < today:
            slots.setdefault((file.source, file.date), []).append(file)
    due = [slot for slot in sorted(slots) if len(slots[slot]) >= least]
    for source, day in due[:most]:
        files = slots[source, day]
        part = _merged(lake.folder, source, day, files)
        for file in files:
            os.utime(file.path)  # `sweep` spares them for as long as somebody may read them
        lake.commit([part], lake.ledger(), epoch, removed=files, data_change=False)
    return len(before), len(lake.files())


def _merged(folder: Path, source: str, day: date, files: Sequence[LakeFile]) -> Part:
    """One Parquet file with the rows of several, oldest arrival first, column order of the first
    file, later columns behind."""
    schema = pa.unify_schemas([pq.read_schema(f.path) for f in files])
    relative = f"source={source}/date={day.isoformat()}/{uuid.uuid4().hex}.parquet"
    target = folder / relative
    low: list[datetime] = []
    high: list[datetime] = []
    rows = 0
    with pq.ParquetWriter(target, schema, compression="zstd", compression_level=3) as writer:
        for file in sorted(files, key=lambda f: f.path):
            for batch in pq.ParquetFile(file.path).iter_batches(batch_size=64 * 1024):
                table = pa.Table.from_batches([batch])
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
    target = seal(target)
    sync_folder(target.parent)
    size, relative = target.stat().st_size, str(target.relative_to(folder))
    return Part(relative, source, day, size, rows, min(low, default=None), max(high, default=None))


def sweep(lake: OrgLake, *, age: timedelta = ORPHAN_AGE) -> int:
    """Remove files that no commit names and nobody can still be writing. Returns how many."""
    named = {f.path for f in lake.files()}
    limit = (datetime.now(UTC) - age).timestamp()
    removed = 0
    for path in lake.folder.glob("source=*/date=*/*.parquet"):
        if str(path) not in named and path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
