"""Records that somebody else holds just now: a write to them is refused and may be tried again."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Lock:
    """Until when (epoch ms) a record is held, and how many writes it refuses at most."""

    until_ms: int | None = None
    times: int | None = None


@dataclass
class Locks:
    held: dict[str, Lock] = field(default_factory=dict)  # by record id, 18 characters

    def holds(self, id: str, now: int) -> bool:
        """Whether this write meets a lock; asking counts the write."""
        lock = self.held.get(id)
        if lock is None:
            return False
        if lock.until_ms is not None and now >= lock.until_ms:
            del self.held[id]
            return False
        if lock.times is not None:
            lock.times -= 1
            if lock.times <= 0:
                del self.held[id]
        return True
