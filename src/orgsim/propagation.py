"""How long a change takes to be known everywhere, and changes made together or not at all.

A change is made at once where it is asked for; what follows from it (tokens that end, an app that
is refused, a read that shows it) comes after a delay of the org's clock. Every delay is 0 until
the control API sets it (`/_sim/delays`).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orgsim.org import Clock
    from orgsim.store import Store

Work = Callable[[], None]
DELAYS = {
    "tokens": "access tokens work on after their grant was revoked",
    "sessions": "a session works on after it was deleted",
    "apps": "a change of an app reaches the token endpoint and the app's live sessions",
    "reads": "a read shows a change",
    "audit": "SetupAuditTrail shows its row",
    "deploy": "a deployment ends",
}


class Propagation:
    """What is still to come of the changes that were made, in order of time."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.delay_ms = dict.fromkeys(DELAYS, 0)
        self._due: list[tuple[int, int, Work]] = []
        self._number = 0
        self._held: list[tuple[str, Work]] | None = None

    def __len__(self) -> int:
        return len(self._due)

    def until(self, what: str) -> int:
        """When a change made now is known; epoch ms of the org's clock."""
        return self.clock.now() + self.delay_ms[what]

    def after(self, what: str, work: Work) -> None:
        """Do the work when this delay is over: at once without one."""
        if self._held is not None:
            self._held.append((what, work))
        elif self.delay_ms[what] <= 0:
            work()
        else:
            self._number += 1
            heapq.heappush(self._due, (self.until(what), self._number, work))

    def settle(self) -> None:
        """Do what is due by now."""
        now = self.clock.now()
        while self._due and self._due[0][0] <= now:
            heapq.heappop(self._due)[2]()

    def reset(self) -> None:
        """No delays any more; what is still to come comes now."""
        self.delay_ms = dict.fromkeys(DELAYS, 0)
        while self._due:
            heapq.heappop(self._due)[2]()

    @contextmanager
    def together(self, store: Store) -> Iterator[None]:
        """Changes within are all made, or none of them when an exception leaves it."""
        if self._held is not None:  # a part of a larger whole
            yield
            return
        journal: list[Work] = []
        held: list[tuple[str, Work]] = []
        self._held = held
        store.journal(journal)
        try:
            yield
        except BaseException:
            store.journal(None)
            for undo in reversed(journal):
                undo()
            held.clear()
            raise
        finally:
            store.journal(None)
            self._held = None
        for what, work in held:
            self.after(what, work)
