"""What a page counts of a closed day's file, counted once and kept beside the table.

Rules of this file:
- A data file never changes, so its counts never do. They lie in `_counted`, below the org's table:
  whatever removes the table removes them, no commit names them, and anybody may delete them.
- They are believed only if they are whole (their SHA-256 comes first), are of this file, and agree
  with the rows that the table's log says it has. Otherwise the file is scanned.
- They hold people and addresses, so they go when their file does.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import sample
from typing import Any

import duckdb
import pyarrow as pa

from orgwarden.core.problems import Problem
from orgwarden.lake import render
from orgwarden.lake.place import Place
from orgwarden.lake.shaping import session
from orgwarden.lake.table import LakeFile, OrgLake

FOLDER = "_counted"  # Delta readers pass over folders that begin with an underscore
FORMAT = 1  # in each name: counts of another format are not there, and go at the next upkeep
LEAST = 10_000  # rows of a file: fewer are scanned sooner than their counts are read
LOOKED = 4  # counts that one piece of upkeep proves to be sound
ROWS_A_RUN = 2_000_000  # counted by one piece of upkeep, about a second of one processor
MOST_GROUPS = 200_000  # of a file's counts; a page holds those of many files at once
STEP = 900  # seconds: bars of so much or a multiple of it are told by the counts
ACTOR_ID = "actor_id"
BAR, FACETS = 0, ("", "actor", "ip", "country", "app", ACTOR_ID)
QUARANTINE = "quarantine"
_DIGEST = hashlib.sha256().digest_size
_COMPRESSED = pa.ipc.IpcWriteOptions(compression="lz4")
_MARK = b"orgwarden"
_SCHEMA = pa.schema(
    [
        ("facet", pa.int8()),
        ("value", pa.string()),
        ("outcome", pa.string()),
        ("start", pa.int64()),
        ("events", pa.int64()),
    ]
)
_READING = 16  # files of an object store at once
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Counts:
    """Of one file. `first` and `last` are the times of its events, None where none has a time.

    `table` has the columns facet (a place in FACETS), value, outcome, start, events: for BAR the
    events by `start` (seconds since 1970, a multiple of STEP) and outcome; for a column those by
    value and outcome; for ACTOR_ID those by value. Empty values are null, events without a time not
    counted. None where a file has about as many values as rows, or more than MOST_GROUPS: then it
    is scanned.
    """

    rows: int
    first: datetime | None
    last: datetime | None
    table: pa.Table | None


class _Disagree(Exception):
    """A file that is not as the log says, or counts that are not the file's."""


# What counts raise that are damaged, or were written by nobody we know.
_UNSOUND = (_Disagree, ArithmeticError, LookupError, TypeError, ValueError, pa.ArrowException)


def keep(lake: OrgLake, *, today: date, rows: int | None = ROWS_A_RUN, least: int = LEAST) -> int:
    """Count files of closed days with `least` rows that have no counts yet, the latest days first,
    about `rows` rows of them, and forget the counts of files that are gone and those that are not
    sound: LOOKED of them are looked at, all where `rows` is None. Returns how many files were
    counted. Counts that could not be kept are done without: a line of the log says so."""
    files = {
        _name(lake.place, f): f
        for f in lake.files()
        if f.rows >= least and f.date < today and f.source != QUARANTINE
    }
    there = {lake.place.relative(f.path) for f in lake.place.files(FOLDER)}
    for name in there - files.keys():
        lake.place.remove(name)
    there &= files.keys()
    looked = sorted(there) if rows is None else sample(sorted(there), min(LOOKED, len(there)))
    for name in looked:
        if not _sound(lake.place, files[name]):
            lake.place.remove(name)
            there.remove(name)
    made = seen = 0
    for name in sorted(files.keys() - there, key=lambda n: files[n].date, reverse=True):
        if rows is not None and seen >= rows:
            break
        file = files[name]
        try:
            lake.place.write(name, _written(lake.place, file, _count(lake.place, file)))
            made += 1
            seen += file.rows  # one that cannot be counted takes no other's turn
        except (Problem, OSError, duckdb.Error, _Disagree) as error:
            log.warning("%s: the counts of %s are not kept: %s", lake.place, file.path, error)
    return made


def forget(lake: OrgLake) -> None:
    """Remove the counts of files that the newest commit does not name."""
    named = {_name(lake.place, f) for f in lake.files()}
    for file in lake.place.files(FOLDER):
        if (name := lake.place.relative(file.path)) not in named:
            lake.place.remove(name)


def read(
    place: Place,
    files: Sequence[LakeFile],
    needed: Callable[[datetime | None, datetime | None], bool] = lambda first, last: True,
) -> dict[str, Counts]:
    """The counts that are there and can be believed, by the path of their file. Whether the table
    is `needed` of a file with a first and last event is asked before it is taken into memory."""
    try:
        there = {place.relative(f.path) for f in place.files(FOLDER)}
    except (Problem, OSError) as error:
        log.warning("%s: counts are not used: %s", place, error)
        return {}
    wanted = [f for f in files if _name(place, f) in there] if there else []
    if place.is_remote and wanted:
        with ThreadPoolExecutor(_READING, "counts") as threads:
            found = list(threads.map(partial(_read, needed, place), wanted))
    else:
        found = [_read(needed, place, f) for f in wanted]
    return {f.path: c for f, c in zip(wanted, found, strict=True) if c is not None}


