"""Removing old days: exactly those, counted, and never the newest version of a record."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orgwarden.core.ledger import Ledger
from orgwarden.core.problems import LostLease
from orgwarden.lake import upkeep
from orgwarden.lake.proof import verify
from orgwarden.lake.reading import Reader
from orgwarden.lake.retention import remove
from orgwarden.lake.table import OrgLake, Part
from tests.lake.ground import DAY, LOGOUT, csv_bytes, land, query, row

API = "event_log_api"


def same(ledger: Ledger) -> Ledger:
    return ledger


def days(lake: OrgLake, source: str) -> list[date]:
    return sorted({f.date for f in lake.files(source)})


def three_days(lake: OrgLake) -> None:
    for back in (0, 5, 9):
        day = DAY - timedelta(days=back)
        land(lake, [csv_bytes([row(back, day=day), row(back + 1, day=day)])], day=day)
    land(lake, [csv_bytes([row(7, kind="Logout", day=day)])], source=LOGOUT, day=day)


def test_whole_days_go_one_commit_each_and_the_ledger_s_counts_stay_true(lake: OrgLake) -> None:
    three_days(lake)
    version = lake.version
    told: list[Ledger] = []

    def change(ledger: Ledger) -> Ledger:
        told.append(ledger)
        return ledger

    first = {API: DAY - timedelta(days=2)}
    done = remove(lake, 1, first, versioned=(), change=change)
    assert (done.rows, len(done.days), len(told)) == ({API: 4}, 2, 2)
    assert lake.version == version + 2
    assert days(lake, API) == [DAY]
    assert len(days(lake, "event_log_logout")) == 1
    ours = lake.ledger().of(API)
    assert (ours.stored, ours.expired, ours.held) == (6, 4, 2)
    assert verify(lake).wrong == ()
    assert remove(lake, 1, first, versioned=(), change=same).rows == {}
    assert lake.version == version + 2


def test_a_reader_goes_on_while_days_are_compacted_removed_and_swept(lake: OrgLake) -> None:
    three_days(lake)
    land(lake, [csv_bytes([row(30)])])
    for file in lake.files():
        os.utime(file.path, (0, 0))  # written long ago
    with Reader(lake.folder.parent, [lake.folder.name]) as reader:
        counted = "SELECT count(*), count(DISTINCT event_uid) FROM event_log_api"
        upkeep.compact(lake, 1, today=DAY + timedelta(days=1))
        upkeep.sweep(lake)
        remove(lake, 1, {API: DAY}, versioned=(), change=same)
        upkeep.sweep(lake)
        assert [c.to_pylist() for c in reader.run(counted).columns] == [[7], [7]]
    assert query(lake, counted) == [(3, 3)]
    upkeep.sweep(lake, age=timedelta(seconds=-1))
    left = {str(p) for p in lake.folder.glob("source=*/date=*/*.parquet")}
    assert left == {f.path for f in lake.files()}


def version_file(lake: OrgLake, day: date, seq: int, records: dict[str, str]) -> None:
    """One reading of a made-up object, as versions are stored."""
    table = pa.table(
        {
            "time": pa.nulls(len(records), pa.timestamp("us", tz="UTC")),
            "event_uid": pa.array([f"{seq}-{k}" for k in records]),
            "arrived_seq": pa.array([seq] * len(records), pa.int64()),
            "sf_id": pa.array(list(records)),
            "sf_name": pa.array(list(records.values())),
        }
    )
    relative = f"source=users/date={day}/{seq:032x}.parquet"
    path = lake.folder / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)
    ledger = replace(lake.ledger(), seq=seq)
    ledger = ledger.counted("users", stored=len(records), duplicate=0, quarantined=0)
    lake.commit([Part(relative, "users", day, path.stat().st_size, len(records))], ledger, 1)


def stored(lake: OrgLake) -> set[tuple[str, str]]:
    rows = [r for f in lake.files("users") for r in pq.ParquetFile(f.path).read().to_pylist()]
    return {(r["sf_id"], r["sf_name"]) for r in rows}


def test_the_newest_version_of_a_record_stays_however_old_it_is(lake: OrgLake) -> None:
    old = DAY - timedelta(days=100)
    version_file(lake, old, 1, {"a": "a1", "b": "b1", "c": "c1"})
    version_file(lake, old + timedelta(days=1), 2, {"b": "b2"})
    version_file(lake, old + timedelta(days=2), 3, {"b": "b3"})
    version_file(lake, DAY, 4, {"c": "c2"})
    done = remove(lake, 1, {"users": DAY - timedelta(days=50)}, versioned={"users"}, change=same)
    assert stored(lake) == {("a", "a1"), ("b", "b3"), ("c", "c2")}
    assert done.rows == {"users": 3}
    assert lake.ledger().of("users").held == 3
    assert sum(f.rows for f in lake.files("users")) == 3
    version = lake.version
    again = remove(lake, 1, {"users": DAY - timedelta(days=50)}, versioned={"users"}, change=same)
    assert (again.rows, lake.version) == ({}, version)


def test_a_holder_who_lost_the_org_removes_nothing_more(lake: OrgLake) -> None:
    three_days(lake)
    files = {f.path for f in lake.files()}
    OrgLake.open(lake.folder).take(2)
    with pytest.raises(LostLease):
        remove(lake, 1, {API: DAY}, versioned=(), change=same)
    after = OrgLake.open(lake.folder)
    assert {f.path for f in after.files()} == files
    assert all(Path(f).exists() for f in files)
