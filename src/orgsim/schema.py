"""What an object type is: its fields, what may be filtered, who may see it.

The declarations themselves are in `orgsim.objects`; this module holds only their shape.
Flags are the letters of Salesforce's Object Reference: F filter, G group, S sort, N nillable,
C create, U update.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Field:
    """One field as `describe` shows it. `type` is the wire type (`id`, `string`, `boolean`,
    `int`, `double`, `datetime`, `date`, `reference`, `picklist`, `textarea`, `base64`, …).

    Python values in rows: str, bool, int, float, None; a datetime is an int of epoch
    milliseconds UTC; a date is a `YYYY-MM-DD` string; base64 is bytes or a path, never selected
    raw.
    """

    name: str
    type: str
    flags: str = "FGS"
    reference_to: tuple[str, ...] = ()
    relationship: str | None = None
    label: str = ""
    length: int = 0
    values: tuple[str, ...] = ()

    @property
    def filterable(self) -> bool:
        return "F" in self.flags

    @property
    def groupable(self) -> bool:
        return "G" in self.flags

    @property
    def sortable(self) -> bool:
        return "S" in self.flags

    @property
    def nillable(self) -> bool:
        return "N" in self.flags

    @property
    def createable(self) -> bool:
        return "C" in self.flags

    @property
    def updateable(self) -> bool:
        return "U" in self.flags


@dataclass(frozen=True, slots=True)
class Child:
    """A child relationship: `SELECT Id, (SELECT Id FROM relationship) FROM Parent`."""

    relationship: str
    object: str
    field: str


@dataclass(frozen=True)
class ObjectType:
    """An sObject. `needs` lists user permissions (names without `Permissions`), all of which the
    caller must hold or the object is INVALID_TYPE to it; `apis` says where it can be queried."""

    name: str
    prefix: str
    fields: tuple[Field, ...]
    children: tuple[Child, ...] = ()
    label: str = ""
    apis: frozenset[str] = frozenset({"data"})  # "data", "tooling"
    needs: tuple[str, ...] = ()
    calls: frozenset[str] = frozenset({"query", "retrieve", "describe"})  # + create update delete
    big: bool = False  # a big object: EventDate filter rules, Id 000000000000000AAA
    bulk: bool = True  # can be asked through Bulk API 2.0
    event_time: str | None = None  # the field the ledger reports as event_time
    created_time: str | None = "CreatedDate"  # the field the ledger reports as created_time
    quirks: frozenset[str] = field(default_factory=frozenset)  # names the SOQL layer knows

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Fields by lower-case name: SOQL is case-insensitive."""
        return {f.name.lower(): f for f in self.fields}

    @cached_property
    def position(self) -> dict[str, int]:
        """Where each field stands in a row tuple."""
        return {f.name: i for i, f in enumerate(self.fields)}


_narrowed: dict[tuple[int, frozenset[str]], ObjectType] = {}


def narrowed(type: ObjectType, hidden: frozenset[str]) -> ObjectType:
    """The object type as seen by who may not see these fields; rows stay as they are."""
    key = (id(type), hidden)
    if key not in _narrowed:
        made = replace(type, fields=tuple(f for f in type.fields if f.name not in hidden))
        made.__dict__["position"] = type.position  # the rows still hold the hidden values
        _narrowed[key] = made
    return _narrowed[key]
