"""Attribution: who made a change, by the setup audit trail, where the record itself does not say.

An audit row is taken for a change when its action is one that the source declares and its text
names all that the source says it would. Only if all such rows are one person's is that person
named: two candidates are nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import duckdb
import pyarrow as pa

from orgwarden.core.source import Source
from orgwarden.lake import render
from orgwarden.lake.layouts import stored_name


def attributed(
    connection: duckdb.DuckDBPyConnection,
    changes: pa.Table,
    source: Source,
    trail: Sequence[str],
    *,
    since: datetime,
    until: datetime,
) -> pa.Table:
    """`changes` (rows of `entity_changes`, columns as stored) with who and when filled in from the
    audit rows in `trail` (Parquet files) between `since` and `until`."""
    if not (source.audit and trail and changes.num_rows):
        return changes
    by, at, id = map(stored_name, ("ChangedById", "ChangedDate", "EntityId"))
    actions = " OR ".join(f"a.sf_action ILIKE {render.text(p)}" for p in source.audit)
    named = " AND ".join(f"contains(a.sf_display, {_word(name)})" for name in source.mentioned)
    connection.register("changes", changes)
    try:
        return connection.sql(
            f"""
            WITH found AS (
                SELECT c.{id}, min(a.sf_createdbyid) AS who, max(a.sf_createddate) AS date
                FROM changes c JOIN read_parquet($trail, union_by_name = true) a
                ON ({actions}) AND {named}
                    AND instant(a.sf_createddate) BETWEEN $since AND $until
                WHERE c.{by} IS NULL
                GROUP BY c.{id} HAVING count(DISTINCT a.sf_createdbyid) = 1
            )
            SELECT c.* REPLACE (coalesce(c.{by}, f.who) AS {by}, coalesce(f.date, c.{at}) AS {at})
            FROM changes c LEFT JOIN found f ON f.{id} = c.{id}
            """,
            params={"trail": list(trail), "since": since, "until": until},
        ).to_arrow_table()
    finally:
        connection.unregister("changes")


def _word(name: str) -> str:
    """What of the change the text has to name; ids as their first 15 characters."""
    after, before = stored_name("After"), stored_name("Before")
    path = render.text(f'$."{name}"')
    value = f"json_extract_string(coalesce(c.{after}, c.{before}), {path})"
    return f"CASE WHEN length({value}) = 18 THEN substr({value}, 1, 15) ELSE {value} END"
