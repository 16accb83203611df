"""Answers a SOQL query: binds the tree to the schema and the asker, then reads the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from orgsim.schema import ObjectType
from orgsim.soql import rules, tree
from orgsim.soql.access import Access, choose
from orgsim.soql.filters import Filters
from orgsim.soql.groups import Grouping, is_count, is_grouped
from orgsim.soql.parse import malformed, parse, refusal
from orgsim.soql.scope import Asker, Column, Scope, parent
from orgsim.soql.shape import Record
from orgsim.store import Row, Table
from orgsim.wire import ApiError

FIELDS_LIMIT = 200
CHILD_PAGE = 2000
OPEN = Callable[["Result", int], str]  # keeps a result for later pages, answers the locator path


@dataclass(slots=True)
class Result:
    """The rows a query found and how one of them is shown. `total` is the full count."""

    type: ObjectType
    rows: list[Any]
    render: Callable[[Any], dict[str, Any]]
    total: int
    scope: Scope
    query: tree.Query


class Run:
    """One query being answered for one asker. `keep` opens a cursor for long child results."""

    def __init__(self, asker: Asker, keep: OPEN | None = None) -> None:
        self.asker, self.keep = asker, keep

    def query(self, text: str) -> Result:
        return self.parsed(parse(text))

    def parsed(self, query: tree.Query) -> Result:
        type = self.asker.type_of(query.object, query.text, query.object_at)
        scope = Scope(self.asker, type, query.text, query.alias)
        table = self.asker.store.tables[type.name]
        grouped, count = is_grouped(query), is_count(query)
        rules.object_rules(self.asker, scope, query, count or grouped)
        if grouped:
            return self._grouped(scope, table, query)
        render: Callable[[Any], dict[str, Any]]
        render = (lambda row: {}) if count else self._record(scope, query).render(type)
        rows = self._rows(scope, table, query)
        special = "one_row_metadata" in type.quirks and self._selects_metadata(scope, query)
        if special and len(rows) > 1:
            raise ApiError(
                400,
                "MALFORMED_QUERY",
                "When retrieving results with Metadata or FullName fields, the query "
                "qualifications must specify no more than one row for retrieval. "
                f"Result size: {len(rows)}",
            )
        return Result(type, [] if count else rows, render, len(rows), scope, query)

    def _selects_metadata(self, scope: Scope, query: tree.Query) -> bool:
        return any(
            isinstance(i, tree.Item)
            and isinstance(i.what, tree.Path)
            and scope.bare(i.what)[-1].lower() in ("metadata", "fullname")
            for i in query.items
        )

    # Rows ---------------------------------------------------------------------------------

    def _filters(self, scope: Scope) -> Filters:
        return Filters(
            self.asker,
            scope.text,
            scope.operand,
            lambda what, column: rules.may_filter(scope, what, column),
            self._ids,
        )

    def _ids(self, query: tree.Query) -> set[Any]:
        """The ids a semi-join's inner query finds."""
        if len(query.items) != 1 or not isinstance(query.items[0], tree.Item):
            raise malformed(
                query.text, query.object_at, "inner query must select exactly one field"
            )
        result = self.parsed(query)
        column = result.scope.operand(query.items[0].what)
        if column.type not in ("id", "reference"):
            raise refusal(
                "INVALID_FIELD",
                query.text,
                query.items[0].what.at,
                f"The selected field '{column.name}' in the subquery must be an id field",
            )
        return {column.get(row) for row in result.rows} - {None}

    def _visible(self, scope: Scope, table: Table, positions: Iterable[int]) -> Iterable[int]:
        asker = self.asker
        visible, now = table.visible_from, asker.now
        deleted = table.gone(now)
        every = asker.all_rows and table.type.prefix != ""  # what has no id is in no bin
        found: Iterable[int]
        if table.latest_visible <= now and (every or not deleted):
            found = positions
        elif every:
            found = (i for i in positions if visible[i] <= now)
        elif deleted:
            found = (i for i in positions if visible[i] <= now and i not in deleted)
        else:
            found = (i for i in positions if visible[i] <= now)
        own = asker.own_only(scope.type)
        if own is None:
            return found
        rows, me, at = table.rows, asker.user_id, own
        return (i for i in found if rows[i][at] == me)

    def _rows(self, scope: Scope, table: Table, query: tree.Query) -> list[Row]:
        filters = self._filters(scope)
        test = filters.test(query.where) if query.where else None
        keys = [(self._sort_column(scope, k), k) for k in query.order]
        access = choose(scope, table, query, filters)
        if access.exact:
            test = None
        matching = self._matching(scope, table, access, test)
        end = None if query.limit is None else query.limit + (query.offset or 0)
        if not keys:
            return list(islice(matching, query.offset or 0, end))
        first, key = keys[0]
        if end is not None and access.by is not None and first.own == access.by:
            # The index has the order of the first key: stop once enough rows are certain.
            if key.descending and access.backwards is not None:
                access = Access(access.backwards)
            rows = _enough(self._matching(scope, table, access, test), first.get, end)
        else:
            rows = list(matching)
        _sort(rows, keys)
        return rows[query.offset or 0 : end]

    def _matching(
        self, scope: Scope, table: Table, access: Access, test: Callable[[Row], bool] | None
    ) -> Iterable[Row]:
        rows = table.rows
        found = self._visible(scope, table, access.positions)
        if test is None:
            return (rows[i] for i in found)
        return (row for i in found if test(row := rows[i]))

    def _sort_column(self, scope: Scope, key: tree.Key) -> Column:
        column = scope.operand(key.what)
        rules.may_sort(scope, key.what, column)
        return column

    # Shape --------------------------------------------------------------------------------

    def _record(self, scope: Scope, query: tree.Query) -> Record:
        record = Record(self.asker, (scope.type,))
        seen: set[str] = set()
        for item in query.items:
            if isinstance(item, tree.Query):
                self._child(scope, record, item)
                continue
            what = item.what
            if isinstance(what, tree.Call) and what.name.upper() == "FIELDS":
                self._fields(scope, record, query, what)
                continue
            if isinstance(what, tree.Call):
                argument = what.argument
                scope.operand(what)
                if what.name.upper() in ("TOLABEL", "FORMAT") and isinstance(argument, tree.Path):
                    what = argument
                else:
                    raise malformed(scope.text, what.at, f"unexpected token: '{what.name}('")
            elif item.alias is not None:
                raise malformed(
                    scope.text, what.at, "only aggregate expressions use field aliasing"
                )
            names = scope.bare(what)
            spelled = ".".join(names).lower()
            if spelled in seen:
                raise refusal(
                    "INVALID_FIELD", scope.text, what.at, f"duplicate field selected: {names[-1]}"
                )
            seen.add(spelled)
            column = scope.column(what)
            here = record
            types: tuple[ObjectType, ...] = (scope.type,)
            for name in names[:-1]:
                step = next(
                    p for t in types if (p := parent(self.asker.store, t, name)) is not None
                )
                here, types = here.add_parent(step), step.types
            here.add_field(column.name, column.name)
        return record

    def _fields(self, scope: Scope, record: Record, query: tree.Query, call: tree.Call) -> None:
        argument = call.argument
        which = argument.names[0].upper() if isinstance(argument, tree.Path) else ""
        if which not in ("ALL", "STANDARD", "CUSTOM"):
            raise malformed(scope.text, call.at, f"unexpected token: '{call.name}('")
        if which != "STANDARD" and (query.limit is None or query.limit > FIELDS_LIMIT):
            raise malformed(
                scope.text,
                call.at,
                "The SOQL FIELDS function must have a LIMIT of at most 200",
            )
        for field in scope.type.fields:
            custom = field.name.endswith("__c")
            if which == "ALL" or custom == (which == "CUSTOM"):
                record.add_field(field.name, field.name)

    def _child(self, scope: Scope, record: Record, query: tree.Query) -> None:
        wanted = query.object.lower()
        child = next((c for c in scope.type.children if c.relationship.lower() == wanted), None)
        if child is None or child.object not in self.asker.store.types:
            raise refusal(
                "INVALID_TYPE",
                scope.text,
                query.object_at,
                f"Didn't understand relationship '{query.object}' in FROM part of query call. If "
                "you are attempting to use a custom relationship, be sure to append the '__r' "
                "after the custom relationship name. Please reference your WSDL or the describe "
                "call for the appropriate names.",
            )
        type = self.asker.type_of(child.object, scope.text, query.object_at)
        inner = Scope(self.asker, type, scope.text, query.alias)
        table = self.asker.store.tables[type.name]
        filters = self._filters(inner)
        test = filters.test(query.where) if query.where else None
        keys = [(self._sort_column(inner, k), k) for k in query.order]
        render = self._record(inner, query).render(type)
        index = self.asker.indexes.hashed(table, child.field)
        id_at = scope.type.position["Id"]
        start = query.offset or 0
        end = None if query.limit is None else start + query.limit

        def children(row: Row) -> Any:
            rows = list(self._matching(inner, table, Access(index.of(row[id_at])), test))
            _sort(rows, keys)
            rows = rows[start:end]
            if not rows:
                return None
            made: dict[str, Any] = {"totalSize": len(rows), "done": len(rows) <= CHILD_PAGE}
            if not made["done"] and self.keep is not None:
                result = Result(type, rows, render, len(rows), inner, query)
                made["nextRecordsUrl"] = self.keep(result, CHILD_PAGE)
            made["records"] = [render(r) for r in rows[:CHILD_PAGE]]
            return made

        record.add_children(child.relationship, children)

    # Groups -------------------------------------------------------------------------------

    def _grouped(self, scope: Scope, table: Table, query: tree.Query) -> Result:
        grouping = Grouping(scope, query)
        render = grouping.render()
        filters = self._filters(scope)
        test = filters.test(query.where) if query.where else None
        having = (
            Filters(
                self.asker, scope.text, grouping.resolve, lambda what, column: None, self._ids
            ).test(query.having)
            if query.having
            else None
        )
        keys = [(grouping.resolve(k.what), k) for k in query.order]
        access = choose(
            scope,
            table,
            tree.Query(
                query.text, query.items, query.object, query.object_at, query.alias, query.where
            ),
            filters,
        )
        groups = grouping.groups(self._matching(scope, table, access, test))
        if having is not None:
            groups = [g for g in groups if having(g)]
        _sort(groups, keys)
        start = query.offset or 0
        groups = groups[start : None if query.limit is None else start + query.limit]
        if len(groups) > 2000 and query.limit is None:
            raise ApiError(
                400,
                "EXCEEDED_ID_LIMIT",
                "Aggregate query does not support queryMore(), use LIMIT to restrict the results "
                "to a single batch",
            )
        return Result(scope.type, groups, render, len(groups), scope, query)


