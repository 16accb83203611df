"""Landing: rows into Parquet parts, each event once.

What an event is (architecture, "Identity of an event"): a row with an id is its id. A row of a log
file is the whole row and k, its ordinal among equal rows of one file. The stored multiplicity of a
row is thus the largest any single file showed, so a re-sent, later or overlapping file adds only
what is missing.
Parts are invisible until a commit names them; a landing that is given up leaves only files that
no commit names, which `upkeep.sweep` removes.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orgwarden.core.source import Source
from orgwarden.lake import lanes, wire
from orgwarden.lake.layouts import Layout
from orgwarden.lake.ordinals import Ordinals
from orgwarden.lake.quarantine import Quarantine
from orgwarden.lake.shaping import People, Shaped, Shaper, session
from orgwarden.lake.table import LakeFile, Part, sync_file, sync_folder

# Columns with few values. The others are smaller and quicker as plain zstd pages (measured).
REPEATED = ("org", "layout", "from_file", "actor", "actor_id", "action", "outcome", "object")
GROUP_BYTES = 12 << 20  # of rows gathered before they become a row group
GATHERED = 24 << 20  # of all open parts together: a page of Bulk may touch many days
GROUP_ROWS = 128 * 1024


@dataclass
class Counts:
    """Read = stored + duplicate + quarantined, always."""

    read: int = 0
    stored: int = 0
    duplicate: int = 0
    quarantined: int = 0

    def __iadd__(self, other: Counts) -> Counts:
        self.read += other.read
        self.stored += other.stored
        self.duplicate += other.duplicate
        self.quarantined += other.quarantined
        return self


@dataclass
class _Open:
    """A part being written."""

    writer: pq.ParquetWriter
    path: str
    source: str
    day: date
    gathered: list[pa.Table] = field(default_factory=list)
    bytes: int = 0
    pending: int = 0
    rows: int = 0
    times: list[tuple[datetime, datetime]] = field(default_factory=list)


class Landing:
    """Lands rows of one source into one org's table, for one commit. Belongs to one thread.

    `everywhere` compares with all that is stored of the source instead of with the days the rows
    belong to: for rows that are kept under the day they were collected.
    `connection` is lent by a thread that lands many; without it the landing has one of its own.
    `seq` is the arrival number of the commit to be. `finish` closes the parts; `abandon` forgets
    them. Several files may be landed before `finish`: they are compared with one another too.
    """

    def __init__(
        self,
        folder: Path,
        existing: Sequence[LakeFile],
        source: Source,
        *,
        org: str,
        identity: str,
        seq: int,
        people: People | None = None,
        block: int = wire.BLOCK,
        everywhere: bool = False,
        connection: duckdb.DuckDBPyConnection | None = None,
    ) -> None:
        self.counts = Counts()
        self._parts: list[Part] | None = None
        self.block = block
        self.columns: dict[str, None] = {}  # stored columns the parts need
        self._folder = folder
        self.source, self.seq = source, seq
        self._org, self._identity = org, identity
        self._people = people
        self._existing: dict[date, list[LakeFile]] = {}
        for file in existing:
            self._existing.setdefault(file.date, []).append(file)
        self._loaded: set[date] = set()
        self._knows = False
        self._lent = connection is not None
        self._connection = connection or session()
        self._connection.execute("CREATE OR REPLACE TEMP TABLE known (uid VARCHAR)")
        if everywhere:
            self.know(list(self._existing))
        self._open: dict[tuple[date, str], _Open] = {}
        self._quarantine = Quarantine(org, identity, seq)

    # --- what can be landed

    def land_csv(
        self,
        path: Path,
        title: str,
        *,
        day: date,
        from_file: str = "",
        key: tuple[str, ...] = (),
        time_fields: Sequence[str] = (),
        compare_within: bool = True,
    ) -> Counts:
        """A CSV file. `day` is where rows without a readable time belong. `compare_within` may be
        False when no later file of this landing can repeat a row of this one. Raises what
        `wire.csv_batches` raises; the landing is then good for nothing but `abandon`."""
        header, rest = wire.read_header(path)
        if not header or not rest:
            return Counts()
        layout = Layout(self.source.id, title, header)
        file = _File(self, layout, day, from_file, key, compare_within)
        batches = wire.csv_batches(
            path, layout, file.bad, block=self.block, time_fields=time_fields
        )
        for shaped in lanes.in_order(file.shape, batches):
            file.take(shaped)
        return file.done()

    def land_rows(
        self, rows: pa.Table, layout: Layout, *, day: date, key: tuple[str, ...], collected: bool
    ) -> Counts:
        """Rows from JSON pages, already as columns."""
        file = _File(self, layout, day, "", key, True, collected)
        if rows.num_rows:
            file.take(file.shape(rows))
        return file.done()

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        return self._connection

    # --- ending

    def finish(self) -> list[Part]:
        """Close the parts, make them durable, and say what they are; again and again the same."""
        if self._parts is not None:
            return self._parts
        for bad in self._quarantine.tables():
            self.write(bad.day, bad.layout, bad.table, source=Quarantine.SOURCE)
        parts = [self._close(part) for part in self._open.values()]
        self._open = {}
        self._let_go()
        self._parts = parts
        for folder in {(self._folder / p.path).parent for p in parts}:
            sync_folder(folder)
            sync_folder(folder.parent)
        return parts

    def abandon(self) -> None:
        for part in self._open.values():
            part.writer.close()
            (self._folder / part.path).unlink(missing_ok=True)
        for done in self._parts or ():
            (self._folder / done.path).unlink(missing_ok=True)
        self._open = {}
        self._let_go()

    # --- inside

    def _let_go(self) -> None:
        if not self._lent:
            self._connection.close()

    def unseen(self, uids: pa.ChunkedArray | pa.Array, days: Sequence[date]) -> pa.Array | None:
        """A mask of the rows not stored yet, or None if all are new."""
        self.know(days)
        if not self._knows:
            return None
        mine = pa.table({"uid": uids, "place": pa.array(np.arange(len(uids)))})
        self._connection.register("mine", mine)
        seen = (
            self._connection.sql("SELECT place FROM mine SEMI JOIN known USING (uid)")
            .to_arrow_table()
            .column("place")
            .to_numpy()
        )
        self._connection.unregister("mine")
        if not len(seen):
            return None
        mask = np.ones(len(uids), bool)
        mask[seen] = False
        return pa.array(mask)

    def know(self, days: Sequence[date]) -> None:
        """Know what is stored of these days."""
        new = [d for d in days if d not in self._loaded]
        self._loaded.update(new)
        if files := [f.path for d in new for f in self._existing.get(d, ())]:
            self._knows = True
            self._connection.execute(
                "INSERT INTO known SELECT event_uid FROM read_parquet(?)", [files]
            )

    def learn(self, uids: list[pa.Array | pa.ChunkedArray]) -> None:
        for chunk in uids:
            self._connection.register("learned", pa.table({"uid": chunk}))
            self._connection.execute("INSERT INTO known SELECT uid FROM learned")
            self._connection.unregister("learned")
            self._knows = True

    def shaper(
        self, layout: Layout, day: date, key: tuple[str, ...] = (), collected: bool = False
    ) -> Shaper:
        """What shapes the rows of one layout for this landing."""
        return Shaper(
            self.source,
            layout,
            org=self._org,
            identity=self._identity,
            day=day,
            people=self._people,
            key=key,
            collected=collected,
        )

    def quarantine(self, layout: Layout, raw: Sequence[str], day: date, from_file: str) -> Counts:
        """Keep rows that cannot be placed; counted here already."""
        kept = self._quarantine.take(layout, raw, day, from_file, self.unseen, self.learn)
        counts = Counts(len(raw), 0, len(raw) - kept, kept)
        self.counts += counts
        return counts

    def write(self, day: date, layout: Layout, rows: pa.Table, *, source: str = "") -> None:
        source = source or self.source.id
        slot = (day, f"{source}/{layout.id}")
        part = self._open.get(slot)
        if part is None:
            self.columns.update(dict.fromkeys(layout.stored))
            layout.save(self._folder)
            relative = f"source={source}/date={day.isoformat()}/{uuid.uuid4().hex}.parquet"
            target = self._folder / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            writer = pq.ParquetWriter(
                target,
                _plain(rows.schema),
                compression="zstd",
                compression_level=1,
                use_dictionary=[c for c in REPEATED if c in rows.column_names],
                write_statistics=["time", "event_uid"],
            )
            part = self._open[slot] = _Open(writer, relative, source, day)
        part.gathered.append(rows)
        part.pending += rows.num_rows
        part.bytes += rows.nbytes
        part.rows += rows.num_rows
        if part.bytes >= GROUP_BYTES or part.pending >= GROUP_ROWS:
            self._flush(part)
        while sum(p.bytes for p in self._open.values()) > GATHERED:
            self._flush(max(self._open.values(), key=lambda p: p.bytes))

    def _flush(self, part: _Open) -> None:
        if not part.gathered:
            return
        group = pa.concat_tables(part.gathered)
        part.gathered, part.bytes, part.pending = [], 0, 0
        least = pc.min_max(group.column("time")).as_py()
        if least["min"] is not None:
            part.times.append((least["min"], least["max"]))
        part.writer.write_table(group.cast(part.writer.schema), row_group_size=group.num_rows)

    def _close(self, part: _Open) -> Part:
        self._flush(part)
        part.writer.close()
        target = self._folder / part.path
        sync_file(target)
        return Part(
            part.path,
            part.source,
            part.day,
            target.stat().st_size,
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


class _File:
    """One file on its way."""

    def __init__(
        self,
        landing: Landing,
        layout: Layout,
        day: date,
        from_file: str,
        key: tuple[str, ...],
        compare_within: bool,
        collected: bool = False,
    ) -> None:
        self._landing, self._layout = landing, layout
        self._from_file, self._day, self._key = from_file, day, key
        self._compare_within = compare_within
        self._counts = Counts()
        self._bad: list[str] = []
        self._uids: list[pa.Array | pa.ChunkedArray] = []
        self._ordinals = Ordinals(landing._connection)
        self._shaper = landing.shaper(layout, day, key, collected)

    def bad(self, raw: str) -> None:
        self._bad.append(raw)

    def shape(self, batch: pa.Table) -> Shaped:
        """May be called on any thread; `take` what it gives in the file's order."""
        return self._shaper.shape(batch)

    def take(self, shaped: Shaped) -> None:
        self._counts.read += shaped.rows.num_rows
        uids = shaped.digest if self._key else self._ordinals.number(shaped)
        if self._key:
            shaped, uids = _first_of_each(shaped)
        days = pc.unique(shaped.day).to_pylist()
        new = self._landing.unseen(uids, days)
        if new is not None:
            shaped, uids = shaped.filter(new), uids.filter(new)
            days = pc.unique(shaped.day).to_pylist()
        self._counts.stored += shaped.rows.num_rows
        if self._compare_within:
            self._uids.append(uids)
        rows = shaped.rows.append_column("event_uid", uids)
        count = rows.num_rows
        rows = rows.append_column("arrived_seq", pa.array(np.full(count, self._landing.seq)))
        if self._from_file:
            name = pa.DictionaryArray.from_arrays(
                pa.array(np.zeros(count, np.int8)), pa.array([self._from_file])
            )
            rows = rows.append_column("from_file", name)
        for day in days:
            part = rows if len(days) == 1 else rows.filter(pc.equal(shaped.day, pa.scalar(day)))
            if part.num_rows:
                self._landing.write(day, self._layout, part)
        if self._key and self._compare_within:
            self._landing.learn(self._uids)
            self._uids = []

    def done(self) -> Counts:
        self._landing.learn(self._uids)
        self._counts.duplicate = self._counts.read - self._counts.stored
        self._landing.counts += self._counts
        if self._bad:
            self._counts += self._landing.quarantine(
                self._layout, self._bad, self._day, self._from_file
            )
        return self._counts


def _first_of_each(shaped: Shaped) -> tuple[Shaped, pa.ChunkedArray]:
    """Without rows whose key came earlier in the same batch (a page read twice)."""
    if len(np.unique(shaped.hash)) == len(shaped.hash):
        return shaped, shaped.digest
    _, first = np.unique(shaped.hash, return_index=True)
    mask = np.zeros(len(shaped.hash), bool)
    mask[first] = True
    kept = shaped.filter(pa.array(mask))
    return kept, kept.digest
