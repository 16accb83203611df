"""SOQL built from values, so that no value is ever formatted into a query by hand.

    select("LoginHistory", ["Id", "LoginTime"])
        .where(at_least("LoginTime", since), below("LoginTime", until))
        .order_by("LoginTime", "Id")

Names are checked, strings escaped, times written in UTC (SOQL and SOSL Reference, "Quoted String
Escape Sequences" and "Date Formats and Date Literals in WHERE").
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

Value = str | bool | int | float | datetime | date | None

# Columns of OauthToken that hold tokens (architecture, rule 4).
NEVER_SELECTED = frozenset({"accesstoken", "requesttoken", "deletetoken"})
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}(?:\.[A-Za-z][A-Za-z0-9_]{0,79}){0,5}")
_ESCAPES = {
    "\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t",
    "\b": "\\b", "\f": "\\f",
}  # fmt: skip


@dataclass(frozen=True)
class Condition:
    """Part of a WHERE clause. Made by the functions of this module only."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Query:
    """A query; `str()` gives its text. Each method gives a new one."""

    object_name: str
    columns: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    order: tuple[str, ...] = ()
    limit: int | None = None

    def where(self, *conditions: Condition) -> Query:
        """All of these must hold, beside those already given."""
        return replace(self, conditions=(*self.conditions, *conditions))

    def order_by(self, *fields: str, descending: bool = False) -> Query:
        """Sorts by these fields, after those already given."""
        direction = " DESC" if descending else ""
        return replace(self, order=(*self.order, *(name(f) + direction for f in fields)))

    def at_most(self, records: int) -> Query:
        """LIMIT."""
        return replace(self, limit=records)

    def __str__(self) -> str:
        text = f"SELECT {', '.join(self.columns)} FROM {self.object_name}"  # noqa: S608 - checked names
        if self.conditions:
            text += f" WHERE {' AND '.join(str(c) for c in self.conditions)}"
        if self.order:
            text += f" ORDER BY {', '.join(self.order)}"
        if self.limit is not None:
            text += f" LIMIT {int(self.limit)}"
        return text


def select(object_name: str, fields: Iterable[str]) -> Query:
    """Raises ValueError for a name that is not one, and for no field at all."""
    columns = tuple(name(field) for field in fields)
    if not columns:
        raise ValueError("a query selects at least one field")
    if secret := NEVER_SELECTED.intersection(c.rpartition(".")[2].lower() for c in columns):
        raise ValueError(f"{min(secret)} holds other people's tokens and is never selected")
    return Query(name(object_name), columns)


def count(object_name: str) -> Query:
    """`SELECT COUNT() FROM object_name`, for `Client.count`."""
    return Query(name(object_name), ("COUNT()",))


def equal(field: str, value: Value) -> Condition:
    return _compared(field, "=", value)


def unequal(field: str, value: Value) -> Condition:
    return _compared(field, "!=", value)


def above(field: str, value: Value) -> Condition:
    return _compared(field, ">", value)


def at_least(field: str, value: Value) -> Condition:
    return _compared(field, ">=", value)


def below(field: str, value: Value) -> Condition:
    return _compared(field, "<", value)


def up_to(field: str, value: Value) -> Condition:
    return _compared(field, "<=", value)


def among(field: str, values: Iterable[Value]) -> Condition:
    """IN. Raises ValueError for no values: SOQL has no empty list, and none would match."""
    return Condition(f"{name(field)} IN ({_listed(values)})")


def not_among(field: str, values: Iterable[Value]) -> Condition:
    return Condition(f"{name(field)} NOT IN ({_listed(values)})")


def starts_with(field: str, text: str) -> Condition:
    """LIKE with the wildcards of `text` taken as the characters they are."""
    return Condition(f"{name(field)} LIKE '{_pattern(text)}%'")


def contains(field: str, text: str) -> Condition:
    return Condition(f"{name(field)} LIKE '%{_pattern(text)}%'")


def all_of(*conditions: Condition) -> Condition:
    return _joined(" AND ", conditions)


def any_of(*conditions: Condition) -> Condition:
    return _joined(" OR ", conditions)


def negated(condition: Condition) -> Condition:
    return Condition(f"(NOT {condition})")


def after_in_order(field: str, value: Value, record_id: str) -> Condition:
    """Everything behind a record when sorting by `field`, then Id: many share a second."""
    return any_of(above(field, value), all_of(equal(field, value), above("Id", record_id)))


def name(text: str) -> str:
    """An object's or field's name, with relationships (`CreatedBy.Username`), unchanged.

    Raises ValueError for anything else.
    """
    if not _NAME.fullmatch(text):
        raise ValueError(f"not a Salesforce name: {text[:80]!r}")
    return text


def literal(value: Value) -> str:
    """A value as SOQL writes it. Raises ValueError for one that SOQL cannot express."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{_escaped(value)}'"
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a time without a zone is not a moment")
        moment = value.astimezone(UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
    if isinstance(value, date):
        return value.isoformat()
    text = repr(value)
    if not re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", text):
        raise ValueError(f"not a number that SOQL can express: {text}")
    return text


def _compared(field: str, operator: str, value: Value) -> Condition:
    return Condition(f"{name(field)} {operator} {literal(value)}")


def _listed(values: Iterable[Value]) -> str:
    listed = ", ".join(literal(value) for value in values)
    if not listed:
        raise ValueError("an empty list matches nothing and SOQL has no word for it")
    return listed


def _joined(word: str, conditions: tuple[Condition, ...]) -> Condition:
    if not conditions:
        raise ValueError("nothing to join")
    return Condition(f"({word.join(str(c) for c in conditions)})")


def _escaped(text: str) -> str:
    for character in text:
        if character not in _ESCAPES and (character < " " or "\x7f" <= character <= "\x9f"):
            raise ValueError("a control character cannot stand in a SOQL string")
        if "\ud800" <= character <= "\udfff":
            raise ValueError("half a character cannot stand in a SOQL string")
    return "".join(_ESCAPES.get(character, character) for character in text)


def _pattern(text: str) -> str:
    return _escaped(text).replace("%", "\\%").replace("_", "\\_")
