"""200 seeds: days of collecting with everything that goes wrong, judged by the checker.

The halves are groups of their own, so that two processes share them.
"""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from tests.simulation.course import Course, Verdict
from tests.simulation.faults import KINDS
from tests.simulation.wire import Wire
from tests.support.house import House

SEEDS, PARTS = 200, 8
EACH = SEEDS // PARTS
HALVES = [pytest.param(n, marks=pytest.mark.xdist_group(f"simulation {n}")) for n in (0, 1)]
PARTED = [
    pytest.param(n, marks=pytest.mark.xdist_group(f"simulation {2 * n // PARTS}"))
    for n in range(PARTS)
]
LEAST = 2  # times that each kind of fault is drawn in a half


def seeds_of(part: int) -> range:
    return range(1 + part * EACH, 1 + (part + 1) * EACH)


@functools.cache
def run(seed: int) -> Verdict:
    """Once in a process; needs the home of the test that asks first."""
    return Course(seed).run()


def ran(seeds: Sequence[int]) -> list[Verdict]:
    verdicts = [run(seed) for seed in seeds]
    for verdict in verdicts:
        if verdict.broken:
            print("\n".join([*verdict.trace, "replay it with:", verdict.replay()]))
    assert {v.seed: v.broken for v in verdicts if v.broken} == {}
    return verdicts


@pytest.mark.parametrize("part", PARTED)
def test_no_seed_loses_doubles_overspends_or_lies(
    simulated: House, part: int, record_assurance: Callable[..., None]
) -> None:
    verdicts = ran(seeds_of(part))
    assert len(verdicts) == EACH
    print(f"{len(verdicts)} seeds of {SEEDS} passed")
    record_assurance(
        f"simulation, part {part + 1}",
        seeds=len(verdicts),
        collections=sum(v.collections for v in verdicts),
        calls=sum(v.calls for v in verdicts),
        failed=0,
    )


@pytest.mark.parametrize("half", HALVES)
def test_every_kind_of_fault_is_drawn(simulated: House, half: int) -> None:
    drawn: Counter[str] = Counter()
    for part in range(half * PARTS // 2, (half + 1) * PARTS // 2):
        for verdict in ran(seeds_of(part)):
            drawn += verdict.drawn
    print({kind: drawn[kind] for kind in KINDS})
    assert [kind for kind in KINDS if drawn[kind] < LEAST] == []


def test_a_seed_takes_the_same_course_again(simulated: House) -> None:
    assert Course(7).run() == Course(7).run()


def test_an_error_that_is_taken_for_no_rows_is_found(simulated: House) -> None:
    """A mutant: what Salesforce refuses looks like an empty answer."""
    for seed in range(1, 41):
        verdict = Course(seed).run(Forgiving)
        if verdict.broken:
            assert "--seed" in verdict.replay()
            assert any(line.split(" h ")[1].startswith("BROKEN") for line in verdict.trace)
            return
    pytest.fail("forty seeds did not find it")


class Forgiving(Wire):
    """An answer with an error to a query becomes one without rows."""

    def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: Any = None
    ) -> tuple[int, dict[str, str], bytes]:
        status, told, content = super().ask(method, path, headers, body)
        if status >= 400 and "/query?" in path:
            empty = json.dumps({"totalSize": 0, "done": True, "records": []}).encode()
            return 200, {**told, "content-length": str(len(empty))}, empty
        return status, told, content


@pytest.mark.long
def test_many_more_seeds_pass(
    simulated: House, scale: int, record_assurance: Callable[..., None]
) -> None:
    verdicts = [Course(seed).run() for seed in range(1_001, 1_001 + SEEDS * scale)]
    failed = [v.replay() for v in verdicts if v.broken]
    record_assurance(
        "simulation",
        seeds=len(verdicts),
        collections=sum(v.collections for v in verdicts),
        calls=sum(v.calls for v in verdicts),
        faults=sum(v.drawn.total() for v in verdicts),
        failed=len(failed),
    )
    assert failed == []
