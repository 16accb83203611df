"""Versions of records: what a new reading of a whole object changed since the one before.

Of an object that is read whole, the table keeps each version of a record that was seen, numbered
from 1. The last version of each is the state a new reading is compared with, so state, change and
cursor are in one commit and none can get ahead of the others. A record that is gone has a last
version that says so.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from orgwarden.core.source import REMOVED, VERSION, Source
from orgwarden.lake import render
from orgwarden.lake.layouts import Layout, stored_name
from orgwarden.lake.place import Place
from orgwarden.lake.shaping import has_spilled, may_spill, session
from orgwarden.lake.table import LakeFile

MEMORY = "1GB"
_of_thread = threading.local()
ID, VER, GONE = stored_name("Id"), stored_name(VERSION), stored_name(REMOVED)


@dataclass(frozen=True)
class Compared:
    """What a part of a reading says. `versions` are new versions and `changes` what people call a
    change, as rows to land (None: there are none); `same` records are as they were."""

    versions: pa.Table
    changes: pa.Table | None
    same: int


class Versions:
    """One reading of one source, page by page, beside the last versions of its records.

    `names` are the fields that are read now: a field that is not among them is not compared, and
    neither is one that the last version was read without, because unknown is not a value.
    `since` is set for a first reading: only what changed after it is told as a change, with the
    value before unknown. `at` is when this reading began, `changes` the columns of a change, in the
    order that `_change` has them. One reading at a time in a thread.
    """

    def __init__(
        self,
        source: Source,
        names: Sequence[str],
        files: Sequence[LakeFile],
        layouts: Sequence[Layout],
        *,
        changes: Sequence[str],
        at: datetime,
        since: datetime | None,
        place: Place | None = None,
    ) -> None:
        self._source, self._changes, self.at, self._since = source, changes, at, since
        self._names = tuple(names)
        self.layout = Layout(source.id, source.object, (*names, VERSION, REMOVED))
        self.connection = _session()
        if place is not None:
            place.lend(self.connection)
            may_spill(self.connection, place)
        self._layouts = len(layouts)
        self._known = {n: [x.id for x in layouts if n in x.header] for n in names}
        columns = ", ".join(f"{c} VARCHAR" for c in self._stored())
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE seen ({ID} VARCHAR)")
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE was"
            f" (layout VARCHAR, {columns}, {VER} INTEGER, {GONE} BOOLEAN)"
        )
        self._before = bool(files)
        if files:
            self._load([f.path for f in files])

    def compare(self, rows: pa.Table) -> Compared:
        """Rows of some pages, columns named as stored. A record that came before in this reading
        (pages move while they are read) is passed over."""
        run = self.connection
        run.register("page", rows)
        run.execute(
            f"CREATE OR REPLACE TEMP TABLE fresh AS SELECT DISTINCT ON ({ID}) * FROM page"
            f" WHERE {ID} NOT IN (SELECT {ID} FROM seen)"
        )
        run.unregister("page")
        run.execute(f"INSERT INTO seen SELECT {ID} FROM fresh")
        joined = f"fresh AS n LEFT JOIN was AS o ON o.{ID} = n.{ID}"
        new = f"(o.{ID} IS NULL OR o.{GONE})"
        asked = f"SELECT {self._all('n')}, '1' AS {VER}, NULL::VARCHAR AS {GONE} FROM fresh AS n"
        if self._before:
            asked = (
                f"SELECT {self._all('n')}, (coalesce(o.{VER}, 0) + 1)::VARCHAR AS {VER},"
                f" NULL::VARCHAR AS {GONE} FROM {joined}"
                f" WHERE {new} OR {self._differs(self._compared())} OR {self._now_known()}"
            )
        versions = run.sql(asked).to_arrow_table()
        told = f"{new} OR {self._differs(self._loud())}"
        if self._since is not None:
            told = f"({told}) AND {self._touched('n')}"
        changes = None
        # Planning this takes longer than running it, and mostly nothing changed.
        if versions.num_rows and (self._since is None or self._any_touched()):
            changes = run.sql(
                f"SELECT {self._change('n', f'coalesce(o.{VER}, 0) + 1', self._kind(new))}"
                f" FROM {joined} WHERE {told}"
            ).to_arrow_table()
        return Compared(versions, changes, rows.num_rows - versions.num_rows)

    def forget(self) -> None:
        """Let go of the rows; nothing can be asked after."""
        for table in ("was", "seen", "fresh"):
            self.connection.execute(f"DROP TABLE IF EXISTS {table}")

    def missing(self) -> int:
        """How many records of before this reading has not seen."""
        if not self._before:
            return 0
        [[count]] = self.connection.execute(
            f"SELECT count(*) FROM was ANTI JOIN seen USING ({ID}) WHERE NOT {GONE}"
        ).fetchall()
        return int(count)

    def unseen(self, most: int = 10) -> list[str]:
        """The ids of some of these, less what Salesforce itself forgets, the newest first."""
        made = f"{stored_name('CreatedDate')} DESC, " if "CreatedDate" in self._names else ""
        rows = self.connection.execute(
            f"SELECT {ID} FROM was AS o ANTI JOIN seen USING ({ID})"
            f" WHERE NOT {GONE} AND NOT {self._forgotten()} ORDER BY {made}{ID} LIMIT {int(most)}"
        ).fetchall()
        return [str(id) for [id] in rows]

    def seen(self) -> int:
        """How many records this reading has seen."""
        [[count]] = self.connection.execute("SELECT count(*) FROM seen").fetchall()
        return int(count)

    def removed(self) -> Compared:
        """What is gone, once the whole object was read. What Salesforce itself forgets after a
        while is no change that anybody made."""
        gone = f"was AS o ANTI JOIN seen USING ({ID}) WHERE NOT o.{GONE}"
        versions = self.connection.sql(
            f"SELECT {self._all('o')}, (o.{VER} + 1)::VARCHAR AS {VER}, 'true' AS {GONE}"
            f" FROM {gone}"
        ).to_arrow_table()
        changes = self.connection.sql(
            f"SELECT {self._change('o', f'o.{VER} + 1', render.text('removed'))} FROM {gone}"
            f" AND NOT {self._forgotten()}"
        ).to_arrow_table()
        return Compared(versions, changes, 0)

    # --- inside

    def _forgotten(self) -> str:
        kept = self._source.kept_for
        if kept is None or "CreatedDate" not in self._names:
            return "false"
        before = render.text((self.at - kept).isoformat())
        made = f"instant(o.{stored_name('CreatedDate')})"
        return f"coalesce({made} < {before}::TIMESTAMPTZ, false)"

    def _stored(self) -> list[str]:
        return [stored_name(n) for n in self._names]

    def _compared(self) -> tuple[str, ...]:
        return tuple(n for n in self._names if n not in self._source.own)

    def _loud(self) -> tuple[str, ...]:
        return tuple(n for n in self._compared() if n not in self._source.quiet)

    def _load(self, paths: list[str]) -> None:
        read = "read_parquet(?, union_by_name = true)"
        there = set(self.connection.execute(f"SELECT * FROM {read} LIMIT 0", [paths]).fetchnumpy())
        picked = ", ".join(c if c in there else "NULL" for c in self._stored())
        version = f"coalesce(try_cast({VER} AS INTEGER), 1)" if VER in there else "1"
        gone = f"coalesce({GONE} = 'true', false)" if GONE in there else "false"
        self.connection.execute(
            f"INSERT INTO was SELECT layout, {picked}, {version}, {gone} FROM {read}"
            f" QUALIFY row_number() OVER (PARTITION BY {ID} ORDER BY arrived_seq DESC) = 1",
            [paths],
        )

    def _all(self, side: str) -> str:
        return ", ".join(f"{side}.{c}" for c in self._stored())

    def _was_read(self, name: str) -> str:
        layouts = ", ".join(render.text(layout) for layout in self._known[name])
        return f"o.layout IN ({layouts})" if layouts else "false"

    def _one_differs(self, name: str) -> str:
        column = stored_name(name)
        return f"({self._was_read(name)} AND o.{column} IS DISTINCT FROM n.{column})"

    def _now_known(self) -> str:
        """A value that the last version was read without: kept, but no change that anybody made."""
        learnt = [
            f"(n.{stored_name(n)} IS NOT NULL AND NOT {self._was_read(n)})"
            for n in self._compared()
            if len(self._known[n]) < self._layouts
        ]
        return " OR ".join(learnt) or "false"

    def _differs(self, names: Sequence[str]) -> str:
        return " OR ".join(map(self._one_differs, names)) or "false"

    def _kind(self, new: str) -> str:
        if self._since is None:
            return f"CASE WHEN {new} THEN 'added' ELSE 'changed' END"
        made = self._after("n", "CreatedDate")
        return f"CASE WHEN {made} THEN 'added' ELSE 'changed' END"

    def _any_touched(self) -> bool:
        [[count]] = self.connection.execute(
            f"SELECT count(*) FROM fresh AS n WHERE {self._touched('n')}"
        ).fetchall()
        return bool(count)

    def _touched(self, side: str) -> str:
        """A first reading: was the record made or changed since we may look?"""
        stamps = ("CreatedDate", "LastModifiedDate", "SystemModstamp")
        return " OR ".join(f"coalesce({self._after(side, s)}, false)" for s in stamps)

    def _after(self, side: str, name: str) -> str:
        if name not in self._names or self._since is None:
            return "false"
        since = render.text(self._since.isoformat())
        return f"instant({side}.{stored_name(name)}) >= {since}::TIMESTAMPTZ"

    def _change(self, side: str, version: str, kind: str) -> str:
        """The columns of a change. `side` is where the record is looked at: n new, o old."""
        fields, before, after = self._difference(side)
        date, who = self._when_and_who(side)
        picked = (
            render.text(self._source.object), f"{side}.{ID}", f"({version})::VARCHAR",
            self._label(side), kind, fields, before, after, who, date,
        )  # fmt: skip
        names = map(stored_name, self._changes)
        return ", ".join(f"({v})::VARCHAR AS {c}" for v, c in zip(picked, names, strict=True))

    def _difference(self, side: str) -> tuple[str, str, str]:
        """Names of the fields that changed, their values before and after, as JSON objects."""
        if side == "o":
            return "NULL", _object([(n, f"o.{stored_name(n)}") for n in self._loud()]), "NULL"
        fresh = f"(o.{ID} IS NULL OR o.{GONE})"
        listed, before, after = [], [], []
        for name in self._loud():
            column, differs = stored_name(name), self._one_differs(name)
            listed.append(f"CASE WHEN NOT {fresh} AND {differs} THEN {render.text(name)} END")
            before.append((name, f"CASE WHEN {differs} THEN o.{column} END", differs))
            after.append((name, f"n.{column}", f"({fresh} OR {differs})"))
        fields = f"nullif(list_aggregate([{', '.join(listed)}], 'string_agg', ', '), '')"
        return fields, f"CASE WHEN NOT {fresh} THEN {_some(before)} END", _some(after)

    def _label(self, side: str) -> str:
        named = [f"{side}.{stored_name(n)}" for n in self._source.label if n in self._names]
        return f"coalesce({', '.join([*named, f'{side}.{ID}'])})"

    def _when_and_who(self, side: str) -> tuple[str, str]:
        """Salesforce's own word, where the record tells of this very change; else when we saw it,
        and nobody."""
        read = render.text(self.at.strftime("%Y-%m-%dT%H:%M:%S.000+0000"))
        stamp = next((s for s in ("LastModifiedDate", "SystemModstamp") if s in self._names), "")
        if side == "o" or not stamp:
            return read, "NULL"
        column = stored_name(stamp)
        ours = f"(o.{ID} IS NULL OR o.{column} IS DISTINCT FROM n.{column})"
        who = "NULL"
        if "LastModifiedById" in self._names:
            who = f"CASE WHEN {ours} THEN n.{stored_name('LastModifiedById')} END"
        elif "CreatedById" in self._names:
            new = f"(o.{ID} IS NULL OR o.{GONE})"
            who = f"CASE WHEN {new} THEN n.{stored_name('CreatedById')} END"
        return f"CASE WHEN {ours} THEN coalesce(n.{column}, {read}) ELSE {read} END", who


def _session() -> duckdb.DuckDBPyConnection:
    """This thread's connection: making one costs more than comparing a small object."""
    if hasattr(_of_thread, "connection") and has_spilled(_of_thread.connection):
        _of_thread.connection.close()
        del _of_thread.connection
    if not hasattr(_of_thread, "connection"):
        _of_thread.connection = session(memory=MEMORY)
    connection: duckdb.DuckDBPyConnection = _of_thread.connection
    return connection


def _object(pairs: Sequence[tuple[str, str]]) -> str:
    return _some([(name, value, f"{value} IS NOT NULL") for name, value in pairs])


def _some(triples: Sequence[tuple[str, str, str]]) -> str:
    """A JSON object of those names whose condition holds."""
    entries = [
        f"CASE WHEN {when} THEN {{'k': {render.text(name)}, 'v': {value}}} END"
        for name, value, when in triples
    ]
    listed = f"list_filter([{', '.join(entries)}], lambda e: e IS NOT NULL)"
    return f"to_json(map_from_entries({listed}))::VARCHAR"
