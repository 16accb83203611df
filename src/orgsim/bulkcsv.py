"""Rows as the CSV of Bulk API 2.0, written by the column: every value quoted, null is empty.

Times end in Z, booleans are true and false, doubles keep their `.0`.
"""

from __future__ import annotations

import base64
import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from operator import itemgetter
from pathlib import Path
from typing import Any

from orgsim.soql import dates, tree
from orgsim.soql.run import Result
from orgsim.soql.scope import Get, There
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
    to_parent: Callable[[Row], There | None] | None = None  # see `scope.Column`
    at_parent: Callable[[There | None], Any] | None = None


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
        made.append(
            CsvColumn(
                ".".join(names), column.type, column.get, own, column.to_parent, column.at_parent
            )
        )
    return made


BOOLEANS = {True: "true", False: "false", None: ""}.__getitem__


HOUR = 3_600_000
SECONDS = [f"{second // 60:02d}:{second % 60:02d}.000Z" for second in range(3600)]


def _times(values: Sequence[Any]) -> list[str]:
    hours: dict[int, str] = {}  # history repeats its hours
    made = []
    for value in values:
        if value is None:
            made.append("")
            continue
        hour, rest = divmod(value, HOUR)
        if rest % 1000:
            made.append(dates.text(value, "Z"))
            continue
        spelled = hours.get(hour)
        if spelled is None:
            spelled = hours[hour] = dates.text(hour * HOUR, "Z")[:14]
        made.append(spelled + SECONDS[rest // 1000])
    return made


def _words(values: Sequence[Any]) -> Sequence[str]:
    """Texts as they are: their quotes are doubled by `_block`."""
    return ["" if v is None else v for v in values] if None in values else values


SPELLED: dict[str, Callable[[Sequence[Any]], Sequence[str]]] = {
    "datetime": _times,
    "boolean": lambda values: list(map(BOOLEANS, values)),
    "double": lambda values: ["" if v is None else str(float(v)) for v in values],
    "int": lambda values: ["" if v is None else str(v) for v in values],
}
SPELLED["currency"] = SPELLED["percent"] = SPELLED["double"]


def write(
    path: Path,
    rows: list[Row],
    columns: list[CsvColumn],
    delimiter: str,
    line_ending: str,
    written: Callable[[int], None],
) -> None:
    """Write the file. `written` is told the byte offset of every PAGE-th row (the first is the
    header's end), and the file's size at the end."""
    separator, ending = DELIMITERS[delimiter], LINE_ENDINGS[line_ending]
    names = [c.name for c in columns]
    with path.open("wb", buffering=0) as out:
        head = StringIO()
        csv.writer(
            head, delimiter=separator, lineterminator=ending, quoting=csv.QUOTE_ALL
        ).writerow(names)
        out.write(head.getvalue().encode())
        written(out.tell())
        for start in range(0, len(rows), PAGE):
            out.write(_block(_texts(rows[start : start + PAGE], columns), separator, ending))
            written(out.tell())


def _texts(block: list[Row], columns: list[CsvColumn]) -> list[Sequence[str]]:
    """The texts of each column, quotes not doubled."""
    across = list(zip(*block, strict=True))
    parents: dict[object, list[There | None]] = {}
    texts = []
    for c in columns:
        values: Sequence[Any]
        if c.own is not None:
            values = across[c.own]
        elif c.to_parent is not None and c.at_parent is not None:
            if c.to_parent not in parents:  # found once for all fields of that parent
                parents[c.to_parent] = list(map(c.to_parent, block))
            values = list(map(c.at_parent, parents[c.to_parent]))
        else:
            values = list(map(c.get, block))
        texts.append(SPELLED.get(c.type, _words)(values))
    return texts


def _block(texts: list[Sequence[str]], separator: str, ending: str) -> bytes:
    """Rows of these columns. Values rarely hold quotes, so that is seen from their number."""
    between = f'"{separator}"'.join
    joint = f'"{ending}"'.join
    try:
        made = f'"{joint(map(between, zip(*texts, strict=True)))}"{ending}'
        if made.count('"') == 2 * len(texts) * len(texts[0]):
            return made.encode()
    except TypeError:
        pass  # a value that is no text, where the type says text
    doubled = [[str(v).replace('"', '""') for v in column] for column in texts]
    made = f'"{joint(map(between, zip(*doubled, strict=True)))}"{ending}'
    return made.encode()


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
