"""From the wire to columns: CSV files and JSON pages as Arrow tables of text.

Every value stays as it came after CSV or JSON decoding; empty becomes null. A CSV row with the
wrong number of fields is not guessed at: it is handed to `bad` with its raw text.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv

from orgwarden.core.problems import Problem
from orgwarden.lake import render
from orgwarden.lake.layouts import Layout
from orgwarden.lake.plans import plans_of

# Bytes parsed at a time, on the thread that asks: what is made of them keeps the others busy. Arrow
# reads up to 32 blocks ahead, in memory: of a large file 48 MB at 1 MiB a block, 28 at half of that
# for the same processor time, 19 at a quarter for a third more. A row longer than a block is not
# read; who uses LEAN_BLOCK starts again.
BLOCK = 1 << 20
LEAN_BLOCK = BLOCK // 2
# Bytes of a batch: planning a query over a smaller one costs more than running it (7.0 µs a row of
# 46 columns at 1 MiB, 5.4 at 4).
BATCH = 4 << 20
LARGEST_BLOCK = 512 << 20  # no single row is longer
HEADER_LIMIT = 1 << 20
MOST_COLUMNS = 2_000  # each becomes a column of the org's table for good


class NotUtf8(Problem):
    """The file holds bytes that are not UTF-8."""


class RowTooLong(Problem):
    """A row is longer than a block."""


def larger(block: int) -> int:
    """The block to read a file with whose row is longer than `block`. Raises RowTooLong after the
    largest; Arrow takes no block of 2 GiB."""
    if block >= LARGEST_BLOCK:
        raise RowTooLong(f"A row is longer than {LARGEST_BLOCK >> 20} MiB.")
    return min(block * 8, LARGEST_BLOCK)


def read_header(path: Path) -> tuple[tuple[str, ...], int]:
    """The header's columns and the number of bytes of everything after it. An empty file has no
    columns. A byte order mark is passed over."""
    with path.open("rb") as file:
        head = file.readline(HEADER_LIMIT)
        size = file.seek(0, io.SEEK_END)
    if not head.strip():
        return (), 0
    text = head.removeprefix(codecs.BOM_UTF8).decode("utf-8", "backslashreplace")
    columns = next(csv.reader([text]))
    if len(columns) > MOST_COLUMNS:
        raise Problem(
            f"A log file names {len(columns):,} columns; no type has more than a hundred.",
            fix="Please report it; the file is asked for again.",
            code="TOO_MANY_COLUMNS",
        )
    return tuple(columns), size - len(head)


def csv_batches(
    path: Path,
    layout: Layout,
    bad: Callable[[str], None],
    *,
    block: int = BLOCK,
    size: int = BATCH,
    time_fields: Sequence[str] = (),
) -> Iterator[pa.Table]:
    """The rows of a CSV file in batches of about `size` bytes, columns named as stored.

    Raises NotUtf8 or RowTooLong, after which the caller starts the file again (`to_utf8`, a larger
    block). `time_fields` are columns whose Bulk form (`…Z`) is brought to the REST form (`+0000`).
    """

    def on_bad(row: pv.InvalidRow) -> str:
        bad(row.text if row.text is not None else f"row {row.number}: {row.actual_columns} fields")
        return "skip"

    stored = list(layout.stored)
    try:
        reader = pv.open_csv(
            path,
            read_options=pv.ReadOptions(
                block_size=block, column_names=stored, skip_rows=1, use_threads=False
            ),
            parse_options=pv.ParseOptions(newlines_in_values=True, invalid_row_handler=on_bad),
            convert_options=pv.ConvertOptions(
                column_types={n: pa.string() for n in stored},
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=[""],
                check_utf8=True,
            ),
        )
        gathered: list[pa.RecordBatch] = []
        held = 0
        for batch in reader:
            if batch.num_rows:
                gathered.append(batch)
                held += batch.get_total_buffer_size()  # a 25th of the time of `nbytes`
            if held >= size:
                yield _rest_times(pa.Table.from_batches(gathered), time_fields)
                gathered, held = [], 0
        if gathered:
            yield _rest_times(pa.Table.from_batches(gathered), time_fields)
    except pa.ArrowInvalid as error:
        message = str(error)
        if "UTF8" in message or "UTF-8" in message:
            raise NotUtf8("The file is not UTF-8.") from None
        if "straddl" in message or "block size" in message:
            raise RowTooLong("A row is longer than a block.") from None
        raise Problem(f"The CSV could not be read: {message.splitlines()[0][:200]}") from None


def _rest_times(table: pa.Table, time_fields: Sequence[str]) -> pa.Table:
    for name in time_fields:
        if name in table.column_names:
            at = table.column_names.index(name)
            column = pc.replace_substring_regex(table.column(name), r"Z$", "+0000")
            table = table.set_column(at, name, column)
    return table


def to_utf8(path: Path, target: Path) -> None:
    """Copy `path` with every byte that is not UTF-8 spelled out as `\\xNN`: evidence is kept,
    nothing is dropped. Works in pieces, across their edges."""
    decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
    with path.open("rb") as source, target.open("w", encoding="utf-8", newline="") as out:
        while piece := source.read(1 << 20):
            out.write(decoder.decode(piece))
        out.write(decoder.decode(b"", final=True))


def json_rows(
    connection: duckdb.DuckDBPyConnection, pages: Sequence[bytes], layout: Layout
) -> pa.Table:
    """The records of query pages (`{"records": […]}`) as one table, columns named as stored.

    A name with a dot is a field of a parent record. Numbers and booleans become their plain JSON
    text (1.50 is 1.5).
    """
    shape: dict[str, Any] = {}
    picked = []
    for column, stored in zip(layout.header, layout.stored, strict=True):
        at = shape
        *parents, leaf = column.split(".")
        for parent in parents:
            at = at.setdefault(parent, {})
        at[leaf] = "VARCHAR"
        path = ".".join(render.name(p) for p in ("r", *parents, leaf))
        picked.append(f"nullif({path}, '') AS {render.name(stored)}")
    structure = render.text(json.dumps([shape]))
    bodies = pa.table({"body": pa.array([p.decode() for p in pages], pa.string())})
    return plans_of(connection).run(
        f"SELECT {', '.join(picked)} FROM (SELECT unnest(from_json("
        f"json_extract(body, '$.records'), {structure})) AS r FROM",
        bodies,
        ")",
    )
