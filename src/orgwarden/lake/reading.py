"""Reading events: DuckDB over the files of one snapshot per org, locked down.

A view per source restores Salesforce's column names; the view `activity` unites the normalised
columns of all sources. A user's SQL is one SELECT, checked by DuckDB's own parser, run with
external access off but for exactly the snapshot's files, configuration locked, and limits on
memory, time and rows.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from orgwarden.core.source import NORMALISED, REMOVED
from orgwarden.lake import render
from orgwarden.lake.layouts import Layout, stored_name
from orgwarden.lake.place import Place
from orgwarden.lake.snapshot import OrgFiles, Snapshot
from orgwarden.lake.sql_check import Refused, check, parsed, tables_of
from orgwarden.lake.table import LakeFile

ROW_LIMIT = 1_000_000
TIME_LIMIT = timedelta(seconds=60)
MEMORY = "1GB"
TYPES = {"time": "TIMESTAMPTZ", "rows": "BIGINT", "bytes": "BIGINT", "arrived_seq": "BIGINT"}
GONE = stored_name(REMOVED)


class Reader:
    """A snapshot of some orgs' events. Close it, or use it in a `with`.

    `declared` are sources with their columns whose views exist, empty, before their first row.
    """

    def __init__(
        self,
        lake_root: Place | Path,
        org_keys: Sequence[str],
        *,
        declared: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._declared = dict(declared or {})
        self.snapshot = Snapshot.of(lake_root, org_keys)
        self._orgs = self.snapshot.orgs
        self.connection = self._connect()
        self._made: set[str] = set()
        self._locked = False

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.connection.close()

    # --- what there is

    def sources(self) -> list[str]:
        """The ids of all sources with files, sorted."""
        return self.snapshot.sources()

    def columns(self, source: str) -> dict[str, str]:
        """Salesforce's column names of a source, with the table's columns behind them."""
        return self.snapshot.columns(source)

    def row_counts(self) -> dict[str, int]:
        """Stored rows by source, from the log alone."""
        return self.snapshot.row_counts()

    def declared(self, source: str) -> Sequence[str]:
        """The columns a source declares, whether it has rows or not."""
        return self._declared.get(source, ())

    # --- asking

    def check(self, sql: str) -> list[str]:
        """The views a person's SQL reads. Raises Refused unless it is one plain SELECT."""
        views = {"activity", "quarantine", *self.sources(), *self._declared}
        return check(self.connection, sql, views)

    def tables(self, sql: str) -> set[str]:
        """The views our own SQL reads."""
        return set(tables_of(parsed(self.connection, sql)))

    def schema(self, sql: str, parameters: Sequence[Any] = ()) -> pa.Schema:
        """Names and types of the answer's columns, without the answer. Raises Refused."""
        self._make(self.tables(sql))
        try:
            asked = self.connection.sql(sql, params=list(parameters) or None)
            return asked.limit(0).to_arrow_table().schema
        except duckdb.Error as error:
            raise _wrong(error) from None

    def run(
        self,
        sql: str,
        parameters: Sequence[Any] | Mapping[str, Any] = (),
        *,
        limit: int = ROW_LIMIT,
        seconds: float = TIME_LIMIT.total_seconds(),
    ) -> pa.Table:
        """Our own SQL, with bound parameters. The views it names are made first."""
        self._make(self.tables(sql))
        return self._bounded(sql, parameters, limit, seconds)

    def run_for_user(self, sql: str, *, limit: int = ROW_LIMIT) -> tuple[pa.Table, bool]:
        """A person's SQL. Returns the rows and whether the limit cut them. Raises Refused."""
        self._make(self.check(sql))
        self._lock()
        table = self._bounded(sql, (), limit + 1, TIME_LIMIT.total_seconds())
        return table.slice(0, limit), table.num_rows > limit

    # --- inside

    def _connect(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": MEMORY,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "allow_community_extensions": False,
                "temp_directory": "",
            },
        )
        connection.execute("SET TimeZone = 'UTC'")
        for org in self._orgs:
            org.place.lend(connection)
        paths = [f.path for org in self._orgs for files in org.files.values() for f in files]
        connection.execute(f"SET allowed_paths = [{', '.join(render.text(p) for p in paths)}]")
        connection.execute("SET enable_external_access = false")
        return connection

    def _lock(self) -> None:
        if not self._locked:
            self.connection.execute("SET lock_configuration = true")
            self._locked = True

    def _make(self, tables: Iterable[str]) -> None:
        for table in sorted({t.lower() for t in tables} - self._made):
            if table == "activity":
                self.connection.execute(self._activity())
            elif table in self.sources() or table in self._declared or table == "quarantine":
                try:
                    self.connection.execute(self._view(table))
                except duckdb.BinderException:
                    # A process was killed between writing a layout and committing rows of it.
                    self._forget_layouts_without_rows(table)
                    self.connection.execute(self._view(table))
            self._made.add(table)

    def _forget_layouts_without_rows(self, source: str) -> None:
        for org in self._orgs:
            if files := org.files.get(source):
                rows = _parquet([f.path for f in files], union=True)
                held = set(self.connection.sql(f"SELECT * FROM {rows} LIMIT 0").columns)
                landed = [x for x in org.layouts.get(source, ()) if held.issuperset(x.stored)]
                org.layouts = {**org.layouts, source: landed}

    def _activity(self) -> str:
        return self._united("activity", {o.key: self._events(o) for o in self._orgs})

    @staticmethod
    def _events(org: OrgFiles) -> list[LakeFile]:
        """The files whose rows are events."""
        return [f for source, files in org.files.items() if source != "quarantine" for f in files]

    def _united(self, view: str, held: Mapping[str, Sequence[LakeFile]]) -> str:
        """A view of the normalised columns of some files, by org."""
        names = ", ".join(render.name(c) for c in NORMALISED)
        parts = []
        for org in self._orgs:
            if paths := [f.path for f in held[org.key]]:
                parts.append(f"SELECT {self._normalised(org)} FROM {_parquet(paths)}")
        if not parts:
            parts = [f"SELECT {_nothing()} WHERE false"]
        return f"CREATE OR REPLACE TEMP VIEW {view} ({names}) AS {' UNION ALL '.join(parts)}"

    def _normalised(self, org: OrgFiles, prefix: str = "") -> str:
        values = []
        for column in NORMALISED:
            if column == "org":
                value = render.text(org.key)
            else:
                value = f"{render.name(column)}::{TYPES.get(column, 'VARCHAR')}"
            values.append(f"{value} AS {render.name(prefix + column)}")
        return ", ".join(values)

    def _view(self, source: str) -> str:
        columns = self.columns(source)
        lower = {c.lower() for c in columns}
        parts = []
        for org in self._orgs:
            files = org.files.get(source)
            if not files:
                continue
            layouts = org.layouts.get(source, [])
            stored = set().union(*(layout.stored for layout in layouts))
            picked = [
                f"{render.name(s) if s in stored else 'NULL::VARCHAR'} AS {render.name(c)}"
                for c, s in columns.items()
            ]
            for column in NORMALISED:
                value = render.text(org.key) if column == "org" else render.name(column)
                value = f"{value}::{TYPES.get(column, 'VARCHAR')}"
                if column not in lower:
                    picked.append(f"{value} AS {render.name(column)}")
                picked.append(f"{value} AS {render.name('n_' + column)}")
            if source.startswith("event_log_"):
                picked.append(f"from_file AS log_file_id, {_row_hash(layouts)} AS row_sha256")
            # A source's files may differ in columns: an older one lacks a newer column.
            rows = _parquet([f.path for f in files], union=len(layouts) > 1)
            query = f"SELECT {', '.join(picked)} FROM {rows}"
            if GONE in stored:  # versions of records: the newest of each, unless it is gone
                query += (
                    f" QUALIFY row_number() OVER (PARTITION BY {stored_name('Id')}"
                    f" ORDER BY arrived_seq DESC) = 1 AND {GONE} IS NULL"
                )
            parts.append(query)
        if not parts:
            declared = self._declared.get(source, ())
            empty = [f"NULL::VARCHAR AS {render.name(c)}" for c in declared]
            empty += [
                f"NULL::{TYPES.get(c, 'VARCHAR')} AS {render.name(c)}"
                for c in NORMALISED
                if c not in {d.lower() for d in declared}
            ]
            parts = [f"SELECT {', '.join(empty)} WHERE false"]
        return f"CREATE OR REPLACE TEMP VIEW {render.name(source)} AS {' UNION ALL '.join(parts)}"

    def _bounded(self, sql: str, parameters: Any, limit: int, seconds: float) -> pa.Table:
        done = threading.Event()

        def stop() -> None:
            if not done.wait(seconds):
                self.connection.interrupt()

        watch = threading.Thread(target=stop, daemon=True)
        watch.start()
        try:
            asked = self.connection.sql(sql, params=parameters or None)
            return asked.limit(limit).to_arrow_table()
        except duckdb.InterruptException:
            raise Refused(
                f"The query took longer than {seconds:.0f} seconds.",
                fix="Narrow the time range or ask for fewer columns.",
            ) from None
        except duckdb.OutOfMemoryException:
            raise Refused(
                f"The query needs more than {MEMORY} of memory.",
                fix="Group or sort fewer rows.",
            ) from None
        except duckdb.Error as error:
            raise _wrong(error) from None
        finally:
            done.set()


def _wrong(error: duckdb.Error) -> Refused:
    return Refused(
        str(error).split("\n")[0],
        fix="Correct the SQL; `orgwarden events sources` lists the views and their columns.",
    )


def _parquet(paths: Sequence[str], *, union: bool = False) -> str:
    listed = ", ".join(render.text(p) for p in paths)
    options = ", union_by_name = true" if union else ""
    return (
        f"read_parquet([{listed}], hive_partitioning = true, hive_types_autocast = false{options})"
    )


def _nothing() -> str:
    return ", ".join(f"NULL::{TYPES.get(c, 'VARCHAR')}" for c in NORMALISED)


def _row_hash(layouts: Sequence[Layout]) -> str:
    """SHA-256 of a log row: its values in its header's order, joined by U+001F."""
    cases = []
    for layout in layouts:
        values = ", ".join(f"coalesce({render.name(s)}, '')" for s in layout.stored)
        cases.append(f"WHEN {render.text(layout.id)} THEN sha256(concat_ws(chr(31), {values}))")
    return f"CASE layout {' '.join(cases)} END"


def open_reader(lake_root: Place | Path, org_keys: Sequence[str]) -> Reader:
    """A reader over the newest snapshot of these orgs."""
    return Reader(lake_root, org_keys)
