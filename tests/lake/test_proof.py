"""Proofs: whatever is missing, cut, altered, doubled or miscounted is found and named."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from orgwarden.lake.proof import verify
from orgwarden.lake.table import OrgLake, Part


@pytest.mark.anywhere
def test_a_sound_table_is_proven(filled: OrgLake) -> None:
    told: list[int] = []
    proof = verify(filled, tell=told.append)
    assert proof.wrong == ()
    assert (proof.files, proof.rows, proof.sealed, proof.epoch) == (5, 6, 5, 1)
    assert sum(told) == proof.bytes


@pytest.mark.anywhere
def test_a_removed_file_is_found(filled: OrgLake) -> None:
    filled.place.remove(filled.place.relative(filled.files("event_log_api")[0].path))
    (wrong,) = verify(filled).wrong
    assert "is missing" in wrong


def test_a_truncated_file_is_found(filled: OrgLake) -> None:
    path = Path(filled.files("event_log_api")[0].path)
    path.write_bytes(path.read_bytes()[:-7])
    (wrong,) = verify(filled).wrong
    assert "not as long" in wrong


@pytest.mark.parametrize("deep", [False, True])
def test_a_flipped_byte_anywhere_is_found(filled: OrgLake, deep: bool) -> None:
    path = Path(filled.files("event_log_api")[0].path)
    whole = path.read_bytes()
    for place in range(0, len(whole), len(whole) // 7):
        flipped = bytes([whole[place] ^ 0x10])
        path.write_bytes(whole[:place] + flipped + whole[place + 1 :])
        (wrong,) = verify(filled, deep=deep).wrong
        assert "was altered" in wrong
    path.write_bytes(whole)
    assert verify(filled, deep=deep).wrong == ()


@pytest.mark.anywhere
def test_a_flipped_byte_is_found(filled: OrgLake) -> None:
    place, file = filled.place, filled.files("event_log_api")[0]
    whole = place.read(place.relative(file.path))
    place.write(place.relative(file.path), whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
    (wrong,) = verify(filled).wrong
    assert "was altered" in wrong


def test_a_file_without_a_seal_is_counted_apart_and_decoded_when_asked(filled: OrgLake) -> None:
    file = next(f for f in filled.files("event_log_api") if f.rows == 2)
    copy = Path(file.path).with_name("of-before.parquet")
    copy.write_bytes(Path(file.path).read_bytes())
    relative = str(copy.relative_to(filled.folder))
    part = Part(relative, file.source, file.date, file.size, file.rows)
    filled.commit([part], filled.ledger(), 1, removed=[file])
    assert (verify(filled).sealed, verify(filled, deep=True).wrong) == (4, ())
    footer = pq.read_metadata(copy)
    start = footer.row_group(0).column(0).data_page_offset
    damaged = bytearray(copy.read_bytes())
    damaged[start : start + 16] = bytes(16)
    copy.write_bytes(damaged)
    (wrong,) = verify(filled, deep=True).wrong
    assert "cannot be read" in wrong


def test_a_file_with_other_rows_is_found(filled: OrgLake) -> None:
    file = next(f for f in filled.files("event_log_api") if f.rows == 2)
    table = pq.read_table(file.path, partitioning=None)
    pq.write_table(table.slice(0, 1), file.path)
    with open(file.path, "ab") as out:  # as long as before, so that only the rows tell
        out.truncate(max(file.size, os.path.getsize(file.path)))
    assert verify(filled).wrong


def test_a_doubled_event_is_found(filled: OrgLake) -> None:
    file = filled.files("event_log_logout")[0]
    copy = Path(file.path).with_name("copy.parquet")
    copy.write_bytes(Path(file.path).read_bytes())
    relative = str(copy.relative_to(filled.folder))
    ledger = filled.ledger().counted("event_log_logout", stored=1, duplicate=0, quarantined=0)
    filled.commit([Part(relative, file.source, file.date, file.size, 1)], ledger, 1)
    assert verify(filled).wrong == ("1 events of event_log_logout are stored twice.",)


@pytest.mark.anywhere
def test_a_ledger_that_miscounts_is_found(filled: OrgLake) -> None:
    ledger = filled.ledger().counted("event_log_api", stored=3, duplicate=0, quarantined=0)
    filled.commit([], ledger, 1)
    (wrong,) = verify(filled).wrong
    assert "The ledger counts 7 rows of event_log_api, the table holds 4." in wrong


def test_a_lost_layout_is_found(filled: OrgLake) -> None:
    for layout in (filled.folder / "_orgwarden").glob("*.json"):
        layout.unlink()
    assert len(verify(filled).wrong) == 4
