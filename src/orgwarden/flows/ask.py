"""Asking the events: a person's SQL, the list of views, rows as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, BinaryIO, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from orgwarden.catalog.sources import BY_ID, source_of
from orgwarden.core.source import NORMALISED, Kind
from orgwarden.core.spans import text_of
from orgwarden.core.spreadsheets import harmless
from orgwarden.flows.lakes import lake_root
from orgwarden.lake.reading import Reader
from orgwarden.records import audit
from orgwarden.records.models import Org


def reader(org: Org | Sequence[Org] | None) -> Reader:
    """A reader over one org, over some, or over all."""
    return Reader(lake_root(), keys(org), declared=declared())


def keys(org: Org | Sequence[Org] | None) -> list[str]:
    """The keys of one org, of some, or of all."""
    if org is None:
        return list(Org.objects.values_list("key", flat=True))
    return [org.key] if isinstance(org, Org) else [o.key for o in org]


def declared() -> dict[str, tuple[str, ...]]:
    """The columns of every source but log files, whose columns are those of their headers."""
    return {s.id: tuple(s.columns) for s in BY_ID.values() if s.kind is not Kind.LOG_FILES}


def ask(
    sql: str, org: Org | Sequence[Org] | None, *, limit: int, actor: str
) -> tuple[pa.Table, bool]:
    """The rows of a person's SQL and whether the limit cut them; the question is in the audit
    chain, whatever comes of it. Raises Refused."""
    audit.record(actor, audit.Action.EVENTS_QUERIED, _where(org), {"sql": sql[:1000]})
    with reader(org) as r:
        return r.run_for_user(sql, limit=limit)


def ask_spark(
    sql: str, org: Org | Sequence[Org] | None, *, limit: int, actor: str, master: str
) -> tuple[pa.Table, bool]:
    """As `ask`, on Apache Spark: for more history than one machine reads. `master`: as Spark names
    one. Raises Refused, also for SQL outside the portable subset, and NeedsPerson without Spark."""
    from orgwarden.lake import spark  # half a second, and an extra

    asked = {"sql": sql[:1000], "engine": "spark"}
    audit.record(actor, audit.Action.EVENTS_QUERIED, _where(org), asked)
    root = lake_root()
    with (
        spark.session(master) as session,
        spark.SparkReader(session, root, keys(org), declared=declared()) as r,
    ):
        return r.run_for_user(sql, limit=limit)


def _where(org: Org | Sequence[Org] | None) -> str:
    if org is None:
        return "all tenants"
    return org.name if isinstance(org, Org) else ", ".join(o.name for o in org)


def views(org: Org | Sequence[Org] | None) -> list[dict[str, Any]]:
    """Every view with its columns: name, meaning, stored column."""
    found = []
    with reader(org) as r:
        counts = r.row_counts()
        declared = [s.id for s in BY_ID.values() if s.kind is not Kind.LOG_FILES]
        for name in sorted({*r.sources(), *declared} - {"quarantine"}):
            source = source_of(name)
            meanings = source.columns
            columns = r.columns(name) or dict.fromkeys(meanings, "")
            found.append(
                {
                    "view": name,
                    "title": source.title,
                    "about": source.about,
                    "rows": counts.get(name, 0),
                    "columns": [
                        {"name": c, "meaning": meanings.get(c, "As Salesforce logs it.")}
                        for c in columns
                    ]
                    + [{"name": c, "meaning": m} for c, m in NORMALISED.items()],
                }
            )
    return found


def write_csv(rows: pa.Table, out: TextIO) -> None:
    """Rows as CSV; a cell that a spreadsheet would run as a formula gets a quote before it."""
    writer = csv.writer(out)
    writer.writerow([_cell(name) for name in rows.column_names])
    for batch in rows.to_batches():
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            writer.writerow([_cell(v) for v in row])


def write_parquet(rows: pa.Table, out: BinaryIO) -> None:
    """Rows as one Parquet file; `out` may be a pipe."""
    file = io.BytesIO()
    pq.write_table(rows, file)
    out.write(file.getbuffer())


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if hasattr(value, "tzinfo") and value.tzinfo is not None:
        return text_of(value)
    return harmless(value) if isinstance(value, str) else str(value)
