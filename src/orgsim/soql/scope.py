"""What names mean in a query: an object type, who asks, and columns as closures over rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from orgsim.schema import Field, ObjectType, narrowed
from orgsim.soql import dates, tree
from orgsim.soql.index import Indexes
from orgsim.soql.parse import malformed, refusal
from orgsim.store import Row, Store, Table
from orgsim.wire import ApiError

Get = Callable[[Any], Any]

# An object's quirk that hides other users' rows from whoever lacks the permission after the colon.
OWN_ROWS = "own_rows_without:"
# Permissions that together open what one opens (seed C13).
AS_WELL = {"ManageUsers": frozenset({"ManageInternalUsers", "ManageCssUsers"})}
# Fields that older versions of the API do not have, by object.
SINCE = {"EventLogFile": {"Interval": 37.0, "Sequence": 37.0}}


@dataclass(frozen=True)
class Asker:
    """Who asks, when, through which API (`data`, `tooling` or `bulk`), at which version."""

    store: Store
    indexes: Indexes
    now: int
    user_id: str
    permissions: frozenset[str]
    time_zone: str = "UTC"
    api: str = "data"
    version: str = "62.0"
    all_rows: bool = False
    hidden: Mapping[str, frozenset[str]] = field(default_factory=dict)  # fields, by object
    off: frozenset[str] = frozenset()  # objects that a switch of the org has turned off

    def sees(self, type: ObjectType) -> bool:
        """Whether this API shows this object to this asker."""
        api = "tooling" if self.api == "tooling" else "data"
        held = self.permissions.issuperset(type.needs)
        return api in type.apis and held and type.name not in self.off

    def type_of(self, name: str, text: str = "", at: tree.At = (1, 1)) -> ObjectType:
        """The object type of this name as this asker may see it, else INVALID_TYPE."""
        found = self.store.type(name)
        if found is None or not self.sees(found):
            message = (
                f"sObject type '{name}' is not supported. If you are attempting to use a custom "
                "object, be sure to append the '__c' after the entity name. Please reference your "
                "WSDL or the describe call for the appropriate names."
            )
            if text:
                raise refusal("INVALID_TYPE", text, at, message)
            raise ApiError(400, "INVALID_TYPE", message)
        hidden = self.hidden.get(found.name, frozenset()) | {
            name for name, since in SINCE.get(found.name, {}).items() if float(self.version) < since
        }
        return narrowed(found, hidden) if hidden else found

    def own_only(self, type: ObjectType) -> int | None:
        """Position of the field that must hold the asker's id, None when all rows are seen."""
        for quirk in type.quirks:
            if quirk.startswith(OWN_ROWS) and not self._may(quirk.removeprefix(OWN_ROWS)):
                owners = (type.position.get(n) for n in ("UserId", "UsersId", "OwnerId"))
                return next((at for at in owners if at is not None), None)
        return None

    def _may(self, permission: str) -> bool:
        instead = AS_WELL.get(permission)
        return permission in self.permissions or bool(instead and instead <= self.permissions)


There = tuple[ObjectType, Row]


@dataclass(frozen=True, slots=True)
class Column:
    """A value of each row: its wire type, how to get it, and the field it comes from, if any."""

    type: str
    get: Get
    field: Field | None = None
    own: str | None = None  # the field's name if it is the queried object's own
    name: str = ""
    # Of a parent's field: the way to the parent, the same for all its fields, and the value there.
    # `get(row)` is `at_parent(to_parent(row))`.
    to_parent: Callable[[Row], There | None] | None = None
    at_parent: Callable[[There | None], Any] | None = None


@dataclass(frozen=True)
class Parent:
    """A step to a parent row: `step(row)` answers (its type, the row) or None."""

    types: tuple[ObjectType, ...]
    step: Callable[[Row], tuple[ObjectType, Row] | None]
    name: str


def parent(store: Store, type: ObjectType, relationship: str) -> Parent | None:
    """The parent relationship of this name, in any case."""
    wanted = relationship.lower()
    for own in type.fields:
        if own.relationship and own.relationship.lower() == wanted:
            break
    else:
        return None
    at = type.position[own.name]
    tables = [store.tables[name] for name in own.reference_to if name in store.tables]

    def one(row: Row, table: Table) -> tuple[ObjectType, Row] | None:
        place = None if row[at] is None else table.find(row[at])
        return None if place is None else (table.type, table.rows[place])

    def step(row: Row) -> tuple[ObjectType, Row] | None:
        for table in tables:
            found = one(row, table)
            if found:
                return found
        return None

    only = tables[0] if len(tables) == 1 else None
    quick = (lambda row: one(row, only)) if only is not None else step
    return Parent(tuple(t.type for t in tables), quick, own.relationship or "")


