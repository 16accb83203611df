"""The table: data and cursor in one commit, restored from the newest commit alone."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset
import pytest
from deltalake import DeltaTable
from deltalake.transaction import CommitProperties

from orgwarden.core.ledger import Ledger
from orgwarden.core.problems import LostLease, NeedsPerson
from orgwarden.lake.place import Place
from orgwarden.lake.table import OrgLake, Part, advanced
from tests.lake.ground import (
    HEADER,
    ORG,
    advance,
    csv_bytes,
    land,
    new_lake,
    query,
    row,
)
from tests.support.object_store import ObjectStore


def age(folder: Path, days: int = 40) -> None:
    """Make the log look written long ago, so that Delta's own retention lets it go."""
    then = (datetime.now(UTC) - timedelta(days=days)).timestamp()
    for file in (folder / "_delta_log").iterdir():
        os.utime(file, (then, then))


def versions(folder: Path) -> list[int]:
    return sorted(int(f.stem) for f in (folder / "_delta_log").glob("*.json"))


def filled(lake: OrgLake) -> Ledger:
    """Several commits of rows, columns and cursors."""
    for n in range(6):
        land(lake, [csv_bytes([row(n)], (*HEADER[:2], f"C{n % 2}"))])
        lake.commit([], advance(lake.ledger(), ("login_history", "setup_audit_trail")[n % 2]), 1)
    return lake.ledger()


def test_cursor_and_coverage_outlive_a_checkpoint_and_a_cleaned_log(lake: OrgLake) -> None:
    before = filled(lake)
    rows = query(lake, "SELECT event_uid, arrived_seq FROM activity ORDER BY ALL")
    table = DeltaTable(str(lake.folder))
    table.create_checkpoint()
    age(lake.folder)
    table.cleanup_metadata()
    assert versions(lake.folder) in ([table.version()], [])
    after = OrgLake.open(lake.folder)
    assert after.ledger() == before
    assert (after.epoch, after.identity) == (1, lake.identity)
    assert query(after, "SELECT event_uid, arrived_seq FROM activity ORDER BY ALL") == rows
    with pytest.raises(LostLease):
        after.commit([], before, 0)
    after.take(2)
    assert OrgLake.open(lake.folder).ledger() == before
    land(after, [csv_bytes([row(77)])], epoch=2)
    assert len(query(after, "SELECT event_uid FROM activity")) == len(rows) + 1


def test_the_log_is_checkpointed_and_cleaned_by_itself_and_nothing_is_lost(lake: OrgLake) -> None:
    land(lake, [csv_bytes([row(1)])])
    for n in range(130):
        lake.commit([], advance(lake.ledger()), 1)
        if n % 20 == 0:
            age(lake.folder)
    assert len(versions(lake.folder)) < 120
    after = OrgLake.open(lake.folder)
    assert after.ledger() == lake.ledger()
    assert after.ledger().of("login_history").complete.items[0].end == datetime(
        2026, 3, 1, tzinfo=UTC
    ) + timedelta(hours=130)
    assert after.epoch == 1
    assert query(after, "SELECT count(*) FROM event_log_api") == [(1,)]


def test_every_commit_carries_the_ledger_and_the_epoch(lake: OrgLake) -> None:
    filled(lake)
    table = DeltaTable(str(lake.folder))
    commits = table.history()
    assert len(commits) == table.version() + 1
    assert all("orgwarden" in c for c in commits)
    for version in range(1, table.version() + 1):
        text = (lake.folder / "_delta_log" / f"{version:020}.json").read_text()
        assert '"txn":{"appId":"lease","version":1' in text, version


@pytest.mark.anywhere
def test_a_commit_of_another_program_does_not_hide_the_ledger(lake: OrgLake) -> None:
    before = filled(lake)
    theirs = DeltaTable(lake.place.uri, storage_options=lake.place.options)
    theirs.alter.set_table_properties(
        {"delta.logRetentionDuration": "interval 60 days"},
        commit_properties=CommitProperties(custom_metadata={"who": "somebody else"}),
    )
    after = OrgLake.open(lake.place)
    assert after.ledger() == before
    after.commit([], advance(before), 1)
    assert OrgLake.open(lake.place).ledger() == advance(before)


def test_a_new_column_in_a_later_file_is_seen_by_every_reader(lake: OrgLake) -> None:
    land(lake, [csv_bytes([row(1)])])
    land(lake, [csv_bytes([("API", "20260318130000.000", "R2", "new")], (*HEADER, "BRAND_NEW"))])
    plain = DeltaTable(str(lake.folder)).to_pyarrow_table()
    assert sorted(plain["sf_brand_new"].to_pylist(), key=str) == [None, "new"]
    assert sorted(plain["sf_request_id"].to_pylist()) == ["R1", "R2"]
    dataset = DeltaTable(str(lake.folder)).to_pyarrow_dataset()
    found = dataset.to_table(filter=pa.dataset.field("sf_brand_new") == "new")
    assert found["sf_request_id"].to_pylist() == ["R2"]
    assert query(lake, 'SELECT "REQUEST_ID", "BRAND_NEW" FROM event_log_api ORDER BY 1') == [
        ("R1", None), ("R2", "new")
    ]  # fmt: skip


def test_a_filter_of_another_reader_finds_the_rows_of_files_with_and_without_times(
    lake: OrgLake,
) -> None:
    land(lake, [csv_bytes([row(1)]) + b'"API","ragged"\n'])
    for _ in range(2):
        dataset = DeltaTable(str(lake.folder)).to_pyarrow_dataset()
        for name, value in (("sf_request_id", "R1"), ("sf_raw", '"API","ragged"'), ("org", ORG)):
            found = dataset.to_table(filter=pa.dataset.field(name) == value)
            assert found.num_rows == (2 if name == "org" else 1), name
        assert dataset.to_table(filter=pa.dataset.field("actor").is_null()).num_rows == 2
        DeltaTable(str(lake.folder)).create_checkpoint()


