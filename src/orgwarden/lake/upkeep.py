"""Upkeep of one org's table: prove it, make few files of many, remove what no commit names."""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orgwarden.core.ledger import Ledger
from orgwarden.lake.layouts import load_all
from orgwarden.lake.shaping import session
from orgwarden.lake.table import LakeFile, OrgLake, Part, sync_file, sync_folder

ORPHAN_AGE = timedelta(hours=24)


@dataclass(frozen=True)
class Proof:
    """What `verify` found. `wrong` are sentences; none means every proof held."""

    files: int
    rows: int
    version: int
    epoch: int
    wrong: tuple[str, ...]


def verify(lake: OrgLake) -> Proof:
    """Every file is there, as long and as full as the log says; no event is stored twice; the
    ledger's counts are the table's; every row's layout is known."""
    wrong: list[str] = []
    files = lake.files()
    for file in files:
        path = Path(file.path)
        if not path.exists():
            wrong.append(f"{path.name} of {file.source} is missing.")
        elif path.stat().st_size != file.size:
            wrong.append(f"{path.name} of {file.source} is not as long as the log says.")
        elif (rows := pq.read_metadata(path).num_rows) != file.rows:
            wrong.append(f"{path.name} of {file.source} has {rows:,} rows, not {file.rows:,}.")
    ledger = lake.ledger()
    if not wrong:
        wrong += _repeated(files)
        wrong += _miscounted(files, ledger)
        layouts = {layout.id for found in load_all(lake.folder).values() for layout in found}
        wrong += _unknown_layouts(files, layouts)
    total = sum(f.rows for f in files)
    return Proof(len(files), total, lake.version, lake.epoch, tuple(wrong))


def _repeated(files: Sequence[LakeFile]) -> list[str]:
    found = []
    with session(memory="1GB", threads=2) as connection:
        for source in sorted({f.source for f in files}):
            paths = [f.path for f in files if f.source == source]
            rows = connection.execute(
                "SELECT count(*) - count(DISTINCT event_uid) FROM read_parquet(?)", [paths]
            ).fetchall()
            if rows[0][0]:
                found.append(f"{rows[0][0]:,} events of {source} are stored twice.")
    return found


def _miscounted(files: Sequence[LakeFile], ledger: Ledger) -> list[str]:
    stored: dict[str, int] = {}
    for file in files:
        stored[file.source] = stored.get(file.source, 0) + file.rows
    return [
        f"The ledger counts {s.stored:,} rows of {name}, the table holds {stored.get(name, 0):,}."
        for name, s in ledger.sources.items()
        if s.stored != stored.get(name, 0)
    ]


def _unknown_layouts(files: Sequence[LakeFile], known: set[str]) -> list[str]:
    if not files:
        return []
    with session(memory="1GB", threads=2) as connection:
        rows = connection.execute(
            "SELECT DISTINCT layout FROM read_parquet(?)", [[f.path for f in files]]
        ).fetchall()
    return [f"The layout {row[0]} is not known." for row in rows if row[0] not in known]


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
    sync_file(target)
    sync_folder(target.parent)
    size = target.stat().st_size
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
