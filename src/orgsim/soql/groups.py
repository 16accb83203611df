"""Aggregate queries: GROUP BY, HAVING and the functions over a group's rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from orgsim.soql import rules, tree
from orgsim.soql.parse import malformed, refusal
from orgsim.soql.scope import Column, Scope
from orgsim.soql.shape import value
from orgsim.store import Row

AGGREGATES = frozenset({"COUNT", "COUNT_DISTINCT", "MIN", "MAX", "SUM", "AVG"})
NUMBERS = frozenset({"int", "double", "currency", "percent", "long"})


@dataclass(frozen=True, slots=True)
class Group:
    keys: tuple[Any, ...]
    rows: list[Row]


def is_aggregate(what: tree.Operand) -> bool:
    return isinstance(what, tree.Call) and what.name.upper() in AGGREGATES


def is_grouped(query: tree.Query) -> bool:
    """Whether the answer is groups instead of records (COUNT() alone is neither)."""
    if query.group:
        return True
    items = [i for i in query.items if isinstance(i, tree.Item)]
    return any(is_aggregate(i.what) for i in items) and not is_count(query)


def is_count(query: tree.Query) -> bool:
    if len(query.items) != 1 or not isinstance(query.items[0], tree.Item):
        return False
    what = query.items[0].what
    return isinstance(what, tree.Call) and what.name.upper() == "COUNT" and what.argument is None


class Grouping:
    """What a grouped query's columns mean, as closures over groups."""

    def __init__(self, scope: Scope, query: tree.Query) -> None:
        self.scope, self.query = scope, query
        self.keys = [self._key(what) for what in query.group]
        self.names = [_spelled(scope, what) for what in query.group]
        self.aliases = {
            i.alias.lower(): i.what for i in query.items if isinstance(i, tree.Item) and i.alias
        }

    def _key(self, what: tree.Operand) -> Column:
        column = self.scope.operand(what)
        rules.may_group(self.scope, what, column)
        return column

    def groups(self, rows: Iterable[Row]) -> list[Group]:
        if not self.keys:
            return [Group((), list(rows))]
        found: dict[tuple[Any, ...], Group] = {}
        gets = [k.get for k in self.keys]
        for row in rows:
            key = tuple([get(row) for get in gets])
            if key not in found:
                found[key] = Group(key, [])
            found[key].rows.append(row)
        return list(found.values())

    def resolve(self, what: tree.Operand) -> Column:
        """A column of a group: an aggregate, a grouped field or an alias of either."""
        if isinstance(what, tree.Path) and len(what.names) == 1:
            aliased = self.aliases.get(what.names[0].lower())
            if aliased is not None and aliased is not what:
                return self.resolve(aliased)
        if isinstance(what, tree.Call) and what.name.upper() in AGGREGATES:
            return self._aggregate(what)
        spelled = _spelled(self.scope, what)
        if spelled in self.names:
            at = self.names.index(spelled)
            inner = self.keys[at]
            return Column(inner.type, lambda g: g.keys[at], None, None, inner.name)
        shown = ".".join(what.names) if isinstance(what, tree.Path) else what.name
        raise malformed(
            self.scope.text,
            what.at,
            f"Field must be grouped or aggregated: {shown}",
        )

    def _aggregate(self, call: tree.Call) -> Column:
        rules.may_aggregate(self.scope, call)
        name = call.name.upper()
        if call.argument is None:
            if name == "COUNT":
                return Column("int", lambda g: len(g.rows), None, None, "COUNT")
            raise malformed(self.scope.text, call.at, f"unexpected token: '{call.name}('")
        if not isinstance(call.argument, tree.Path):
            raise malformed(self.scope.text, call.at, "aggregates take a field")
        column = self.scope.column(call.argument)
        get, type = column.get, column.type
        if name in ("SUM", "AVG") and type not in NUMBERS:
            raise refusal(
                "INVALID_FIELD",
                self.scope.text,
                call.at,
                f"field {column.name} does not support aggregate operator {name}",
            )

        def values(group: Group) -> list[Any]:
            return [v for row in group.rows if (v := get(row)) is not None]

        functions: dict[str, tuple[str, Callable[[Group], Any]]] = {
            "COUNT": ("int", lambda g: len(values(g))),
            "COUNT_DISTINCT": ("int", lambda g: len(set(values(g)))),
            "MIN": (type, lambda g: min(values(g), default=None)),
            "MAX": (type, lambda g: max(values(g), default=None)),
            "SUM": (type, lambda g: sum(v) if (v := values(g)) else None),
            "AVG": ("double", lambda g: sum(v) / len(v) if (v := values(g)) else None),
        }
        kind, function = functions[name]
        return Column(kind, function, None, None, name)

    def render(self) -> Callable[[Group], dict[str, Any]]:
        parts: list[tuple[str, Column]] = []
        count = 0
        for item in self.query.items:
            if not isinstance(item, tree.Item):
                raise malformed(
                    self.scope.text, item.object_at, "no child queries in an aggregate query"
                )
            column = self.resolve(item.what)
            if item.alias:
                key = item.alias
            elif isinstance(item.what, tree.Path):
                key = column.name
            else:
                key = f"expr{count}"
                count += 1
            parts.append((key, column))

        def one(group: Group) -> dict[str, Any]:
            made: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
            for key, column in parts:
                made[key] = value(column.type, column.get(group))
            return made

        return one


def _spelled(scope: Scope, what: tree.Operand | None) -> str:
    """An operand in one spelling, so that equal ones can be recognised."""
    if what is None:
        return ""
    if isinstance(what, tree.Path):
        return ".".join(scope.bare(what)).lower()
    return f"{what.name.lower()}({_spelled(scope, what.argument)})"
