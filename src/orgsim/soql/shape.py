"""Rows as JSON values: attributes, nested parents, child results, Salesforce's spellings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orgsim.schema import Field, ObjectType
from orgsim.soql import dates
from orgsim.soql.scope import Asker, Parent
from orgsim.store import Row

Render = Callable[[Row], Any]
NO_ID = "000000000000000AAA"


def attributes(asker: Asker, type: ObjectType) -> Callable[[Row], dict[str, str]]:
    """The `attributes` of a record: its type and the path it is read at."""
    tooling = "tooling/" if asker.api == "tooling" else ""
    prefix = f"/services/data/v{asker.version}/{tooling}sobjects/{type.name}/"
    name, at = type.name, type.position.get("Id")
    if at is None:
        return lambda row: {"type": name, "url": prefix + NO_ID}
    place = at
    return lambda row: {"type": name, "url": prefix + (row[place] or NO_ID)}


def value(type: str, raw: Any) -> Any:
    """One value as JSON shows it."""
    if raw is None:
        return None
    if type == "datetime":
        return dates.text(raw)
    if type in ("double", "currency", "percent"):
        return float(raw)
    return raw


def field_render(asker: Asker, type: ObjectType, field: Field) -> Render:
    at = type.position[field.name]
    if field.type == "base64":
        # A blob is never in a query's answer: its place holds the path to read it at.
        id_at = type.position["Id"]
        prefix = f"/services/data/v{asker.version}/sobjects/{type.name}/"
        suffix = "/" + field.name
        return lambda row: f"{prefix}{row[id_at]}{suffix}"
    if field.type == "datetime":
        text = dates.text
        return lambda row: None if (v := row[at]) is None else text(v)
    if field.type in ("double", "currency", "percent"):
        return lambda row: None if (v := row[at]) is None else float(v)
    return lambda row: row[at]


class Record:
    """What a record shows: own fields, parents and child results, in the order selected."""

    def __init__(self, asker: Asker, types: tuple[ObjectType, ...]) -> None:
        self.asker, self.types = asker, types
        self.fields: dict[str, str] = {}  # key to field name
        self.parents: dict[str, tuple[Parent, Record]] = {}
        self.children: dict[str, Render] = {}
        self.keys: list[str] = []

    def add_field(self, key: str, name: str) -> None:
        self.fields[key] = name
        self.keys.append(key)

    def add_parent(self, step: Parent) -> Record:
        if step.name not in self.parents:
            self.parents[step.name] = (step, Record(self.asker, step.types))
            self.keys.append(step.name)
        return self.parents[step.name][1]

    def add_children(self, name: str, render: Render) -> None:
        self.children[name] = render
        self.keys.append(name)

    def render(self, type: ObjectType) -> Render:
        """How rows of this type become JSON objects."""
        marks = attributes(self.asker, type)
        parts: list[tuple[str, Render]] = []
        for key in self.keys:
            if key in self.fields:
                field = type.by_name.get(self.fields[key].lower())
                if field is not None:
                    parts.append((key, field_render(self.asker, type, field)))
            elif key in self.children:
                parts.append((key, self.children[key]))
            else:
                parts.append((key, self._parent(*self.parents[key])))

        def one(row: Row) -> dict[str, Any]:
            made: dict[str, Any] = {"attributes": marks(row)}
            for key, part in parts:
                made[key] = part(row)
            return made

        return one

    @staticmethod
    def _parent(step: Parent, record: Record) -> Render:
        renders = {t.name: record.render(t) for t in step.types}

        def one(row: Row) -> Any:
            found = step.step(row)
            return None if found is None else renders[found[0].name](found[1])

        return one
