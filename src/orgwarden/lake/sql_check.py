"""Is a person's SQL one plain SELECT over the views? DuckDB's own parser decides.

Without this check `COPY … TO` into the lake's folder would still work on a connection whose
external access is off, because the snapshot's files are allowed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import duckdb

from orgwarden.core.problems import Problem


class Refused(Problem):
    """The SQL is not one plain SELECT over the views, or it asked for too much."""


def check(connection: duckdb.DuckDBPyConnection, sql: str, allowed: set[str]) -> list[str]:
    """The tables a person's SQL reads. Raises Refused unless it is one SELECT over `allowed`."""
    tree = parsed(connection, sql)
    if settings := _functions(tree, "FUNCTION", "function_name") & REFUSED_FUNCTIONS:
        raise Refused(f"{min(settings)}() is not allowed.", fix="Ask the views only.")
    if functions := sorted(_table_functions(tree)):
        raise Refused(
            f"{functions[0]}() reads things that are not events.", fix="Ask the views only."
        )
    tables = tables_of(tree)
    for table in tables:
        if table.lower() not in {a.lower() for a in allowed}:
            raise Refused(
                f"There is no view {table!r}.",
                fix="`orgwarden events sources` lists the views.",
            )
    return tables


def parsed(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[str, Any]:
    answer = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchall()
    tree: dict[str, Any] = json.loads(answer[0][0])
    if tree.get("error"):
        kind = tree.get("error_type", "")
        if kind == "not implemented":
            raise Refused("Only SELECT is allowed.", fix="Start with SELECT or WITH.")
        raise Refused(
            str(tree.get("error_message", "The SQL could not be read.")), fix="Correct the SQL."
        )
    if len(tree["statements"]) != 1:
        raise Refused("One statement at a time.", fix="Remove the semicolon and what follows it.")
    return tree


def _nodes(tree: Any) -> Iterable[dict[str, Any]]:
    stack = [tree]
    while stack:
        at = stack.pop()
        if isinstance(at, dict):
            yield at
            stack.extend(at.values())
        elif isinstance(at, list):
            stack.extend(at)


def tables_of(tree: Any) -> list[str]:
    """Base tables named in a query, without its own WITH names."""
    ctes = {
        entry["key"].lower()
        for node in _nodes(tree)
        if isinstance(node.get("cte_map"), dict)
        for entry in node["cte_map"].get("map", ())
    }
    named = []
    for node in _nodes(tree):
        if node.get("type") == "BASE_TABLE":
            if node.get("schema_name") or node.get("catalog_name"):
                raise Refused(
                    f"{node.get('schema_name')}.{node['table_name']} is not a view of events.",
                    fix="Name a view without a schema.",
                )
            if node["table_name"].lower() not in ctes:
                named.append(node["table_name"])
    return named


def _functions(tree: Any, kind: str, key: str) -> set[str]:
    return {str(n.get(key, "")).lower() for n in _nodes(tree) if n.get("class") == kind}


# Functions that tell of the machine rather than of events.
REFUSED_FUNCTIONS = frozenset({"current_setting", "getenv", "getvariable", "current_database"})
ALLOWED_TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest"})


def _table_functions(tree: Any) -> set[str]:
    found = set()
    for node in _nodes(tree):
        if node.get("type") == "TABLE_FUNCTION":
            name = str(node.get("function", {}).get("function_name", "?")).lower()
            if name not in ALLOWED_TABLE_FUNCTIONS:
                found.add(name)
    return found
