"""Units and batches of log files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orgwarden.flows import units
from orgwarden.flows.units import LogFile, batches, units_of

DAY = datetime(2026, 3, 18, tzinfo=UTC)


def file(n: int, *, kind: str = "API", day: int = 0, megabytes: int = 1) -> LogFile:
    at = DAY - timedelta(days=day)
    return LogFile(f"0AT{n:015}", kind, at, at, megabytes << 20, "Hourly", n)


def test_the_newest_day_comes_first_and_a_unit_is_one_type_of_one_day() -> None:
    made = units_of([file(1, day=1), file(2), file(3, kind="Login"), file(4)])
    assert [(u.event_type, [f.sequence for f in u.files]) for u in made] == [
        ("Login", [3]),
        ("API", [2, 4]),
        ("API", [1]),
    ]


def test_the_first_batch_is_small_so_that_landing_begins_soon() -> None:
    made = units_of([file(n, day=n, megabytes=20) for n in range(30)])
    sizes = [sum(u.length for u in batch) for batch in batches(made)]
    assert sum(sizes) == 600 << 20
    assert sizes[0] <= units.FIRST_BYTES
    assert max(sizes) <= units.BATCH_BYTES
    assert sum(size > units.BATCH_BYTES // 2 for size in sizes) >= 3


@pytest.mark.fault("D18")
def test_big_files_come_after_all_others_each_by_itself() -> None:
    small = [file(n, kind=f"Type{n:03}") for n in range(500)]
    made = list(batches(units_of([file(900, megabytes=3_000), file(901, megabytes=300), *small])))
    *before, last = made
    assert sum(len(u.files) for batch in before for u in batch) == 500
    assert [f.sequence for u in last for f in u.files] == [900, 901]
    assert not any(units.is_big(f) for batch in before for u in batch for f in u.files)


def test_a_unit_larger_than_a_batch_is_a_batch() -> None:
    made = units_of([file(1, megabytes=1_000), file(2, day=1)])
    assert [len(batch) for batch in batches(made)] == [1, 1]
