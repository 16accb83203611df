"""The org's daily API calls: a number over the last 24 h of the org's clock, and who made them."""

from __future__ import annotations

from collections import Counter, deque

WINDOW_MS = 24 * 3_600_000
SLOT_MS = 60_000


class Quota:
    """Calls in slots of one minute. What is set by hand ages like what was counted."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.calls: Counter[tuple[str, str]] = Counter()  # (endpoint, client)
        self.uncounted: Counter[tuple[str, str]] = Counter()  # sign-ins and the like
        self._slots: deque[list[int]] = deque()  # [slot, count]
        self._used = 0

    def used(self, now: int) -> int:
        oldest = (now - WINDOW_MS) // SLOT_MS
        while self._slots and self._slots[0][0] <= oldest:
            self._used -= self._slots.popleft()[1]
        return self._used

    def count(self, now: int, endpoint: str, client: str) -> None:
        self.calls[endpoint, client] += 1
        self.add(now, 1)

    def add(self, now: int, calls: int) -> None:
        slot = now // SLOT_MS
        if self._slots and self._slots[-1][0] >= slot:
            self._slots[-1][1] += calls
        else:
            self._slots.append([slot, calls])
        self._used += calls

    def set(self, now: int, used: int) -> None:
        self._slots.clear()
        self._used = 0
        self.add(now, used)

    def exhausted(self, now: int) -> bool:
        return self.used(now) >= self.limit

    def header(self, now: int) -> tuple[str, str]:
        return ("Sforce-Limit-Info", f"api-usage={self.used(now)}/{self.limit}")
