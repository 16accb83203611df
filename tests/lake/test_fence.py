"""A holder that stalled is refused, wherever it stalled and whatever was done meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from orgwarden.core.problems import LostLease
from orgwarden.lake import proof, upkeep
from orgwarden.lake.place import Place
from orgwarden.lake.table import OrgLake
from tests.lake.ground import (
    API,
    DAY,
    HEADER,
    LOGOUT,
    ORG,
    advance,
    commit,
    csv_bytes,
    land,
    landing,
    new_lake,
    query,
    row,
)

Successor = Callable[[OrgLake], None]


def takes_only(lake: OrgLake) -> None:
    lake.take(2)


def commits_another_source(lake: OrgLake) -> None:
    lake.take(2)
    land(lake, [csv_bytes([row(1, kind="Logout")])], epoch=2, source=LOGOUT)


def commits_the_same_source(lake: OrgLake) -> None:
    lake.take(2)
    land(lake, [csv_bytes([row(2)])], epoch=2)


def moves_only_the_cursor(lake: OrgLake) -> None:
    lake.take(2)
    lake.commit([], advance(lake.ledger()), 2)


SUCCESSORS = [takes_only, commits_another_source, commits_the_same_source, moves_only_the_cursor]


def stall(root: Place | Path, point: str, successor: Successor) -> OrgLake:
    """The table as a holder of epoch 1 knows it whose next `point` lets its successor work."""
    done: list[str] = []

    def at(passed: str) -> None:
        if passed == point and not done:
            done.append(passed)
            successor(OrgLake.open(root / ORG))

    return OrgLake.open(root / ORG, at)


def prepared(root: Place | Path) -> OrgLake:
    """A table with rows of two sources, at epoch 1."""
    lake = new_lake(root)
    land(lake, [csv_bytes([row(0)])])
    land(lake, [csv_bytes([row(0, kind="Logout")])], source=LOGOUT)
    return lake


@pytest.mark.anywhere
@pytest.mark.fault("F2")
@pytest.mark.parametrize("successor", SUCCESSORS)
@pytest.mark.parametrize("when", ["before the refresh", "between refresh and commit"])
def test_a_stalled_holder_commits_nothing(
    root: Place, tmp_path: Path, when: str, successor: Successor
) -> None:
    prepared(root)
    stalled = stall(root, "refreshed", successor)
    made = landing(stalled)
    path = tmp_path / "late.csv"
    path.write_bytes(csv_bytes([row(7), row(8)]))
    made.land_csv(path, "API", day=DAY)
    if when == "before the refresh":
        successor(OrgLake.open(root / ORG))
    late = made.finish()
    with pytest.raises(LostLease) as lost:
        stalled.commit(late, advance(stalled.ledger(), "event_log_file", 99), 1)
    assert lost.value.code == "LEASE_LOST"
    after = OrgLake.open(root / ORG)
    assert after.epoch == 2
    assert not {Path(f.path).name for f in after.files()} & {Path(p.path).name for p in late}
    assert "event_log_file" not in after.ledger().sources
    assert proof.verify(after).wrong == ()


@pytest.mark.parametrize("successor", SUCCESSORS)
@pytest.mark.parametrize("when", ["before the refresh", "between refresh and commit"])
def test_a_stalled_holder_adds_no_column(tmp_path: Path, when: str, successor: Successor) -> None:
    prepared(tmp_path)
    stalled = stall(tmp_path, "refreshed", successor)
    if when == "before the refresh":
        successor(OrgLake.open(tmp_path / ORG))
    with pytest.raises(LostLease):
        stalled.ensure_columns(["sf_brand_new"], 1)
    assert "sf_brand_new" not in OrgLake.open(tmp_path / ORG).columns()


@pytest.mark.parametrize("successor", SUCCESSORS)
@pytest.mark.parametrize("when", ["before the refresh", "between refresh and commit"])
def test_a_stalled_holder_compacts_nothing(tmp_path: Path, when: str, successor: Successor) -> None:
    lake = prepared(tmp_path)
    land(lake, [csv_bytes([row(3)])])
    before = {f.path for f in lake.files()}
    stalled = stall(tmp_path, "refreshed", successor)
    if when == "before the refresh":
        successor(OrgLake.open(tmp_path / ORG))
    with pytest.raises(LostLease):
        upkeep.compact(stalled, 1, today=DAY.replace(day=31))
    after = OrgLake.open(tmp_path / ORG)
    assert before <= {f.path for f in after.files()}
    assert proof.verify(after).wrong == ()


@pytest.mark.anywhere
def test_a_holder_refused_once_is_refused_for_good(root: Place) -> None:
    stalled = prepared(root)
    OrgLake.open(root / ORG).take(2)
    for _ in range(3):
        with pytest.raises(LostLease):
            stalled.commit([], advance(stalled.ledger()), 1)
        with pytest.raises(LostLease):
            stalled.take(1)
    assert stalled.epoch == 2


@pytest.mark.anywhere
def test_an_epoch_is_taken_while_the_holder_before_commits_without_pause(root: Place) -> None:
    prepared(root)
    committed, lost = [], threading.Event()

    def work() -> None:
        lake = OrgLake.open(root / ORG)
        try:
            while True:
                lake.commit([], replace(lake.ledger(), seq=lake.ledger().seq + 1), 1)
                committed.append(lake.ledger().seq)
        except LostLease:
            lost.set()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        while len(committed) < 5:
            assert worker.is_alive()
        taker = OrgLake.open(root / ORG)
        taker.take(2)
        seq = taker.ledger().seq
    finally:
        worker.join(60)
    assert lost.is_set()
    after = OrgLake.open(root / ORG)
    assert (after.epoch, after.ledger().seq) == (2, seq)
    assert seq >= committed[-1]


def test_the_holder_s_own_commits_follow_one_another(tmp_path: Path) -> None:
    lake = prepared(tmp_path)
    for n in range(10, 14):
        made = landing(lake)
        path = tmp_path / "more.csv"
        path.write_bytes(csv_bytes([row(n)], (*HEADER[:2], f"COLUMN_{n}")))
        made.land_csv(path, "API", day=DAY)
        commit(lake, made, 1, API)
    assert query(lake, "SELECT count(*) FROM event_log_api") == [(5,)]
    assert lake.ledger().seq == 6
