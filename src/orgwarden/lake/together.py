"""Many small log files of one type and day, landed in one go.

An hour's file of a quiet type holds a few rows, and a day has twenty-four: what a file costs would
be more than what its rows cost. Here the rows of all files are shaped as one table, and one query
finds each row's ordinal in its own file, its identity, and whether it is new. The result is the
same as landing the files one after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orgwarden.lake import wire
from orgwarden.lake.landing import Counts, Landing
from orgwarden.lake.layouts import Layout

# Identity and first occurrence of every row: k is counted within a file, and of several files
# that hold the same identity the first keeps it.
_NEW = """
    SELECT place, uid FROM (
        SELECT place, CASE k WHEN 0 THEN digest ELSE digest || '-' || k END AS uid
        FROM (
            SELECT place, digest,
                   row_number() OVER (PARTITION BY file, digest ORDER BY place) - 1 AS k
            FROM gathered
        )
        QUALIFY row_number() OVER (PARTITION BY uid ORDER BY place) = 1
    ) ANTI JOIN known USING (uid)
    ORDER BY place
"""


@dataclass(frozen=True)
class SmallFile:
    """A downloaded log file. `day` is where rows without a readable time belong."""

    path: Path
    from_file: str
    day: date


def land_together(landing: Landing, title: str, files: Sequence[SmallFile]) -> list[Counts]:
    """Land the files of one event type; counts in the order of the files. Raises what
    `wire.csv_batches` raises; the landing is then good for nothing but `abandon`."""
    counts = [Counts() for _ in files]  # of placed rows; the landing counts the others itself
    grouped: dict[Layout, list[int]] = {}
    for number, file in enumerate(files):
        header, rest = wire.read_header(file.path)
        if header and rest:
            layout = Layout(landing.source.id, title, header)
            grouped.setdefault(layout, []).append(number)
    for layout, numbers in grouped.items():
        _land(landing, layout, files, numbers, counts)
    for count in counts:
        landing.counts += count
    return counts


def _land(
    landing: Landing,
    layout: Layout,
    files: Sequence[SmallFile],
    numbers: Sequence[int],
    counts: list[Counts],
) -> None:
    tables, owners = [], []
    for number in numbers:
        bad: list[str] = []
        rows = 0
        for batch in wire.csv_batches(files[number].path, layout, bad.append, block=landing.block):
            tables.append(batch)
            rows += batch.num_rows
        owners.append(np.full(rows, number, np.int32))
        counts[number].read += rows
        if bad:
            landing.quarantine(layout, bad, files[number].day, files[number].from_file)
    if not tables:
        return
    owner = np.concatenate(owners)
    gathered = pa.concat_tables(tables)
    shaper = landing.shaper(layout, files[numbers[0]].day)
    shaped = shaper.shape(gathered)
    place, uid = _new_rows(landing, shaped.digest, owner, shaped.day)
    kept = owner[place]
    rows_kept = shaped.rows.take(place)
    names = pa.array([files[n].from_file for n in range(len(files))])
    rows_kept = rows_kept.append_column("event_uid", uid)
    rows_kept = rows_kept.append_column(
        "arrived_seq", pa.array(np.full(len(place), landing.seq, np.int64))
    )
    rows_kept = rows_kept.append_column(
        "from_file", pa.DictionaryArray.from_arrays(pa.array(kept), names)
    )
    days = shaped.day.take(place)
    for day in pc.unique(days).to_pylist():
        landing.write(day, layout, rows_kept.filter(pc.equal(days, pa.scalar(day))))
    for number, stored in zip(*np.unique(kept, return_counts=True), strict=True):
        counts[int(number)].stored += int(stored)
    for number in numbers:
        counts[number].duplicate = counts[number].read - counts[number].stored


def _new_rows(
    landing: Landing,
    digest: pa.ChunkedArray,
    owner: np.ndarray[tuple[int], np.dtype[np.int32]],
    days: pa.ChunkedArray,
) -> tuple[pa.Array, pa.ChunkedArray]:
    """Positions of the rows that are new, in order, and their identities."""
    landing.know(pc.unique(days).to_pylist())
    connection = landing.connection
    rows = {"place": pa.array(np.arange(len(owner))), "file": pa.array(owner), "digest": digest}
    connection.register("gathered", pa.table(rows))
    found = connection.sql(_NEW).to_arrow_table()
    connection.unregister("gathered")
    landing.learn([found.column("uid")])
    return found.column("place").combine_chunks(), found.column("uid")