def test_a_file_is_on_disk_and_whole_before_a_commit_names_it(tmp_path: Path) -> None:
    new_lake(tmp_path)
    seen: list[tuple[str, int]] = []

    def at(point: str) -> None:
        files = sorted((tmp_path / ORG).glob("source=*/date=*/*.parquet"))
        named = {f.path for f in OrgLake.open(tmp_path / ORG).files()}
        new = [f for f in files if str(f) not in named]
        if point == "refreshed":
            seen.extend((str(f), f.stat().st_size) for f in new)
        else:
            assert not new

    lake = OrgLake.open(tmp_path / ORG, at)
    land(lake, [csv_bytes([row(n) for n in range(100)])])
    assert {(f.path, f.size) for f in lake.files()} <= set(seen)
    assert all(pa.parquet.read_metadata(f.path).num_rows == f.rows for f in lake.files())


@pytest.mark.anywhere
def test_parts_without_a_commit_are_invisible(lake: OrgLake) -> None:
    land(lake, [csv_bytes([row(1)])])
    before = lake.ledger()
    place, (file,) = lake.place, lake.files()
    left = "source=event_log_api/date=2026-03-18/left-by-a-kill.parquet"
    place.write(left, place.read(place.relative(file.path)))
    again = OrgLake.open(place)
    assert (len(again.files()), again.ledger()) == (1, before)
    assert query(again, "SELECT count(*) FROM activity") == [(1,)]


@pytest.mark.anywhere
def test_opening_says_what_to_do_when_there_is_no_table(root: Place) -> None:
    with pytest.raises(NeedsPerson) as problem:
        OrgLake.open(root / "nothing")
    assert "orgwarden collect" in problem.value.fix


def test_a_table_half_made_by_a_killed_process_is_made_again(tmp_path: Path) -> None:
    (tmp_path / ORG / "_delta_log").mkdir(parents=True)
    lake = new_lake(tmp_path)
    assert (lake.epoch, lake.ledger()) == (1, Ledger())


@pytest.mark.anywhere
def test_many_who_create_the_table_at_once_get_the_same_one(root: Place) -> None:
    start = threading.Barrier(4)
    made: list[OrgLake | Exception] = []

    def create() -> None:
        start.wait()
        try:
            made.append(OrgLake.open_or_create(root / ORG))
        except Exception as error:  # noqa: BLE001  shown by the assertion
            made.append(error)

    crowd = [threading.Thread(target=create) for _ in range(4)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert all(isinstance(one, OrgLake) for one in made), made
    assert len({one.identity for one in made if isinstance(one, OrgLake)}) == 1


@pytest.mark.anywhere
def test_files_are_found_by_source_and_day(lake: OrgLake) -> None:
    land(lake, [csv_bytes([row(1), row(2, day=datetime(2026, 3, 19, tzinfo=UTC).date())])])
    assert [f.rows for f in lake.files("event_log_api")] == [1, 1]
    days: Callable[[int], list[int]] = lambda d: [  # noqa: E731
        f.rows for f in lake.files(dates=[datetime(2026, 3, d, tzinfo=UTC).date()])
    ]
    assert (days(18), days(20)) == ([1], [])
    assert lake.files("login_history") == []


def test_a_part_s_statistics_bound_its_times() -> None:
    instant = datetime(2026, 3, 18, 12, 0, 0, 123456, tzinfo=UTC)
    part = Part("p", "s", instant.date(), 1, 2, instant, instant)
    stats = str(part.add().stats)
    assert '"numRecords": 2' in stats
    assert "2026-03-18T12:00:00.123456Z" in stats


@pytest.mark.anywhere
def test_arrival_numbers_grow_by_one_a_commit(lake: OrgLake) -> None:
    for n in range(3):
        land(lake, [csv_bytes([row(n), row(n + 10)])])
    assert query(lake, "SELECT arrived_seq, count(*) FROM activity GROUP BY 1 ORDER BY 1") == [
        (1, 2), (2, 2), (3, 2)
    ]  # fmt: skip
    assert advanced(lake.ledger()).seq == 4


def test_the_log_stays_short_however_many_commits_come(lake: OrgLake) -> None:
    land(lake, [csv_bytes([row(1), row(2)])])
    lake.bound_log(1, "interval 0 seconds")
    version = lake.version
    lake.bound_log(1, "interval 0 seconds")
    assert lake.version == version
    longest = 0
    for _ in range(130):
        lake.commit([], advanced(lake.ledger()), 1)
        longest = max(longest, len(list((lake.folder / "_delta_log").iterdir())))
    assert longest < 70
    again = OrgLake.open(lake.folder)
    assert (again.version, again.epoch) == (version + 130, 1)
    assert again.ledger().seq == lake.ledger().seq
    assert sum(f.rows for f in again.files()) == 2
    assert again.identity == lake.identity


def test_a_commit_asks_no_more_of_an_object_store_for_a_longer_log(
    object_store: ObjectStore, tmp_path: Path
) -> None:
    lake = new_lake(object_store.new_root(drafts=str(tmp_path)))

    def asked_by_a_commit() -> int:
        before = object_store.requests()
        lake.commit([], advance(lake.ledger()), 1)
        return object_store.requests() - before

    first = asked_by_a_commit()
    for _ in range(9):
        asked_by_a_commit()
    assert 0 < asked_by_a_commit() <= first + 2
