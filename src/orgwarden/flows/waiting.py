"""Runs whose word waits for the commit of another: they had nothing to store, or little.

A first reading of an org finds some forty small things. A commit of each would cost more than
reading them all, so what can be asked for again is committed together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from orgwarden.core.budget import PROTECTED
from orgwarden.core.ledger import Ledger
from orgwarden.core.source import Source
from orgwarden.flows.gathered import Gathered, gathered
from orgwarden.lake.landing import Counts, Landing
from orgwarden.records.models import Run

Landed = Sequence[tuple[Source, Landing]]
Change = Callable[[Ledger], Ledger]
FEW = 2_000  # rows; a reading of more has a commit of its own
MOST = 20_000  # rows that wait for a commit, all together
LONGEST = 10.0  # seconds that rows wait, at most, until the next source is read


def may_wait(source: Source, landed: Landed) -> bool:
    """Whether these rows may wait for the commit of others. What is of a protected lane may not: a
    job is gone in minutes, and after a kill nobody could ask for it again."""
    return source.lane not in PROTECTED and sum(x.counts.read for _, x in landed) <= FEW


@dataclass
class Late:
    """A run whose `change` of the ledger waits, and `judge`, which says that it is done, until
    after the commit. The parts of `landed` are on the disk, `since` then (seconds)."""

    source: Source
    run: Run
    change: Change
    counts: Counts
    landed: Landed = ()
    since: float = 0.0
    judge: Callable[[], None] = lambda: None

    def count(self, sign: int = 1) -> None:
        """Add what was read to the run, or take it away again."""
        self.run.rows_read += sign * self.counts.read
        self.run.rows_stored += sign * self.counts.stored
        self.run.rows_duplicate += sign * self.counts.duplicate
        self.run.rows_quarantined += sign * self.counts.quarantined


class Waiting:
    """All that waits in one collection, in order. One thread's."""

    def __init__(self) -> None:
        self.runs: list[Late] = []

    def add(self, late: Late) -> None:
        late.count()
        self.runs.append(late)

    def of(self, run: Run) -> Late | None:
        """The entry of this run, if it is the last."""
        return self.runs[-1] if self.runs and self.runs[-1].run is run else None

    def due(self, asked: Collection[str], now: float) -> bool:
        """Whether there should be a commit before the sources `asked` are read, or looked up: they
        have rows here, or it is too much."""
        landed = [late for late in self.runs if late.landed]
        return (
            any(late.source.id in asked or now - late.since > LONGEST for late in landed)
            or sum(late.counts.stored for late in landed) > MOST
        )

    def gathered(self, ledger: Ledger) -> Gathered:
        """What waits, for a commit of this ledger."""
        made = gathered([one for late in self.runs for one in late.landed], ledger)
        for late in self.runs:
            if not late.landed:  # else its rows are counted already
                again = late.counts.duplicate
                counted = made.ledger.counted(
                    late.source.id, stored=0, duplicate=again, quarantined=0
                )
                made.ledger = counted
            made.ledger = late.change(made.ledger)
        return made

    def judge(self, tell: Callable[[Run], None]) -> None:
        """After the commit: they are done."""
        judged, self.runs = self.runs, []
        for late in judged:
            late.judge()
            if late.landed:
                tell(late.run)

    def give_up(self, end: Callable[[Late], None]) -> None:
        """There was no commit: nothing of it counts."""
        given, self.runs = self.runs, []
        for late in given:
            late.count(-1)
            end(late)
