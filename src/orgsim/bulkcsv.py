"""Rows as the CSV of Bulk API 2.0, written by the column: every value quoted, null is empty.

Times end in Z, booleans are true and false, doubles keep their `.0`.
"""

from __future__ import annotations

import base64
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from orgsim.soql import tree
from orgsim.soql.run import Result
from orgsim.soql.scope import Get
from orgsim.store import Row
from orgsim.wire import ApiError

PAGE = 4096  # rows between two noted offsets
DELIMITERS = {
    "COMMA": ",",
    "BACKQUOTE": "`",
    "CARET": "^",
    "PIPE": "|",
    "SEMICOLON": ";",
    "TAB": "\t",
}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}


@dataclass(frozen=True, slots=True)
class CsvColumn:
    name: str
    type: str
    get: Get
    own: int | None  # position in the row, when it is the object's own field


def columns(result: Result) -> list[CsvColumn]:
    """The columns a query asks for; what Bulk cannot render is refused."""
    made: list[CsvColumn] = []
    scope = result.scope
    for item in result.query.items:
        if not isinstance(item, tree.Item):
            continue
        what = item.what
        if isinstance(what, tree.Call):
            if what.name.upper() != "FIELDS":
                raise ApiError(400, "API_ERROR", f"{what.name} is not supported in Bulk Query")
            for f in result.type.fields:
                if f.type not in ("base64", "address", "location"):
                    at = result.type.position[f.name]
                    made.append(CsvColumn(f.name, f.type, itemgetter(at), at))
            continue
        column = scope.column(what)
        if column.type in ("address", "location"):
            raise ApiError(400, "API_ERROR", "Selecting compound data not supported in Bulk Query")
        if column.type == "base64":
            raise ApiError(400, "API_ERROR", "Binary fields cannot be selected in bulk queries")
        names = [*scope.bare(what)[:-1], column.name]
        own = result.type.position[column.own] if column.own else None
        made.append(CsvColumn(".".join(names), column.type, column.get, own))
    return made


def _texts(type: str, values: Sequence[Any]) -> pa.Array:
    """A column of values as text; null becomes the empty text."""
    if type == "datetime":
        spelled = pc.cast(pa.array(values, pa.int64()).cast(pa.timestamp("ms")), pa.string())
        spelled = pc.utf8_replace_slice(spelled, start=10, stop=11, replacement="T")
        spelled = pc.binary_join_element_wise(spelled, "Z", "")
    elif type == "boolean":
        spelled = pa.array(values, pa.bool_()).cast(pa.string())
    elif type in ("double", "currency", "percent"):
        spelled = pa.array([None if v is None else str(float(v)) for v in values], pa.string())
    elif type == "int":
        spelled = pa.array(values, pa.int64()).cast(pa.string())
    else:
        try:
            spelled = pa.array(values, pa.string())
        except pa.ArrowTypeError:  # a value that is no text, where the type says text
            spelled = pa.array([None if v is None else str(v) for v in values], pa.string())
    return pc.fill_null(spelled, "")


def write(
    path: Path, rows: list[Row], columns: list[CsvColumn], delimiter: str, line_ending: str
) -> list[int]:
    """Write the file; answers the byte offset of every PAGE-th row (the first is the header's
    end)."""
    separator, ending = DELIMITERS[delimiter], LINE_ENDINGS[line_ending]
    names = [c.name for c in columns]
    offsets: list[int] = []
    with path.open("wb") as out:
        head = StringIO()
        csv.writer(
            head, delimiter=separator, lineterminator=ending, quoting=csv.QUOTE_ALL
        ).writerow(names)
        out.write(head.getvalue().encode())
        offsets.append(out.tell())
        for start in range(0, len(rows), PAGE):
            block = rows[start : start + PAGE]
            across = list(zip(*block, strict=True))
            arrays = [
                _texts(c.type, list(map(c.get, block)) if c.own is None else across[c.own])
                for c in columns
            ]
            out.write(_block(arrays, names, separator, ending))
            offsets.append(out.tell())
    return offsets


def _block(arrays: list[pa.Array], names: list[str], separator: str, ending: str) -> bytes:
    if ending == "\n":
        sink = BytesIO()
        options = pacsv.WriteOptions(
            include_header=False, delimiter=separator, quoting_style="all_valid"
        )
        # Column names may repeat in no table; positions are as good for a file without header.
        table = pa.table(arrays, names=[str(i) for i in range(len(names))])
        pacsv.write_csv(table, sink, options)
        return sink.getvalue()
    text = StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=ending, quoting=csv.QUOTE_ALL)
    writer.writerows(zip(*(a.to_pylist() for a in arrays), strict=True))
    return text.getvalue().encode()


def offset_of(path: Path, offsets: list[int], row: int) -> int:
    """Where in the file this row starts."""
    page, rest = divmod(row, PAGE)
    at = offsets[min(page, len(offsets) - 1)]
    if not rest:
        return at
    with path.open("rb") as source:
        source.seek(at)
        block = source.read(offsets[page + 1] - at)  # a row inside a page is never its end
    return at + _end_of(block, rest)


def _end_of(block: bytes, rows: int) -> int:
    """Bytes that the first `rows` rows of a block take; line breaks in quotes do not count."""
    here = 0
    for _ in range(rows):
        end = block.index(b"\n", here) + 1
        quotes = block.count(b'"', here, end)
        while quotes % 2:
            further = block.index(b"\n", end) + 1
            quotes += block.count(b'"', end, further)
            end = further
        here = end
    return here


def locator(row: int) -> str:
    """The opaque text a page's successor is asked by."""
    return base64.urlsafe_b64encode(f"row{row}".encode()).decode().rstrip("=")


def row_at(text: str) -> int | None:
    """The row a locator stands for, None if it is none of ours."""
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        return None
    return int(plain[3:]) if plain.startswith("row") and plain[3:].isdigit() else None