@dataclass
class Scope:
    """The names of one query's object."""

    asker: Asker
    type: ObjectType
    text: str
    alias: str | None = None
    _columns: dict[tuple[str, ...], Column] = field(default_factory=dict)
    _ways: dict[tuple[str, ...], Callable[[Row], There | None]] = field(default_factory=dict)

    def bare(self, path: tree.Path) -> tuple[str, ...]:
        """The path without the object's own name or alias before it."""
        names = path.names
        if len(names) > 1 and names[0].lower() in (
            (self.alias or "").lower(),
            self.type.name.lower(),
        ):
            return names[1:]
        return names

    def column(self, path: tree.Path) -> Column:
        """The column a path means; INVALID_FIELD when there is none."""
        names = self.bare(path)
        key = tuple(n.lower() for n in names)
        if key not in self._columns:
            self._columns[key] = self._resolve(names, path.at)
        return self._columns[key]

    def _resolve(self, names: tuple[str, ...], at: tree.At) -> Column:
        types: tuple[ObjectType, ...] = (self.type,)
        steps = []
        for name in names[:-1]:
            step = next(
                (p for t in types if (p := parent(self.asker.store, t, name)) is not None), None
            )
            if step is None or not step.types:
                raise refusal(
                    "INVALID_FIELD",
                    self.text,
                    at,
                    f"Didn't understand relationship '{name}' in field path. If you are attempting "
                    "to use a custom relationship, be sure to append the '__r' after the custom "
                    "relationship name. Please reference your WSDL or the describe call for the "
                    "appropriate names.",
                )
            steps.append(step)
            types = step.types
        last = names[-1]
        found = next((f for t in types if (f := t.by_name.get(last.lower()))), None)
        if found is None:
            raise refusal(
                "INVALID_FIELD",
                self.text,
                at,
                f"No such column '{last}' on entity '{types[0].name}'. If you are attempting to "
                "use a custom field, be sure to append the '__c' after the custom field name. "
                "Please reference your WSDL or the describe call for the appropriate names.",
            )
        if not steps:
            place = self.type.position[found.name]
            return Column(found.type, itemgetter(place), found, found.name, found.name)
        positions = {t.name: t.position.get(found.name) for t in types}

        def at_parent(there: There | None) -> Any:
            if there is None:
                return None
            place = positions.get(there[0].name)
            return None if place is None else there[1][place]

        to_parent = self._way(names[:-1], steps)
        return Column(
            found.type,
            lambda row: at_parent(to_parent(row)),
            found,
            None,
            found.name,
            to_parent,
            at_parent,
        )

    def _way(
        self, names: tuple[str, ...], steps: Sequence[Parent]
    ) -> Callable[[Row], There | None]:
        """From a row to its parent by these steps; one function for all who go there."""
        key = tuple(n.lower() for n in names)
        if key in self._ways:
            return self._ways[key]

        def to_parent(row: Row) -> There | None:
            there: There | None = None
            for s in steps:
                there = s.step(row if there is None else there[1])
                if there is None:
                    return None
            return there

        return self._ways.setdefault(key, steps[0].step if len(steps) == 1 else to_parent)

    def operand(self, what: tree.Operand) -> Column:
        """A path or a function of one."""
        if isinstance(what, tree.Path):
            return self.column(what)
        name = what.name.upper()
        if name in ("TOLABEL", "FORMAT") and isinstance(what.argument, tree.Path):
            return self.column(what.argument)
        if name in dates.FUNCTIONS:
            inner = what.argument
            if isinstance(inner, tree.Call) and inner.name.upper() == "CONVERTTIMEZONE":
                raise malformed(self.text, inner.at, "convertTimezone() is not supported by orgsim")
            if isinstance(inner, tree.Path):
                column = self.column(inner)
                if column.type == "datetime":
                    type, function = dates.FUNCTIONS[name]
                    get = column.get

                    def value(row: Any) -> Any:
                        ms = get(row)
                        return None if ms is None else function(ms)

                    return Column(type, value, column.field)
        raise malformed(self.text, what.at, f"unexpected token: '{what.name}('")
