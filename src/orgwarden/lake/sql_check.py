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
    if not _only_selects(tree):
        raise Refused("Only SELECT is allowed.", fix="Start with SELECT or WITH.")
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
    """Base tables named in a query, without the WITH names that are visible where they stand.

    A name of a WITH hides a table only inside that query: anywhere else it would be a table, or a
    file, that nobody checked.
    """
    named: list[str] = []
    stack: list[tuple[Any, frozenset[str]]] = [(tree, frozenset())]
    while stack:
        at, hidden = stack.pop()
        if isinstance(at, list):
            stack.extend((one, hidden) for one in at)
        if not isinstance(at, dict):
            continue
        if at.get("type") == "BASE_TABLE" and _plain_name(at).lower() not in hidden:
            named.append(at["table_name"])
        ctes = at.get("cte_map")
        for entry in ctes["map"] if isinstance(ctes, dict) else ():
            name = entry["key"].lower()
            # Only if it is itself the one that repeats: inside a WITH that merely holds such a
            # query somewhere, its own name is still a table, or a file.
            query = entry["value"].get("query_node") or {}
            repeats = query.get("type") == "RECURSIVE_CTE_NODE"
            stack.append((entry["value"], hidden | {name} if repeats else hidden))
            hidden |= {name}  # for those that follow, and for the query itself
        stack.extend((value, hidden) for key, value in at.items() if key != "cte_map")
    return named


def _plain_name(table: dict[str, Any]) -> str:
    name = str(table["table_name"])
    path = [p for p in (table.get("catalog_name"), table.get("schema_name")) if p]
    path = path or table.get("qualified_name", {}).get("path", [])[:-1]
    if path:
        raise Refused(
            f"{'.'.join((*path, name))} is not a view of events.",
            fix="Name a view without a schema.",
        )
    return name


def _only_selects(tree: Any) -> bool:
    """DuckDB serializes INSERT, UPDATE and DELETE too when they stand in a WITH, and SHOW."""
    for node in _nodes(tree):
        kind = str(node.get("type", ""))
        if kind.endswith("_NODE") and kind not in SELECTS:
            return False
        if kind == "SHOW_REF" and node.get("table_name"):  # DESCRIBE of a view has none
            return False
    return True


def _functions(tree: Any, kind: str, key: str) -> set[str]:
    return {str(n.get(key, "")).lower() for n in _nodes(tree) if n.get("class") == kind}


SELECTS = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
# Functions that tell of the machine rather than of events, that read SQL from a text, that write a
# log, or that wait without noticing that their time is over.
REFUSED_FUNCTIONS = frozenset(
    {
        "current_catalog", "current_database", "current_query", "current_setting",
        "current_schemas", "getenv", "getvariable", "json_deserialize_sql",
        "json_execute_serialized_sql", "json_serialize_plan", "json_serialize_sql", "nextval",
        "pg_sleep", "setval", "sleep_ms", "write_log",
    }
)  # fmt: skip
ALLOWED_TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest"})


def _table_functions(tree: Any) -> set[str]:
    found = set()
    for node in _nodes(tree):
        if node.get("type") == "TABLE_FUNCTION":
            name = str(node.get("function", {}).get("function_name", "?")).lower()
            if name not in ALLOWED_TABLE_FUNCTIONS:
                found.add(name)
    return found
