"""Which rows a query has to look at: by id, by reference, by a range of time, or all.

Only conditions that must hold (the top-level ANDs) choose; the whole condition is tested after.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from orgsim.soql import tree
from orgsim.soql.filters import Filters
from orgsim.soql.scope import Scope
from orgsim.store import Table

SMALL = 1000  # rows below which an index is not worth having


@dataclass(slots=True)
class Access:
    """Candidate positions. With `by` they are in ascending order of that field; `exact` when
    they are just the rows that the whole condition allows."""

    positions: Iterable[int]
    by: str | None = None
    backwards: Iterable[int] | None = None
    exact: bool = False


def musts(condition: tree.Condition | None) -> list[tree.Condition]:
    if condition is None:
        return []
    if isinstance(condition, tree.Both) and condition.all:
        return [m for part in condition.parts for m in musts(part)]
    return [condition]


def choose(scope: Scope, table: Table, query: tree.Query, filters: Filters) -> Access:
    bounds: dict[str, tuple[Any, Any]] = {}
    every = musts(query.where)
    ranged = 0  # of them
    for must in every:
        if not isinstance(must, tree.Compare | tree.InList | tree.InQuery):
            continue
        if not isinstance(must.left, tree.Path):
            continue
        column = scope.column(must.left)
        if column.own is None:
            continue
        if column.type in ("id", "reference") and not isinstance(must, tree.InQuery):
            found = _by_id(scope, table, column.own, must, filters)
            if found is not None:
                return Access(found)
        elif column.type == "datetime" and isinstance(must, tree.Compare):
            low, high = _range(filters, scope, must)
            ranged += (low, high) != (None, None)
            old_low, old_high = bounds.get(column.own, (None, None))
            bounds[column.own] = (
                old_low if low is None else low if old_low is None else max(low, old_low),
                old_high if high is None else high if old_high is None else min(high, old_high),
            )
    if len(table.rows) < SMALL:
        return Access(range(len(table.rows)))
    bounds = {name: pair for name, pair in bounds.items() if pair != (None, None)}
    first = query.order[0].what if query.order else None
    if not bounds and isinstance(first, tree.Path) and query.limit is not None:
        column = scope.column(first)
        if (
            column.own
            and column.type == "datetime"
            and not (column.field and column.field.nillable)
        ):
            bounds[column.own] = (None, None)
    best: Access | None = None
    fewest = len(table.rows) + 1
    for name, (low, high) in bounds.items():
        index = scope.asker.indexes.sorted(table, name)
        start, end = index.between(low, high)
        if end - start < fewest:
            fewest = end - start
            best = _slice(index.positions, start, end, name, lazy=query.limit is not None)
    if best is not None and len(bounds) == 1 and ranged == len(every):
        best.exact = True
    return best or Access(range(len(table.rows)))


def _slice(positions: list[int], start: int, end: int, by: str, *, lazy: bool) -> Access:
    """Part of an index. A query with a limit may need the first few only: copy nothing for it."""
    if lazy:
        at = positions.__getitem__
        forwards, backwards = range(start, end), range(end - 1, start - 1, -1)
        return Access(map(at, forwards), by, map(at, backwards))
    chosen = positions[start:end]
    return Access(chosen, by, reversed(chosen))


def _by_id(
    scope: Scope,
    table: Table,
    name: str,
    must: tree.Compare | tree.InList,
    filters: Filters,
) -> list[int] | None:
    """Positions for an equality on an id or a reference, None when it is no equality."""
    column = scope.column(tree.Path((name,), (1, 1)))
    if isinstance(must, tree.Compare):
        if must.operator != "=" or must.value.kind != "string":
            return None
        wanted = [filters.value(column, must.value)]
    else:
        if must.negated or any(v.kind != "string" for v in must.values):
            return None
        wanted = [filters.value(column, v) for v in must.values]
    if name == "Id":
        places = {table.find(w) for w in wanted if w}
        return sorted(p for p in places if p is not None)
    if len(table.rows) < SMALL or "" in wanted:
        return None
    index = scope.asker.indexes.hashed(table, name)
    return sorted({p for w in wanted for p in index.of(w)})


def _range(filters: Filters, scope: Scope, must: tree.Compare) -> tuple[Any, Any]:
    """The half-open range [low, high) in ms a comparison allows; None is open."""
    column = scope.column(must.left) if isinstance(must.left, tree.Path) else None
    if column is None or must.value.kind not in ("datetime", "relative"):
        return None, None
    if must.value.kind == "datetime":
        low = must.value.value
        high = low + 1
    else:
        low, high = filters.span(column, must.value)
    match must.operator:
        case "=":
            return low, high
        case "<":
            return None, low
        case "<=":
            return None, high
        case ">":
            return high, None
        case ">=":
            return low, None
    return None, None
