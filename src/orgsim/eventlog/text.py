"""Reading and writing log file text: what Salesforce quotes and how, and what a row is known by.

Every field is quoted, `"` is doubled, lines end in a line feed; a field may hold line feeds.
An EscapedString is wrapped once more, so that quotes stand in its value.
"""

from __future__ import annotations

import csv
import hashlib
import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from orgsim.world.rows import DAY, HOUR

csv.field_size_limit(sys.maxsize)
SEPARATOR = "\x1f"


def header_line(names: Sequence[str]) -> bytes:
    return ('"' + '","'.join(names) + '"\n').encode()


def escaped(value: str) -> str:
    """An EscapedString as it stands between the quotes of its field."""
    return '""' + value.replace('"', '""""') + '""'


def read_rows(body: Path | bytes) -> Iterator[list[str]]:
    """The records of a body, header first, read as they are asked for."""
    if isinstance(body, bytes):
        yield from csv.reader(io.StringIO(body.decode("utf-8", "replace"), newline=""))
        return
    with body.open(encoding="utf-8", errors="replace", newline="") as text:
        yield from csv.reader(text)


def row_hash(values: Sequence[str]) -> str:
    """The name of a row in the ledger."""
    return hashlib.sha256(SEPARATOR.join(values).encode()).hexdigest()


def days_from_civil(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01."""
    year -= month <= 2
    era, yoe = divmod(year, 400)
    doy = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146_097 + yoe * 365 + yoe // 4 - yoe // 100 + doy - 719_468


def read_time(text: str) -> int | None:
    """Epoch milliseconds of `20201016100000.049` (precision varies) or of an ISO 8601 time in UTC;
    None if it is neither."""
    digits = "".join(ch for ch in text.rstrip("Z") if ch.isdigit() or ch == ".")
    whole, _, fraction = digits.partition(".")
    if len(whole) != 14 or not whole.isdecimal():
        return None
    year, month, day = int(whole[:4]), int(whole[4:6]), int(whole[6:8])
    hour, minute, second = int(whole[8:10]), int(whole[10:12]), int(whole[12:14])
    milliseconds = int((fraction + "000")[:3])
    return (
        days_from_civil(year, month, day) * DAY
        + hour * HOUR
        + minute * 60_000
        + second * 1000
        + milliseconds
    )


def civil(at: int) -> tuple[str, str, str, str, str, str, str]:
    """Year, month, day, hour, minute, second and millisecond of a time, as padded text."""
    days, rest = divmod(at, DAY)
    days += 719_468  # Howard Hinnant's civil-from-days
    era, doe = divmod(days, 146_097)
    yoe = (doe - doe // 1460 + doe // 36_524 - doe // 146_096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    month = (5 * doy + 2) // 153
    day = doy - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    year = yoe + era * 400 + (month <= 2)
    seconds, ms = divmod(rest, 1000)
    return (
        f"{year:04d}",
        f"{month:02d}",
        f"{day:02d}",
        f"{seconds // 3600:02d}",
        f"{seconds // 60 % 60:02d}",
        f"{seconds % 60:02d}",
        f"{ms:03d}",
    )


def iso(at: int) -> str:
    """`2026-11-21T22:48:03.000Z`."""
    year, month, day, hour, minute, second, ms = civil(at)
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}.{ms}Z"


def event_time(names: Sequence[str], values: Sequence[str]) -> int | None:
    """When a row's event was: TIMESTAMP_DERIVED, else TIMESTAMP."""
    for name in ("TIMESTAMP_DERIVED", "TIMESTAMP"):
        if name in names:
            at = names.index(name)
            found = read_time(values[at]) if at < len(values) else None
            if found is not None:
                return found
    return None
