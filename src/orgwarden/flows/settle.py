"""The end of a collection for runs that wait for a commit: one for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from orgwarden.flows import runs
from orgwarden.flows.outcomes import STOPPED, Outcome, of_disk
from orgwarden.flows.waiting import Late
from orgwarden.flows.work import Work
from orgwarden.records.models import Run


def settle(work: Work, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Commit what waits for a commit, if none came after it. The outcomes, as they now are."""
    if not work.waiting.runs:
        return list(outcomes)
    failed: dict[str, Outcome] = {}
    try:
        work.commit([])
    except OSError as error:
        work.beat.check()
        problem = error

        def fail(late: Late) -> None:
            found = failed[late.source.id] = of_disk(late.source.id, problem)
            _end(work, late, found.outcome, found.reason, found.fix)

        work.waiting.give_up(fail)
    return [failed.get(o.source, o) for o in outcomes]


@contextmanager
def nothing_left_waiting(work: Work) -> Iterator[None]:
    """Whatever ends a collection, no run stays without an end."""
    try:
        yield
    finally:
        work.waiting.give_up(lambda late: _end(work, late, Run.Outcome.LOST, STOPPED))


def _end(work: Work, late: Late, outcome: str, reason: str, fix: str = "") -> None:
    run, now = late.run, work.means.clock()
    runs.end(run, outcome, reason=reason, fix=fix, calls=run.calls, now=now)
