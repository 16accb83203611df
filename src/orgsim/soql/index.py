"""Indexes over tables that only grow: made when first asked for, carried on as rows arrive.

A rewritten field (Table.update) makes its index anew. Rows without a value are in no index.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import le
from typing import Any

from orgsim.store import Table


class Sorted:
    """Positions in the order of one field's values; equal values in order of arrival."""

    def __init__(self, table: Table, field: str) -> None:
        self.table, self.field = table, field
        self.at = table.type.position[field]
        self.keys: list[Any] = []
        self.positions: list[int] = []
        self.covered = 0
        self.rewrites = -1

    def refresh(self) -> None:
        table = self.table
        rewrites = table.rewrites.get(self.field, 0)
        if rewrites != self.rewrites:
            self.keys, self.positions, self.covered = [], [], 0
            self.rewrites = rewrites
        if self.covered == len(table.rows):
            return
        at, rows, start = self.at, table.rows, self.covered
        self.covered = len(rows)
        keys = [row[at] for row in rows[start:]]
        if self._go_on(keys):
            # The usual case: history arrives in order, and a million rows need no sorting.
            self.keys.extend(keys)
            self.positions.extend(range(start, len(rows)))
            return
        new = [(key, start + i) for i, key in enumerate(keys) if key is not None]
        if not new:
            return
        new.sort()
        if self.keys and new[0][0] < self.keys[-1]:
            if len(new) <= 64:
                for key, position in new:
                    where = bisect_right(self.keys, key)
                    self.keys.insert(where, key)
                    self.positions.insert(where, position)
                return
            new = sorted([*zip(self.keys, self.positions, strict=True), *new])
            self.keys, self.positions = [], []
        self.keys.extend(k for k, _ in new)
        self.positions.extend(p for _, p in new)

    def _go_on(self, keys: list[Any]) -> bool:
        """Whether these values are in order, after all that are there."""
        if None in keys or not keys or (self.keys and keys[0] < self.keys[-1]):
            return False
        return all(map(le, keys, keys[1:]))

    def between(self, low: Any, high: Any) -> tuple[int, int]:
        """The slice of `positions` with low <= value < high; None is no bound."""
        self.refresh()
        start = 0 if low is None else bisect_left(self.keys, low)
        end = len(self.keys) if high is None else bisect_left(self.keys, high)
        return start, max(start, end)


class Hashed:
    """Positions by one field's value."""

    def __init__(self, table: Table, field: str) -> None:
        self.table, self.field = table, field
        self.at = table.type.position[field]
        self.found: dict[Any, list[int]] = {}
        self.covered = 0
        self.rewrites = -1

    def of(self, value: Any) -> list[int]:
        table = self.table
        rewrites = table.rewrites.get(self.field, 0)
        if rewrites != self.rewrites:
            self.found, self.covered, self.rewrites = {}, 0, rewrites
        at, rows = self.at, table.rows
        for i in range(self.covered, len(rows)):
            self.found.setdefault(rows[i][at], []).append(i)
        self.covered = len(rows)
        return self.found.get(value, [])


class Indexes:
    """The indexes of one org."""

    def __init__(self) -> None:
        self._sorted: dict[tuple[str, str], Sorted] = {}
        self._hashed: dict[tuple[str, str], Hashed] = {}

    def sorted(self, table: Table, field: str) -> Sorted:
        key = (table.type.name, field)
        if key not in self._sorted:
            self._sorted[key] = Sorted(table, field)
        return self._sorted[key]

    def hashed(self, table: Table, field: str) -> Hashed:
        key = (table.type.name, field)
        if key not in self._hashed:
            self._hashed[key] = Hashed(table, field)
        return self._hashed[key]
