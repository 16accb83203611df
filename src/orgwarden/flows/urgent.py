"""What is more urgent than the backfill in hand: read in between, under the same lease."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from orgwarden.core.budget import PRIORITY
from orgwarden.core.source import Source
from orgwarden.flows.clients import open_client
from orgwarden.flows.due import due_sources
from orgwarden.flows.first_questions import plan_sources
from orgwarden.flows.joined import Joined
from orgwarden.flows.outcomes import Outcome
from orgwarden.flows.run_source import run_source
from orgwarden.flows.work import Work
from orgwarden.records.models import Org

LOOK = 5.0  # seconds between two looks at what is due


class Urgent:
    """Called with the lane of what is in hand. Sources of this collection that were not read yet
    have their turn after it: `read` are those that were. Raises what `run_source` raises."""

    def __init__(self, work: Work, trigger: str) -> None:
        self._work, self._trigger = work, trigger
        self._looked = work.means.seconds()
        self.read: set[str] = set()
        self.outcomes: list[Outcome] = []

    def __call__(self, lane: str) -> None:
        now = self._work.means.seconds()
        if now - self._looked < LOOK:
            return
        self._looked = now
        org = Org.objects.get(pk=self._work.org.pk)
        due = [
            s
            for s in due_sources(org, self._work.means.clock())
            if s.id in self.read and PRIORITY.index(s.lane) < PRIORITY.index(lane)
        ]
        if due:
            self._read(due)

    def _read(self, due: list[Source]) -> None:
        with _aside(self._work):
            plan_sources(self._work, due)
            for source in due:
                self.outcomes.append(run_source(self._work, source, self._trigger))


@contextmanager
def _aside(work: Work) -> Iterator[None]:
    """Calls made meanwhile count for whoever makes them: what is in hand may be downloading."""
    run, client, meter, joined = work.run, work.client, work.meter, work.joined
    work.client, work.meter = open_client(work.org, work.means)
    work.joined = Joined(work.client, work.means)
    try:
        yield
    finally:
        work.meter.settle()
        work.run, work.client, work.meter, work.joined = run, client, meter, joined
