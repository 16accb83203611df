"""Rows as Salesforce sent them, made into rows of the lake: a batch at a time, in columns.

The original columns pass through untouched. DuckDB computes the normalised columns and the digest
that identifies a row; no Python loop sees an event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from orgwarden.core.source import DERIVED, NORMALISED, Source
from orgwarden.lake import render
from orgwarden.lake.layouts import Layout, stored_name

SEPARATOR = "chr(31)"


@dataclass(frozen=True)
class People:
    """Usernames by 18-character user id, as two columns of equal length."""

    ids: pa.Array
    usernames: pa.Array

    @classmethod
    def none(cls) -> People:
        return cls(pa.array([], pa.string()), pa.array([], pa.string()))

    @classmethod
    def of(cls, names: Mapping[str, str]) -> People:
        return cls(pa.array(names.keys(), pa.string()), pa.array(names.values(), pa.string()))

    def name(self, actor: pa.ChunkedArray, actor_id: pa.ChunkedArray) -> pa.ChunkedArray:
        """`actor`, filled from the directory where only the id is known."""
        if not len(self.ids) or actor.null_count == 0:
            return actor
        found = self.usernames.take(pc.index_in(actor_id, value_set=self.ids).combine_chunks())
        return pc.coalesce(actor, found)


@dataclass(frozen=True)
class Shaped:
    """Rows ready but for their identity: `digest` per row, `hash` (of the digest, of this process
    only) for quick comparison, and the UTC day each belongs to."""

    rows: pa.Table
    digest: pa.ChunkedArray
    hash: npt.NDArray[np.uint64]
    day: pa.ChunkedArray

    def filter(self, mask: pa.Array | pa.ChunkedArray) -> Shaped:
        return Shaped(
            self.rows.filter(mask),
            self.digest.filter(mask),
            self.hash[np.asarray(mask)],
            self.day.filter(mask),
        )


class Shaper:
    """Shapes the batches of one layout. Belongs to one thread.

    `key` names the columns that identify a row; without it the whole row does. `day` is where rows
    without a readable time belong; `collected` puts all rows there, whatever their time.
    """

    def __init__(
        self,
        source: Source,
        layout: Layout,
        *,
        org: str,
        identity: str,
        day: date,
        people: People | None = None,
        key: tuple[str, ...] = (),
        collected: bool = False,
        connection: duckdb.DuckDBPyConnection | None = None,
    ) -> None:
        self.source = source
        self.layout = layout
        self._org = org
        self._people = people or People.none()
        self.connection = connection or session()
        self._sql = _select(source, layout, identity, day, key, collected)

    def shape(self, batch: pa.Table) -> Shaped:
        """`batch` has the layout's stored columns as text, empty ones null."""
        self.connection.register("batch", batch)
        made = self.connection.sql(self._sql).to_arrow_table()
        self.connection.unregister("batch")
        columns: dict[str, pa.ChunkedArray | pa.Array] = {}
        for column in NORMALISED:
            if column not in DERIVED:
                columns[column] = made.column(column)
        columns["actor"] = self._people.name(made.column("actor"), made.column("actor_id"))
        columns["org"] = _constant(self._org, len(made))
        columns["layout"] = _constant(self.layout.id, len(made))
        for stored in self.layout.stored:
            columns[stored] = batch.column(stored)
        return Shaped(
            pa.table(columns),
            made.column("digest"),
            made.column("hash").to_numpy(),
            made.column("day"),
        )


def _constant(value: str, length: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(length, np.int8)), pa.array([value], pa.string())
    )


def _select(
    source: Source,
    layout: Layout,
    identity: str,
    day: date,
    key: tuple[str, ...],
    collected: bool,
) -> str:
    columns: dict[str, str] = {}
    for column, stored in zip(layout.header, layout.stored, strict=True):
        columns.setdefault(column, render.name(stored))
    picked = []
    for column in NORMALISED:
        if column in DERIVED:
            continue
        expr = source.normalised.get(column)
        kind = {"time": "TIMESTAMPTZ", "rows": "BIGINT", "bytes": "BIGINT"}.get(column, "VARCHAR")
        value = f"NULL::{kind}" if expr is None else render.sql(expr, columns)
        picked.append(f"({value})::{kind} AS {render.name(column)}")
    fallback = f"DATE '{day.isoformat()}'"
    place = fallback if collected else f'coalesce("time"::DATE, {fallback})'
    inner = f"SELECT {', '.join(picked)}, {_digest(layout, identity, key)} AS digest FROM batch"
    return f"SELECT *, hash(digest) AS hash, {place} AS day FROM ({inner})"


def _digest(layout: Layout, identity: str, key: tuple[str, ...]) -> str:
    """What makes a row itself. One id is its own digest; anything else is hashed together with
    the table's secret and the source, so that nobody outside can aim at a given identity."""
    if key == ("Id",):
        return render.name(stored_name("Id"))
    names = [stored_name(k) for k in key if stored_name(k) in layout.stored] or layout.stored
    values = ", ".join(f"coalesce({render.name(n)}, '')" for n in names)
    parts = f"{render.text(identity)}, {render.text(layout.source)}, {values}"
    return f"md5(concat_ws({SEPARATOR}, {parts}))"


def session(*, memory: str = "256MB", threads: int = 1) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection in memory for shaping: one thread, UTC, our macros, no files."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": threads,
            "memory_limit": memory,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    for macro in render.MACROS:
        connection.execute(macro)
    return connection
