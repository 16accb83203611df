"""Landing: rows into Parquet parts, each event once.

What an event is (architecture, "Identity of an event"): a row with an id is its id. A row of a log
file is the whole row and k, its ordinal among equal rows of one file. The stored multiplicity of a
row is thus the largest any single file showed, so a re-sent, later or overlapping file adds only
what is missing.
Parts are invisible until a commit names them; a landing that is given up leaves only files that
no commit names, which `upkeep.sweep` removes.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date
from functools import reduce
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orgwarden.core.source import Source
from orgwarden.lake import lanes, quarantine, wire
from orgwarden.lake.layouts import Layout, stored_name
from orgwarden.lake.ordinals import Ordinals
from orgwarden.lake.parts import Parts
from orgwarden.lake.place import Place, at_place
from orgwarden.lake.quarantine import Quarantine
from orgwarden.lake.shaping import People, Shaped, Shaper, may_spill, session
from orgwarden.lake.table import LakeFile, Part


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


class Landing:
    """Lands rows of one source into one org's table, for one commit. Belongs to one thread.

    `connection` is lent by a thread that lands many; without it the landing has one of its own.
    `seq` is the arrival number of the commit to be. `finish` closes the parts; `abandon` forgets
    them. Several files may be landed before `finish`: they are compared with one another too.
    """

    def __init__(
        self,
        place: Place | Path,
        existing: Sequence[LakeFile],
        source: Source,
        *,
        org: str,
        identity: str,
        seq: int,
        people: People | None = None,
        block: int = wire.BLOCK,
        connection: duckdb.DuckDBPyConnection | None = None,
    ) -> None:
        self.counts = Counts()
        self._closing: Future[list[Part]] | None = None
        self.block = block
        self.columns: dict[str, None] = {}  # stored columns the parts need
        self._place = at_place(place)
        self._saved: set[str] = set()  # layouts, by id
        self.source, self.seq = source, seq
        self._org, self._identity = org, identity
        self._people = people
        self._existing: dict[date, list[LakeFile]] = {}
        for file in existing:
            self._existing.setdefault(file.date, []).append(file)
        self._loaded: set[date] = set()
        self._knows = False
        self.known = 0  # identities learned from what was landed
        self._lent = connection is not None
        self._connection = connection or session()
        self._connection.execute("CREATE OR REPLACE TEMP TABLE known (uid VARCHAR)")
        self._place.lend(self._connection)
        may_spill(self._connection, self._place)
        self._writing = Parts(self._place)
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
        file = self.file(layout, day, key, from_file=from_file, compare_within=compare_within)
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
        file = self.file(layout, day, key, collected=collected)
        if rows.num_rows:
            file.take(file.shape(rows))
        return file.done()

    def file(
        self,
        layout: Layout,
        day: date,
        key: tuple[str, ...] = (),
        *,
        from_file: str = "",
        compare_within: bool = True,
        collected: bool = False,
    ) -> File:
        """A file to be taken batch by batch; one at a time."""
        return File(self, layout, day, from_file, key, compare_within, collected)

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        return self._connection

    # --- ending

    def finish(self) -> list[Part]:
        """Close the parts, make them durable, and say what they are; again and again the same."""
        if self._closing is None:
            self._quarantined()
            parts = self._writing.close()
            self._let_go()
            self._closing = Future()
            self._closing.set_result(parts)
        return self._closing.result()

    def successor(self) -> Landing:
        """A landing for the commit after this one's, which knows this one's rows. This one takes
        no more: its parts are closed on another thread, and `finish` waits for that."""
        self._quarantined()
        made = copy.copy(self)
        made.counts, made.columns, made.seq = Counts(), {}, self.seq + 1
        made._writing = Parts(self._place)
        made._quarantine = Quarantine(self._org, self._identity, made.seq)
        self._lent = True  # the successor's now
        self._closing = self._writing.close_ahead()
        return made

    def abandon(self) -> None:
        if self._closing is not None:
            self._closing.exception()  # waited for; what it says does not matter any more
        self._writing.abandon()
        self._let_go()

    # --- inside

    def _quarantined(self) -> None:
        for bad in self._quarantine.tables():
            self.write(bad.day, bad.layout, bad.table, source=Quarantine.SOURCE)

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
            self.known += len(chunk)
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

    def known_already(self, rows: int) -> None:
        """Rows that were read and are not landed, because they are stored as they are."""
        self.counts += Counts(read=rows, duplicate=rows)

    def quarantine(
        self,
        layout: Layout,
        raw: Sequence[str],
        day: date,
        from_file: str,
        reason: str = quarantine.RAGGED,
    ) -> Counts:
        """Keep rows that cannot be placed; counted here already."""
        kept = self._quarantine.take(layout, raw, day, from_file, self.unseen, self.learn, reason)
        counts = Counts(len(raw), 0, len(raw) - kept, kept)
        self.counts += counts
        return counts

    def write(self, day: date, layout: Layout, rows: pa.Table, *, source: str = "") -> None:
        if self._writing.add(day, source or self.source.id, layout.id, rows):
            self.columns.update(dict.fromkeys(layout.stored))
            if layout.id not in self._saved:
                layout.save(self._place)
                self._saved.add(layout.id)


class File:
    """A file or page on its way into a landing: `take` its batches in order, then `done`."""

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
        self._keyless: list[str] = []  # rows without a key, as JSON
        self._uids: list[pa.Array | pa.ChunkedArray] = []
        self._ordinals = Ordinals(landing._connection)
        self._shaper = landing.shaper(layout, day, key, collected)

    def bad(self, raw: str) -> None:
        self._bad.append(raw)

    def shape(self, batch: pa.Table) -> Shaped:
        """May be called on any thread; `take` what it gives in the file's order."""
        return self._shaper.shape(batch)

    def take(self, shaped: Shaped) -> None:
        if self._key:
            shaped = self._with_key(shaped)
        self._counts.read += shaped.rows.num_rows
        uids = shaped.digest if self._key else self._ordinals.number(shaped)
        if self._key:
            shaped, uids = _first_of_each(shaped)
        days = pc.unique(shaped.day).to_pylist()
        new = self._landing.unseen(uids, days)
        if new is not None:
            shaped, uids = shaped.filter(new), uids.filter(new)
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
        for day, part in _by_day(rows, shaped.day):
            self._landing.write(day, self._layout, part)
        if self._key and self._compare_within:
            self._landing.learn(self._uids)
            self._uids = []

    def _with_key(self, shaped: Shaped) -> Shaped:
        """Without the rows that lack what tells one row from another: nobody could say whether
        they are stored already."""
        columns = shaped.rows.column_names
        named = [c for c in map(stored_name, self._key) if c in columns]
        if not any(shaped.rows.column(c).null_count for c in named):
            return shaped
        lacking = reduce(pc.or_, [pc.is_null(shaped.rows.column(c)) for c in named])
        rows = shaped.rows.filter(lacking).select([*self._layout.stored]).to_pylist()
        self._keyless += [
            json.dumps({c.removeprefix("sf_"): v for c, v in row.items() if v is not None})
            for row in rows
        ]
        return shaped.filter(pc.invert(lacking))

    def done(self, bad: Sequence[str] = ()) -> Counts:
        """The counts when every batch was taken; `bad` are raw rows that cannot be placed, beside
        those that `bad()` was told."""
        self._bad += bad
        self._landing.learn(self._uids)
        self._counts.duplicate = self._counts.read - self._counts.stored
        self._landing.counts += self._counts
        if self._bad:
            self._counts += self._landing.quarantine(
                self._layout, self._bad, self._day, self._from_file
            )
        if self._keyless:
            self._counts += self._landing.quarantine(
                self._layout, self._keyless, self._day, self._from_file, quarantine.KEYLESS
            )
        return self._counts


def _by_day(rows: pa.Table, days: pa.ChunkedArray) -> Iterator[tuple[date, pa.Table]]:
    """The rows of each day, in their order. Pages come ordered by time, so a day's rows mostly lie
    together and are cut out without a copy."""
    number = days.cast(pa.int32()).to_numpy()
    if (number[1:] >= number[:-1]).all():
        edges = [0, *(np.flatnonzero(number[1:] != number[:-1]) + 1).tolist(), len(number)]
        for start, end in pairwise(edges):
            if end > start:
                yield days[start].as_py(), rows.slice(start, end - start)
        return
    for day in pc.unique(days):
        yield day.as_py(), rows.filter(pc.equal(days, day))


def _first_of_each(shaped: Shaped) -> tuple[Shaped, pa.ChunkedArray]:
    """Without rows whose key came earlier in the same batch (a page read twice)."""
    if len(np.unique(shaped.hash)) == len(shaped.hash):
        return shaped, shaped.digest
    _, first = np.unique(shaped.hash, return_index=True)
    mask = np.zeros(len(shaped.hash), bool)
    mask[first] = True
    kept = shaped.filter(pa.array(mask))
    return kept, kept.digest
