"""What keeps our repetitions from becoming the trouble: per org, in one process.

- At most a tenth of an hour's calls (20 at least) may be repetitions.
- An endpoint that failed ten times in a row is left alone: for a minute, then twice as long each
  time, at most 15 minutes; then one call finds out whether it answers again.
- At most four calls at once: the org's own limit counts the long requests of all its apps.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from orgwarden.core.problems import TryLater

AT_ONCE = 4
REPEATS_AN_HOUR = 20
FAILURES = 10
FIRST_PAUSE, LONGEST_PAUSE = 60.0, 900.0  # seconds
TRIAL = 120.0  # seconds after which a call that finds out is given up for lost


class RetryBudget:
    """How many calls may be repetitions: a tenth of the last hour's calls, or 20 if that is more.

    Without it an org that fails for hours would burn its own quota on our retries. Times in
    seconds of a monotonic clock.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        # By minute, so that a busy hour costs 60 numbers and not a million.
        self._calls: Counter[int] = Counter()
        self._repeats: Counter[int] = Counter()

    def note_call(self) -> None:
        with self._lock:
            self._calls[self._minute()] += 1

    def take(self) -> bool:
        """Whether one more repetition is allowed; if so it is counted."""
        with self._lock:
            now = self._minute()
            for counted in (self._calls, self._repeats):
                for minute in [m for m in counted if m <= now - 60]:
                    del counted[minute]
            if self._repeats.total() >= max(REPEATS_AN_HOUR, self._calls.total() // 10):
                return False
            self._repeats[now] += 1
            return True

    def _minute(self) -> int:
        return int(self._clock() // 60)


@dataclass
class _Fuse:
    failures: int = 0
    pause: float = 0.0
    open_until: float = 0.0


class Breaker:
    """The fuses of one org, one for each endpoint."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._fuses: dict[str, _Fuse] = {}

    def admit(self, endpoint: str) -> bool:
        """Whether the call may be repeated as usual; False: it is the one that finds out. Raises
        TryLater while the endpoint is left alone."""
        with self._lock:
            fuse = self._fuses.get(endpoint)
            if fuse is None or fuse.failures < FAILURES:
                return True
            now = self._clock()
            if now < fuse.open_until:
                raise TryLater(
                    f"Salesforce failed {fuse.failures} times in a row at “{endpoint}”, which is"
                    " left alone for a while.",
                    after=timedelta(seconds=fuse.open_until - now),
                    fix="It is asked again by itself; status.salesforce.com shows the state of the"
                    " org's instance.",
                    code="LEFT_ALONE",
                )
            fuse.open_until = now + TRIAL  # others wait for what this one finds out
            return False

    def failed(self, endpoint: str) -> None:
        """A call failed in a way that passes."""
        with self._lock:
            fuse = self._fuses.setdefault(endpoint, _Fuse())
            fuse.failures += 1
            if fuse.failures >= FAILURES:
                fuse.pause = min(max(2 * fuse.pause, FIRST_PAUSE), LONGEST_PAUSE)
                fuse.open_until = self._clock() + fuse.pause

    def answered(self, endpoint: str) -> None:
        """A call was answered, if only by a refusal."""
        with self._lock:
            self._fuses.pop(endpoint, None)

    def forget(self) -> None:
        """A person asks: everything is tried again."""
        with self._lock:
            self._fuses.clear()


class Restraint:
    """All of it for one org."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.retries = RetryBudget(clock)
        self.breaker = Breaker(clock)
        self.turns = threading.BoundedSemaphore(AT_ONCE)