def _enough(rows: Iterable[Row], get: Callable[[Row], Any], count: int) -> list[Row]:
    """The first `count` rows and those that tie with the last of them."""
    kept: list[Row] = []
    last: Any = None
    for row in rows:
        if len(kept) >= count and get(row) != last:
            break
        kept.append(row)
        last = get(row)
    return kept


def _is_plain(column: Column, key: tree.Key) -> bool:
    """A key that sorts as it is: ascending, never null, neither text nor a parent's."""
    never_null = column.field is not None and not column.field.nillable
    return (
        never_null
        and column.own is not None
        and column.type in ("datetime", "id", "reference", "int", "date")
        and not key.descending
    )


def _sort(rows: list[Any], keys: list[tuple[Column, tree.Key]]) -> None:
    """Sort in place by several keys: the last first, as sorting is stable."""
    if rows and all(_is_plain(column, key) for column, key in keys):
        for column, _ in reversed(keys):
            rows.sort(key=column.get)
        return
    for column, key in reversed(keys):
        get = column.get
        folded = (lambda v: v.lower()) if column.type not in ("id", "reference") else (lambda v: v)

        def order(row: Any, get: Any = get, folded: Any = folded, key: tree.Key = key) -> Any:
            value = get(row)
            if value is None:
                return (key.nulls_last is not key.descending, 0)
            return (
                key.nulls_last is key.descending,
                folded(value) if isinstance(value, str) else value,
            )

        rows.sort(key=order, reverse=key.descending)
