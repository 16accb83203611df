"""Queries over batches are planned once, read each batch anew, and keep none."""

from __future__ import annotations

import gc

import pyarrow as pa

from orgwarden.lake.plans import CONNECTIONS, PLANS, Plans, plans_of
from orgwarden.lake.shaping import session


def numbers(*values: int) -> pa.Table:
    return pa.table({"n": pa.array(values, pa.int64())})


def test_a_plan_reads_the_batch_it_is_given() -> None:
    plans = Plans(session())
    for batch in (numbers(1, 2), numbers(3), numbers(), numbers(5, 6, 7)):
        got = plans.run("SELECT n + 1 AS m FROM", batch, " WHERE n <> 6")
        assert got["m"].to_pylist() == [n + 1 for n in batch["n"].to_pylist() if n != 6]


def test_a_batch_with_other_columns_has_a_plan_of_its_own() -> None:
    plans = Plans(session())
    assert plans.run("SELECT n FROM", numbers(1))["n"].to_pylist() == [1]
    assert plans.run("SELECT n FROM", pa.table({"n": ["a"]}))["n"].to_pylist() == ["a"]
    assert plans.run("SELECT n FROM", numbers(2))["n"].to_pylist() == [2]


def test_more_plans_than_are_kept_are_answered_all_the_same() -> None:
    plans = Plans(session())
    for n in [*range(PLANS + 3), 0]:
        assert plans.run(f"SELECT n + {n} AS m FROM", numbers(1))["m"].to_pylist() == [n + 1]


def test_no_rows_are_kept() -> None:
    plans = Plans(session())
    plans.run("SELECT sum(n) AS s FROM", numbers(1))
    before = pa.total_allocated_bytes()
    batch = numbers(*range(100_000))
    plans.run("SELECT sum(n) AS s FROM", batch)
    assert pa.total_allocated_bytes() - before > 100_000
    del batch
    gc.collect()
    assert pa.total_allocated_bytes() - before < 100_000


def test_a_connection_finds_its_own_plans_again() -> None:
    connections = [session() for _ in range(CONNECTIONS + 1)]
    plans = [plans_of(c) for c in connections]
    assert [p.connection for p in plans] == connections
    assert plans_of(connections[-1]) is plans[-1]
