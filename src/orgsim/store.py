"""The rows of one org. A row is a tuple in the order of its object type's fields.

Nothing is ever removed from a table's ground truth: a deleted row stays, marked. A row is seen
from `visible_from` (epoch ms of the org's clock) on; the ledger shows it by the same rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from orgsim.schema import ObjectType

Row = tuple[Any, ...]


class Table:
    """All rows of one object type, in order of arrival."""

    def __init__(self, type: ObjectType) -> None:
        self.type = type
        self.rows: list[Row] = []
        self.visible_from: list[int] = []
        self.deleted: set[int] = set()  # positions
        self.lingering: dict[int, int] = {}  # of the deleted: until when queries still show them
        self.journal: list[Callable[[], None]] | None = None  # how to undo what is written
        self._by_id: dict[str, int] = {}
        self._id_at = type.position.get("Id")
        self.version = 0  # grows with every write, so that caches can notice
        self.latest_visible = 0  # the greatest of `visible_from`
        self.rewrites: dict[str, int] = {}  # how often a field of an existing row was changed

    def add(self, row: Row, visible_from: int = 0) -> int:
        """Append one row; returns its position."""
        at = len(self.rows)
        self.rows.append(row)
        self.visible_from.append(visible_from)
        if visible_from > self.latest_visible:
            self.latest_visible = visible_from
        if self._id_at is not None and row[self._id_at] is not None:
            self._by_id[row[self._id_at]] = at
        self.version += 1
        if self.journal is not None:
            self.journal.append(self._take_back)
        return at

    def _take_back(self) -> None:
        """Undo the last `add`."""
        row = self.rows.pop()
        self.visible_from.pop()
        if self._id_at is not None:
            self._by_id.pop(row[self._id_at], None)
        self._rewritten(self.type.position)

    def _rewritten(self, names: Iterable[str]) -> None:
        for name in names:
            self.rewrites[name] = self.rewrites.get(name, 0) + 1
        self.version += 1

    def extend(self, rows: Iterable[Row], visible_from: Iterable[int]) -> None:
        for row, visible in zip(rows, visible_from, strict=True):
            self.add(row, visible)

    def make(self, values: dict[str, Any]) -> Row:
        """A row from named values; what is not named is None (False for booleans)."""
        unknown = values.keys() - self.type.position.keys()
        if unknown:
            raise KeyError(f"{self.type.name} has no field {sorted(unknown)[0]}")
        return tuple(
            values.get(f.name, False if f.type == "boolean" else None) for f in self.type.fields
        )

    def find(self, id18: str) -> int | None:
        """Position of the row with this 18-character id, deleted or not."""
        return self._by_id.get(id18)

    def value(self, at: int, name: str) -> Any:
        return self.rows[at][self.type.position[name]]

    def update(self, at: int, values: dict[str, Any]) -> None:
        row = list(self.rows[at])
        if "Id" in values:
            del self._by_id[self.value(at, "Id")]
            self._by_id[values["Id"]] = at
        if self.journal is not None:
            former = {name: self.value(at, name) for name in values}
            self.journal.append(lambda: self.update(at, former))
        for name, value in values.items():
            row[self.type.position[name]] = value
        self.rows[at] = tuple(row)
        self._rewritten(values)

    def delete(self, at: int, lingers_until: int = 0) -> None:
        """Mark a row as deleted; queries show it until this time (epoch ms) still."""
        if self.journal is not None and at not in self.deleted:
            self.journal.append(lambda: self._undelete(at))
        self.deleted.add(at)
        if lingers_until:
            self.lingering[at] = lingers_until
        self.version += 1

    def _undelete(self, at: int) -> None:
        self.deleted.discard(at)
        self.lingering.pop(at, None)
        self.version += 1

    def gone(self, now: int) -> AbstractSet[int]:
        """Positions of the deleted rows that no query shows any more."""
        if not self.lingering:
            return self.deleted
        self.lingering = {at: until for at, until in self.lingering.items() if until > now}
        return self.deleted - self.lingering.keys()

    def seen(self, now: int, *, all_rows: bool = False) -> Iterator[int]:
        """Positions of the rows visible at `now` (deleted ones only with `all_rows`)."""
        visible, deleted = self.visible_from, self.deleted
        for at in range(len(self.rows)):
            if visible[at] <= now and (all_rows or at not in deleted):
                yield at


class Store:
    """The tables of one org by object name."""

    def __init__(self, types: Sequence[ObjectType]) -> None:
        self.types = {t.name: t for t in types}
        self.tables = {t.name: Table(t) for t in types}
        self._by_lower = {t.name.lower(): t for t in types}

    def type(self, name: str) -> ObjectType | None:
        return self._by_lower.get(name.lower())

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def journal(self, journal: list[Callable[[], None]] | None) -> None:
        """From now on every write also notes how it is undone; None ends that."""
        for table in self.tables.values():
            table.journal = journal
