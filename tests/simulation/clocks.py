"""The virtual time: one that passes, the org's view of it and ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

BEGIN = datetime(2026, 3, 3, 7, 0, tzinfo=UTC)


@dataclass
class Time:
    """Seconds that have passed since BEGIN; `ours` and `theirs` are how wrong two clocks go."""

    passed: float = 0.0
    ours: float = 0.0
    theirs: float = 0.0

    def ours_goes_wrong(self, by: float) -> None:
        self.ours = by

    def sleep(self, seconds: float) -> None:
        self.passed += seconds

    def monotonic(self) -> float:
        return self.passed

    def now(self) -> datetime:
        """Our machine's clock."""
        return BEGIN + timedelta(seconds=self.passed + self.ours)

    def org_now(self) -> datetime:
        return BEGIN + timedelta(seconds=self.passed + self.theirs)


@dataclass
class OrgClock:
    """What an emulated org takes for its clock, in epoch milliseconds. Nobody else moves it."""

    time: Time

    def now(self) -> int:
        return int(self.time.org_now().timestamp() * 1000)

    def advance(self, by_ms: int) -> None:
        self.time.passed += by_ms / 1000

    def set(self, to_ms: int) -> None:
        self.advance(to_ms - self.now())
