"""The end of a collection for runs that had nothing to store: one commit for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from orgwarden.flows import runs
from orgwarden.flows.outcomes import STOPPED, Outcome, of_disk
from orgwarden.flows.work import Work
from orgwarden.records.models import Run


def settle(work: Work, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Commit what waits for a commit, if none came after it. The outcomes, as they now are."""
    if not work.waiting:
        return list(outcomes)
    try:
        work.commit([])
    except OSError as error:
        work.beat.check()
        failed = {w.source.id: of_disk(w.source.id, error) for w in work.waiting}
        for waiting in work.waiting:
            found, run = failed[waiting.source.id], waiting.run
            now = work.means.clock()
            runs.end(
                run, found.outcome, reason=found.reason, fix=found.fix, calls=run.calls, now=now
            )
        work.waiting.clear()
        return [failed.get(o.source, o) for o in outcomes]
    return list(outcomes)


@contextmanager
def nothing_left_waiting(work: Work) -> Iterator[None]:
    """Whatever ends a collection, no run stays without an end."""
    try:
        yield
    finally:
        for waiting in work.waiting:
            run, now = waiting.run, work.means.clock()
            runs.end(run, Run.Outcome.LOST, reason=STOPPED, calls=run.calls, now=now)
