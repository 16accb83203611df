"""Columns that Salesforce does not give: when a record was read, and its Id where it has none."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from orgwarden.core.source import Source
from orgwarden.lake.layouts import stored_name


def with_own(
    connection: duckdb.DuckDBPyConnection, rows: pa.Table, source: Source, at: datetime
) -> pa.Table:
    """`rows` with the source's own columns at the end, read `at`. The Id of a record without one is
    what tells it apart, and from the second of several equal ones on a number: the order among
    them is that of the quiet fields, the latest first, which keeps it steady."""
    if source.identity:
        parts = ", ".join(f"coalesce({stored_name(name)}, '')" for name in source.identity)
        quiet = [f"{stored_name(n)} DESC NULLS LAST" for n in source.quiet if n in source.asked]
        order = f" ORDER BY {', '.join(quiet)}" if quiet else ""
        connection.register("unnamed", rows)
        rows = connection.sql(
            f"SELECT * EXCLUDE (id_, n_), id_ || CASE WHEN n_ > 1 THEN '#' || n_ ELSE '' END"
            f" AS {stored_name('Id')} FROM (SELECT *, row_number() OVER (PARTITION BY id_{order})"
            f" AS n_ FROM (SELECT *, concat_ws('|', {parts}) AS id_ FROM unnamed))"
        ).to_arrow_table()
        connection.unregister("unnamed")
    text = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    for field in source.fields:
        if field.ours and field.time:
            read_at = pa.array([text] * rows.num_rows, pa.string())
            rows = rows.append_column(stored_name(field.name), read_at)
    return rows