def _sound(place: Place, file: LakeFile) -> bool:
    try:
        _believed(place, file)
    except (Problem, OSError) as error:
        log.warning("%s: the counts of %s cannot be read: %s", place, file.path, error)
    except _UNSOUND as error:
        log.warning("%s: the counts of %s are made again: %s", place, file.path, error)
        return False
    return True


def _name(place: Place, file: LakeFile) -> str:
    digest = hashlib.sha256(place.relative(file.path).encode()).hexdigest()
    return f"{FOLDER}/{FORMAT}-{digest[:32]}"


def _count(place: Place, file: LakeFile) -> Counts:
    with session() as connection:
        place.lend(connection)
        connection.execute(
            "CREATE TEMP VIEW held AS SELECT * FROM"
            f" read_parquet({render.text(file.path)}, hive_partitioning = false)"
        )
        [[rows, timed, first, last]] = connection.execute(
            "SELECT count(*), count(time), epoch_us(min(time)), epoch_us(max(time)) FROM held"
        ).fetchall()
        if rows != file.rows:
            raise _Disagree(f"it has {rows:,} rows, not {file.rows:,}")
        try:
            most = min(rows // 2, MOST_GROUPS)
            table = connection.sql(_SQL).limit(most + 1).to_arrow_table()
            if table.num_rows > most:
                table = None
        except duckdb.OutOfMemoryException:
            table = None
    if table is not None:
        _agree(table, timed)
    return Counts(rows, _moment(first), _moment(last), table)


def _sql() -> str:
    empty = "''"
    grouped = FACETS[1:]
    values = ", ".join(f"nullif({c}::VARCHAR, {empty}) AS {c}" for c in ("outcome", *grouped))
    # grouping() has a bit set for each column that is not grouped, the first column highest.
    every = (1 << len(grouped)) - 1
    bits = [every, *(every ^ (1 << n) for n in reversed(range(len(grouped))))]
    facet = " ".join(f"WHEN {bit} THEN {at}" for at, bit in enumerate(bits))
    names = ", ".join(grouped)
    sets = ", ".join(f"({c}, outcome)" for c in grouped if c != ACTOR_ID)
    return (
        f"WITH seen AS (SELECT CAST(floor(epoch(time) / {STEP}) AS BIGINT) * {STEP} AS start,"
        f" {values} FROM held WHERE time IS NOT NULL)"
        f" SELECT CAST(CASE grouping({names}) {facet} END AS TINYINT) AS facet,"
        f" coalesce({names}) AS value, outcome, start, count(*) AS events FROM seen"
        f" GROUP BY GROUPING SETS ((start, outcome), {sets}, ({ACTOR_ID}))"
    )


_SQL = _sql()


def _agree(table: pa.Table, timed: int) -> None:
    """Every facet counts every event that has a time."""
    sums = table.group_by("facet").aggregate([("events", "sum")])
    wrong = [n for n in sums.column("events_sum").to_pylist() if n != timed]
    if wrong or (timed and sums.num_rows != len(FACETS)):
        raise _Disagree(f"{timed:,} events were counted as {wrong}")


def _written(place: Place, file: LakeFile, counts: Counts) -> bytes:
    told = {
        "file": place.relative(file.path),
        "rows": counts.rows,
        "first": _micros(counts.first),
        "last": _micros(counts.last),
        "counted": counts.table is not None,
    }
    table = counts.table if counts.table is not None else pa.table({"facet": pa.array([])})
    table = table.replace_schema_metadata({_MARK: json.dumps(told).encode()}).combine_chunks()
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema, options=_COMPRESSED) as stream:
        stream.write_table(table)
    body = out.getvalue()
    return hashlib.sha256(body).digest() + body


def _read(
    needed: Callable[[datetime | None, datetime | None], bool], place: Place, file: LakeFile
) -> Counts | None:
    try:
        return _believed(place, file, needed)
    except FileNotFoundError:
        return None
    except (*_UNSOUND, Problem, OSError) as error:  # the file itself answers
        log.warning("%s: the counts of %s are not used: %s", place, file.path, error)
        return None


def _believed(
    place: Place,
    file: LakeFile,
    needed: Callable[[datetime | None, datetime | None], bool] = lambda first, last: True,
) -> Counts:
    """Raises what the place raises, and one of _UNSOUND where they are not."""
    content = place.read(_name(place, file))
    body = memoryview(content)[_DIGEST:]
    if hashlib.sha256(body).digest() != content[:_DIGEST]:
        raise _Disagree("they are damaged")
    with pa.ipc.open_stream(body) as stream:
        told: dict[str, Any] = json.loads(stream.schema.metadata[_MARK])
        if (told["file"], told["rows"]) != (place.relative(file.path), file.rows):
            raise _Disagree("they are of another file")
        counts = Counts(file.rows, _moment(told["first"]), _moment(told["last"]), None)
        if not told["counted"] or not needed(counts.first, counts.last):
            return counts
        if not stream.schema.equals(_SCHEMA):
            raise _Disagree("they have other columns")
        return replace(counts, table=stream.read_all())


def _micros(at: datetime | None) -> int | None:
    return None if at is None else (at - _EPOCH) // timedelta(microseconds=1)


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else _EPOCH + timedelta(microseconds=micros)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
