"""Removing what is older than it is to be kept: whole days, one commit each, counted in the ledger.

Of records that are read whole the newest version of each stays, however old it is: it is the state
that the next reading is compared with. Readers keep the files of their snapshot until `sweep`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import duckdb
import pyarrow as pa

from orgwarden.core.ledger import Ledger
from orgwarden.core.retention import expired
from orgwarden.lake.shaping import may_spill, session
from orgwarden.lake.table import LakeFile, OrgLake, Part
from orgwarden.lake.upkeep import merged
from orgwarden.lake.versions import ID

Day = dict[str, list[LakeFile]]  # the files of one day by source


@dataclass
class Removed:
    """What was removed: rows by source, and days."""

    rows: dict[str, int] = field(default_factory=dict)
    days: set[date] = field(default_factory=set)


def remove(
    lake: OrgLake,
    epoch: int,
    first: Mapping[str, date],
    *,
    versioned: Collection[str],
    change: Callable[[Ledger], Ledger],
    check: Callable[[], None] = lambda: None,
) -> Removed:
    """Remove what lies before the first day that is kept, by source. `versioned` are the sources
    of which the newest versions stay. `change` is applied to each commit's ledger, `check` called
    before each. Raises LostLease; what was committed by then stays removed."""
    done = Removed()
    days: dict[date, Day] = {}
    for file in lake.files():
        if file.source in first and file.date < first[file.source]:
            days.setdefault(file.date, {}).setdefault(file.source, []).append(file)
    with session() as connection:
        lake.place.lend(connection)
        may_spill(connection, lake.place)
        newest = _Newest(connection, lake)
        for day in sorted(days):
            check()
            _remove_day(lake, epoch, day, days[day], newest, versioned, change, done)
    return done


def _remove_day(
    lake: OrgLake,
    epoch: int,
    day: date,
    files: Day,
    newest: _Newest,
    versioned: Collection[str],
    change: Callable[[Ledger], Ledger],
    done: Removed,
) -> None:
    parts: list[Part] = []
    out: list[LakeFile] = []
    ledger = lake.ledger()
    for source, found in sorted(files.items()):
        gone = sum(f.rows for f in found)
        if source in versioned:
            stay = newest.of(source, found)
            if stay == gone:
                continue  # every row is the newest version of its record
            gone -= stay
            if stay:
                parts.append(merged(lake.place, source, day, found, newest.only))
        out += found
        ledger = expired(ledger, source, gone)
        done.rows[source] = done.rows.get(source, 0) + gone
    if out:
        lake.place.spare([lake.place.relative(f.path) for f in out])
        lake.commit(parts, change(ledger), epoch, removed=out)
        done.days.add(day)


class _Newest:
    """The newest version of each record of a source, asked for one source after another."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, lake: OrgLake) -> None:
        self._connection, self._lake, self._source = connection, lake, ""

    def of(self, source: str, files: Sequence[LakeFile]) -> int:
        """How many rows of these files are the newest version of their record."""
        if source != self._source:
            every = [f.path for f in self._lake.files(source)]
            self._connection.execute(
                f"CREATE OR REPLACE TEMP TABLE newest AS SELECT {ID}, max(arrived_seq) AS"
                " arrived_seq FROM read_parquet(?, union_by_name = true) GROUP BY ALL",
                [every],
            )
            self._source = source
        [[count]] = self._connection.execute(
            "SELECT count(*) FROM read_parquet(?, union_by_name = true)"
            f" SEMI JOIN newest USING ({ID}, arrived_seq)",
            [[f.path for f in files]],
        ).fetchall()
        return int(count)

    def only(self, rows: pa.Table) -> pa.Table:
        """Those of the rows that are the newest version of their record."""
        self._connection.register("batch", rows)
        kept = self._connection.sql(
            f"SELECT * FROM batch SEMI JOIN newest USING ({ID}, arrived_seq)"
        ).to_arrow_table()
        self._connection.unregister("batch")
        return kept.select(rows.column_names).cast(rows.schema)
