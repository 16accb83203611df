"""Upkeep: compaction that changes nothing, a careful sweep."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from orgwarden.core.problems import LostLease
from orgwarden.lake import upkeep
from orgwarden.lake.proof import verify
from orgwarden.lake.reading import Reader
from orgwarden.lake.table import LakeFile, OrgLake
from tests.lake.ground import DAY, csv_bytes, land, query, row

LATER = DAY + timedelta(days=10)
EVERYTHING = """SELECT event_uid, arrived_seq, "REQUEST_ID", log_file_id, row_sha256, n_time
                FROM event_log_api ORDER BY 1"""


@pytest.mark.anywhere
def test_compaction_leaves_one_file_a_day_and_source_and_changes_no_row(filled: OrgLake) -> None:
    before, ledger = query(filled, EVERYTHING), filled.ledger()
    assert upkeep.compact(filled, 1, today=LATER) == (5, 3)
    assert query(filled, EVERYTHING) == before
    assert filled.ledger() == ledger
    assert verify(filled).wrong == ()
    assert upkeep.compact(filled, 1, today=LATER) == (3, 3)
    land(filled, [csv_bytes([row(1), row(1), row(2), row(9)])])
    assert len(query(filled, EVERYTHING)) == len(before) + 1


def test_large_files_are_left_as_they_are_unless_asked_for(filled: OrgLake) -> None:
    sizes = sorted(f.size for f in filled.files("event_log_api"))
    kept = {f.path for f in filled.files() if f.size >= sizes[-1]}
    upkeep.compact(filled, 1, today=LATER, below=sizes[-1])
    assert kept < {f.path for f in filled.files()}
    assert upkeep.compact(filled, 1, today=LATER)[1] == 3


def columns_of(lake: OrgLake, file: LakeFile) -> list[str]:
    source = lake.place.open(lake.place.relative(file.path))
    return list(pq.read_schema(source).names)


def test_a_day_that_is_not_over_is_left_alone(filled: OrgLake) -> None:
    assert upkeep.compact(filled, 1, today=DAY) == (5, 5)


@pytest.mark.anywhere
def test_a_compacted_file_holds_only_its_source_s_columns(filled: OrgLake) -> None:
    upkeep.compact(filled, 1, today=LATER)
    (file,) = filled.files("event_log_logout")
    assert "sf_new" not in columns_of(filled, file)
    (file,) = filled.files("event_log_api")
    assert "sf_new" in columns_of(filled, file)
    assert "sf_raw" not in columns_of(filled, file)


def test_compaction_announces_no_change_of_data(filled: OrgLake) -> None:
    version = filled.version
    upkeep.compact(filled, 1, today=LATER)
    for at in range(version + 1, filled.version + 1):
        text = (filled.folder / "_delta_log" / f"{at:020}.json").read_text()
        assert '"dataChange":false' in text
        assert '"dataChange":true' not in text


@pytest.mark.anywhere
def test_a_reader_of_the_snapshot_before_is_not_disturbed(filled: OrgLake) -> None:
    names = {f.path for f in filled.files()}
    landed = datetime.now(UTC)
    with Reader(filled.place.parent, [filled.place.name]) as reader:
        upkeep.compact(filled, 1, today=LATER)
        assert upkeep.sweep(filled, age=timedelta(), now=landed) == 0  # older than that, but read
        assert reader.run("SELECT count(*) FROM event_log_api").column(0).to_pylist() == [4]
    later = datetime.now(UTC) + timedelta(seconds=2)  # a store tells times in whole seconds
    assert upkeep.sweep(filled, age=timedelta(), now=later) == 3
    assert len(names & {f.path for f in filled.place.files()}) == 2


@pytest.mark.anywhere
def test_the_sweep_removes_old_files_that_no_commit_names(filled: OrgLake) -> None:
    before = query(filled, EVERYTHING)
    name = "source=event_log_api/date=2026-03-18/of-a-run-that-was-killed.parquet"
    filled.place.write(name, b"rows")
    assert upkeep.sweep(filled) == 0  # somebody may still be writing it
    assert filled.place.look(name) is not None
    assert upkeep.sweep(filled, now=datetime.now(UTC) + timedelta(days=2)) == 1
    assert filled.place.look(name) is None
    assert query(filled, EVERYTHING) == before


@pytest.mark.anywhere
def test_compaction_by_a_holder_who_lost_the_org_changes_nothing(filled: OrgLake) -> None:
    files = {f.path for f in filled.files()}
    OrgLake.open(filled.place).take(2)
    with pytest.raises(LostLease):
        upkeep.compact(filled, 1, today=LATER)
    assert {f.path for f in OrgLake.open(filled.place).files()} == files


def test_a_closed_day_means_a_day_before_today(filled: OrgLake) -> None:
    assert upkeep.compact(filled, 1, today=date(2026, 3, 19), least=4) == (5, 5)
    assert replace(filled.ledger()) == filled.ledger()


def test_the_sweep_removes_what_a_killed_landing_spilled(filled: OrgLake) -> None:
    for name in ("duckdb_temp_1_0_owner", "duckdb_temp_1_0_storage_S64K-0.tmp"):
        Path(filled.place.spill(), name).write_bytes(b"ada@acme.example")
    assert upkeep.sweep(filled) == 0  # it may be a landing's that goes on
    assert upkeep.sweep(filled, now=datetime.now(UTC) + timedelta(days=2)) == 2
