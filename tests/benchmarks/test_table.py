"""What a reader of docs/benchmarks.md is told of each benchmark, measured or not."""

from __future__ import annotations

from typing import Any

from benchmarks.measure import Benchmark, Beside, Figure
from benchmarks.run import BENCHMARKS
from benchmarks.table import page


def nothing(_: object) -> Figure:
    raise AssertionError


PEER = Benchmark("peer", "A peer", "rows", nothing)
OURS = Benchmark("ours", "Ours", "rows", nothing, beside=(Beside("peer", 10),), aim=200)
MEMORY = Benchmark("memory", "A file", "rows", nothing, measure="MB", aim=400, less=True)


def measured(median: float, run: str = "one") -> dict[str, Any]:
    found = {"count": 7, "runs": 3, "median": median, "min": median - 1, "max": median + 1}
    return {**found, "notes": {"peak_MB": 5}, "on": "2026-11-22", "run": run, "machine": "here"}


def line(key: str, *benchmarks: Benchmark, **kept: dict[str, Any]) -> str:
    [found] = [x for x in page(benchmarks, kept).splitlines() if f"(`{key}`)" in x]
    return found


def test_a_figure_stands_beside_its_aim_and_its_peer() -> None:
    told = line("ours", PEER, OURS, peer=measured(20), ours=measured(220))
    assert "| 220 rows/s | 219 | 221 | ≥ 200, reached |" in told
    assert "11.0 × peer; aim 10, reached" in told
    assert "peak MB 5" in told


def test_what_was_not_reached_says_so() -> None:
    told = line("ours", PEER, OURS, peer=measured(20), ours=measured(150))
    assert "≥ 200, **not reached**" in told
    assert "7.5 × peer; aim 10, **not reached**" in told


def test_less_is_better_where_it_is() -> None:
    assert "| 399 MB | 400 | 398 | < 400, reached |" in line("memory", MEMORY, memory=measured(399))
    assert "< 400, **not reached**" in line("memory", MEMORY, memory=measured(400))


def test_a_ratio_between_two_invocations_is_told_as_such() -> None:
    told = line("ours", PEER, OURS, peer=measured(20, "another"), ours=measured(220))
    assert "11.0 × peer (other run)" in told


def test_what_could_not_be_run_has_a_row_that_says_why() -> None:
    failed = {"not_run": "no network|here", "on": "2026-11-22", "run": "one", "machine": "here"}
    told = line("peer", PEER, OURS, peer=failed, ours=measured(1))
    assert "**not run**: no network/here" in told
    assert "peer: not run" in line("ours", PEER, OURS, peer=failed, ours=measured(1))
    assert "**not run**: not yet" in line("memory", OURS, MEMORY, ours=measured(1))


def test_keys_are_unique_and_those_beside_exist() -> None:
    keys = [b.key for b in BENCHMARKS]
    assert len(keys) == len(set(keys))
    assert {b.key for one in BENCHMARKS for b in one.beside} <= set(keys)
