"""What a SOQL text says: the tree the parser makes. `at` is (row, column), both from 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

At = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Path:
    names: tuple[str, ...]
    at: At


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    argument: Path | Call | None
    at: At


Operand = Path | Call


@dataclass(frozen=True, slots=True)
class Item:
    what: Operand
    alias: str | None


@dataclass(frozen=True, slots=True)
class Literal:
    """`kind`: string, number, boolean, null, datetime (ms), date (text), or relative, whose
    value is (name in upper case, n or None)."""

    kind: str
    value: Any
    at: At


@dataclass(frozen=True, slots=True)
class Compare:
    left: Operand
    operator: str
    value: Literal


@dataclass(frozen=True, slots=True)
class Like:
    left: Operand
    pattern: str


@dataclass(frozen=True, slots=True)
class InList:
    left: Operand
    negated: bool
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class InQuery:
    left: Operand
    negated: bool
    query: Query


@dataclass(frozen=True, slots=True)
class Includes:
    left: Operand
    negated: bool
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Both:
    """`all` of the parts must hold, or any."""

    all: bool
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


Condition = Compare | Like | InList | InQuery | Includes | Both | Not


@dataclass(frozen=True, slots=True)
class Key:
    what: Operand
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Query:
    text: str
    items: tuple[Item | Query, ...]
    object: str
    object_at: At
    alias: str | None = None
    where: Condition | None = None
    group: tuple[Operand, ...] = ()
    having: Condition | None = None
    order: tuple[Key, ...] = ()
    limit: int | None = None
    offset: int | None = None
    all_rows: bool = False
