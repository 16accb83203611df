"""200 seeds: days of collecting with everything that goes wrong, judged by the checker.

Each half is a group of its own, so that two processes share them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tests.simulation.course import Course
from tests.simulation.faults import KINDS
from tests.simulation.mutants import MUTANTS, Mutant
from tests.support.house import House

SEEDS, LEAST = 200, 1  # times that each kind of fault is drawn in a half
HALVES = [
    pytest.param(range(first, first + SEEDS // 2), id=name, marks=pytest.mark.xdist_group(name))
    for name, first in (("simulation 1", 1), ("simulation 2", 1 + SEEDS // 2))
]
PLANTED = [
    pytest.param(m, id=m.planted, marks=[pytest.mark.long] if m.dear else []) for m in MUTANTS
]


@pytest.mark.parametrize("seeds", HALVES)
def test_no_seed_loses_doubles_overspends_or_lies_and_every_kind_of_fault_is_drawn(
    simulated: House, seeds: range, record_assurance: Callable[..., None]
) -> None:
    verdicts = []
    for seed in seeds:
        verdicts.append(Course(seed).run())
        if verdicts[-1].broken:
            print("\n".join([*verdicts[-1].trace, "replay it with:", verdicts[-1].replay()]))
    assert {v.seed: v.broken for v in verdicts if v.broken} == {}
    assert len(verdicts) == len(seeds)
    print(f"{len(verdicts)} seeds of {SEEDS} passed")
    record_assurance(
        f"simulation, seeds {seeds[0]} to {seeds[-1]}",
        seeds=len(verdicts),
        collections=sum(v.collections for v in verdicts),
        calls=sum(v.calls for v in verdicts),
        failed=0,
    )
    drawn = sum((v.drawn for v in verdicts), Counter[str]())
    print({kind: drawn[kind] for kind in KINDS})
    assert {kind: drawn[kind] for kind in KINDS if drawn[kind] < LEAST} == {}


def test_a_seed_takes_the_same_course_again(simulated: House) -> None:
    assert Course(39).run() == Course(39).run()


@pytest.mark.parametrize("mutant", PLANTED)
def test_a_planted_fault_is_found(simulated: House, mutant: Mutant) -> None:
    verdict = mutant.found()
    assert verdict is not None, f"none of the seeds {list(mutant.seeds)} shows it"
    assert "--seed" in verdict.replay()
    assert any(line.split(" h ")[1].startswith("BROKEN") for line in verdict.trace)


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
