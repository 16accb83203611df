"""Turns: how long the collection of one org may hold a worker while other orgs are due.

What is fresh is read in every turn. A backfill goes on until its turn is over, at a commit, and is
taken up in the next one; while nobody else is due there is no end to a turn.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from orgwarden.core.problems import TryLater
from orgwarden.flows.means import REAL, Means

TURN = "turn"  # the rule by which a backfill waits for other tenants
LENGTH = timedelta(seconds=20)


class TurnOver(TryLater):
    """The rest is read in the next turn."""

    def __init__(self) -> None:
        super().__init__(
            "What is new is collected; older events follow when other tenants had their turn.",
            after=timedelta(),
            code="TURN_OVER",
        )


class Turn:
    """One turn, from now on. `others` tells whether another org waits for a worker."""

    def __init__(self, length: timedelta, others: Callable[[], bool], means: Means = REAL) -> None:
        self._others, self._seconds = others, means.seconds
        self._ends = means.seconds() + length.total_seconds()
        self._used = False

    def over(self) -> bool:
        """Asked before every piece of a backfill. The first is always granted: however long the
        fresh events took, a backfill gets on in every turn."""
        if not self._used:
            self._used = True
            return False
        return self._seconds() >= self._ends and self._others()


def endless() -> Turn:
    """A turn of somebody who asked for all of it."""
    return Turn(timedelta(), lambda: False)
