"""Parts: what is written beside the landing, and when a part is full."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from orgwarden.lake.parts import GROUP_ROWS, Parts

DAY = date(2026, 3, 18)
NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)


def rows(first: int, count: int) -> pa.Table:
    return pa.table(
        {
            "time": pa.array([NOON + timedelta(seconds=first)] * count, pa.timestamp("us", "UTC")),
            "event_uid": [str(n) for n in range(first, first + count)],
        }
    )


def test_a_part_with_many_groups_is_followed_by_another(tmp_path: Path) -> None:
    parts = Parts(tmp_path, most_groups=2)
    firsts = [parts.add(DAY, "api", "l", rows(n * GROUP_ROWS, GROUP_ROWS)) for n in range(4)]
    firsts.append(parts.add(DAY, "api", "l", rows(4 * GROUP_ROWS, 7)))
    made = parts.close()
    assert firsts == [True, False, True, False, True]
    assert [p.rows for p in made] == [2 * GROUP_ROWS, 2 * GROUP_ROWS, 7]
    last = NOON + timedelta(seconds=4 * GROUP_ROWS)
    assert (made[2].time_min, made[2].time_max) == (last, last)
    read = [pq.read_table(tmp_path / p.path, partitioning=None) for p in made]
    uids = pa.concat_tables(read).column("event_uid").to_pylist()
    assert uids == [str(n) for n in range(4 * GROUP_ROWS + 7)]


def test_parts_given_up_leave_no_file(tmp_path: Path) -> None:
    parts = Parts(tmp_path, most_groups=1)
    for n in range(3):
        parts.add(DAY, "api", "l", rows(n * GROUP_ROWS, GROUP_ROWS))
    parts.abandon()
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]
