"""A lake of millions of events, built through the lake's own commit API.

One day of log files is collected as ever; its rows, with Salesforce's columns and ours, are then
landed again for every other day, their time moved and each with an identity of its own. One commit
a day, every file hashed and durable, counted in the ledger, as a day looks once it is closed; what
pages count of a closed day is counted too, as a worker's upkeep does.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.logs import FIRST_DAY, hexadecimal, write_logs
from benchmarks.measure import NotRun
from benchmarks.orgs import org_of_logs
from orgwarden.lake import counted
from orgwarden.lake.parts import Parts
from orgwarden.lake.table import OrgLake, advanced
from tests.support.command import Installation

ADMIN = {"ORGWARDEN_ADMIN_USER": "admin", "ORGWARDEN_ADMIN_PASSWORD": "correct horse battery"}
BYTES_A_ROW = 150  # of disk, a third more than a row takes: what must be free before one begins


@dataclass(frozen=True)
class Built:
    """`home` holds the lake. `rows` in all, `size` in bytes on disk."""

    home: Path
    rows: int
    days: int
    size: int


def build(home: Path, *, rows: int, days: int, **variables: str) -> tuple[Installation, Built]:
    """An installation with `rows` events in `days` days. Raises NotRun when the disk is too small.

    Built where it is not yet; `variables` are the environment of the installation.
    """
    made = Installation(home, **ADMIN, **variables)
    table = home / "lake"
    if not table.is_dir():
        if shutil.disk_usage(home.parent).free < rows * BYTES_A_ROW:
            raise NotRun(f"{rows:,} rows need {rows * BYTES_A_ROW / 1e9:.0f} GB free on disk")
        _first_day(home, rows // days, variables)
        [org] = [p for p in table.iterdir() if (p / "_delta_log").is_dir()]
        _other_days(org, days)
    files = list(table.rglob("*.parquet"))
    held = sum(pq.read_metadata(f).num_rows for f in files)
    return made, Built(home, held, days, sum(f.stat().st_size for f in files))


def _first_day(home: Path, rows: int, variables: dict[str, str]) -> None:
    folder = home.with_name(f"{home.name}-files")
    folder.mkdir()
    try:
        write_logs(folder, rows=rows, days=1)
        with org_of_logs(folder) as org:
            first = Installation(home, org, **ADMIN, **variables)
            first.init()
            first.connect("bench", org)
            first.run("collect", "bench", "--source", "event_log_file", exits=0, timeout=1800)
    finally:
        shutil.rmtree(folder)


def _other_days(org: Path, days: int) -> None:
    lake = OrgLake.open(org)
    epoch, rng = lake.epoch, np.random.default_rng(1)
    day = FIRST_DAY.date()
    held: dict[str, list[pa.Table]] = {}
    for file in lake.files(dates=[day]):
        held.setdefault(file.source, []).append(pq.read_table(file.path, partitioning=None))
    for later in range(1, days):
        parts, ledger = Parts(lake.place), advanced(lake.ledger())
        for source, tables in held.items():
            for table in tables:
                moved = _moved(table, later, ledger.seq, rng)
                layout = moved.column("layout")[0].as_py()
                for batch in moved.to_batches(max_chunksize=16_384):
                    rows = pa.Table.from_batches([batch])
                    parts.add(day + timedelta(days=later), source, layout, rows)
            count = sum(t.num_rows for t in tables)
            ledger = ledger.counted(source, stored=count, duplicate=0, quarantined=0)
        lake.commit(parts.close(), ledger, epoch)
    counted.keep(lake, today=datetime.now(UTC).date(), rows=None)


def _moved(table: pa.Table, days: int, seq: int, rng: np.random.Generator) -> pa.Table:
    new = {
        "time": pc.add(table.column("time"), pa.scalar(timedelta(days=days), pa.duration("us"))),
        "event_uid": hexadecimal(rng, table.num_rows, 16),
        "arrived_seq": pa.array(np.full(table.num_rows, seq)),
    }
    for name, column in new.items():
        table = table.set_column(table.column_names.index(name), name, column)
    return table
