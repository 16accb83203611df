"""How many grants each app holds, of how many people, and which of these matter more.

Counted by queries over all grants, joined with the apps that they were put to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pyarrow as pa

from orgwarden.core.app_risk import DORMANT_DAYS
from orgwarden.core.apps import App
from orgwarden.flows.apps.rows import menu_of
from orgwarden.lake.reading import Reader

DORMANT = timedelta(days=DORMANT_DAYS)
# Each lets its holder reach every record, every setting or every account.
POWERS = (
    "ModifyAllData", "ViewAllData", "CustomizeApplication", "ManageUsers", "AuthorApex",
    "DataExport", "ModifyMetadata",
)  # fmt: skip
# `held` are the apps' groups of grants: which app, and what its grants say of it.
GRANTS = """
    SELECT held.app AS app, count(*) AS grants, count(DISTINCT UserId) AS people,
        count(*) FILTER (WHERE try_cast(coalesce(nullif(LastUsedDate, ''), CreatedDate)
            AS TIMESTAMPTZ) < ?) AS dormant
    FROM oauth_tokens JOIN held ON coalesce(replace(AppName, chr(0), ''), '') = held.name
        AND coalesce(AppMenuItemId, '') = held.menu
    GROUP BY held.app"""
INACTIVE = """
    SELECT held.app AS app, count(DISTINCT UserId) AS inactive
    FROM oauth_tokens JOIN held ON coalesce(replace(AppName, chr(0), ''), '') = held.name
        AND coalesce(AppMenuItemId, '') = held.menu
    JOIN users ON users.Id = UserId AND users.IsActive = 'false'
    GROUP BY held.app"""
# Of people who hold one of `POWERS`, through whichever profile, permission set or group. An org may
# lack some of them: then the columns are not there.
PRIVILEGED = """
    WITH sets AS (
        SELECT Id, list_contains(
            [*COLUMNS('^Permissions(ModifyAllData|ViewAllData|CustomizeApplication|ManageUsers|AuthorApex|DataExport|ModifyMetadata)$')],
            'true') AS reaching
        FROM permission_sets),
    reaching AS (
        SELECT DISTINCT a.AssigneeId AS person FROM permission_set_assignments a
        JOIN sets ON a.PermissionSetId = sets.Id AND sets.reaching
        WHERE coalesce(a.IsActive, 'true') <> 'false')
    SELECT held.app AS app, count(DISTINCT UserId) AS privileged
    FROM oauth_tokens JOIN held ON coalesce(replace(AppName, chr(0), ''), '') = held.name
        AND coalesce(AppMenuItemId, '') = held.menu
    JOIN reaching ON reaching.person = UserId
    GROUP BY held.app"""


_PEOPLE = {"permission_sets", "permission_set_assignments"}


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one app. None: could not be counted."""

    grants: int | None = None
    people: int | None = None
    privileged: int | None = None
    inactive: int | None = None
    dormant: int | None = None


def figures_of(
    reader: Reader, apps: Sequence[App], *, known: frozenset[str], now: datetime
) -> list[Figures]:
    """One value per app, in their order. `known`: the sources that could be read."""
    if "oauth_tokens" not in known:
        return [Figures() for _ in apps]
    read = known & set(reader.sources())
    powers, users = _powers(reader, read), "users" in read
    nobody = Figures(0, 0, 0 if powers == len(POWERS) else None, 0 if users else None, 0)
    found = dict.fromkeys(range(len(apps)), nobody)
    if held := _held(apps):
        reader.connection.register("held", held)
        asked: list[tuple[str, list[datetime]]] = [(GRANTS, [now - DORMANT])]
        asked += [(PRIVILEGED, [])] if powers else []
        asked += [(INACTIVE, [])] if users else []
        for sql, given in asked:
            for row in reader.run(sql, given).to_pylist():
                app = row.pop("app")
                found[app] = replace(found[app], **row)
    return [found[number] for number in range(len(apps))]


def _held(apps: Sequence[App]) -> pa.Table:
    """Which grants were put to which app, told as the org tells them."""
    held = {
        (number, trace.name, menu_of(trace))
        for number, app in enumerate(apps)
        for trace in app.traces
        if trace.source == "oauth_tokens"
    }
    schema = pa.schema([("app", pa.int64()), ("name", pa.string()), ("menu", pa.string())])
    rows = [dict(zip(schema.names, row, strict=True)) for row in sorted(held)]
    return pa.Table.from_pylist(rows, schema=schema)


def _powers(reader: Reader, read: frozenset[str]) -> int:
    """How many of the powers can be seen: 0 where nobody's permissions can."""
    if not read >= _PEOPLE or "IsActive" not in reader.columns("permission_set_assignments"):
        return 0
    columns = reader.columns("permission_sets")
    return sum(f"Permissions{power}" in columns for power in POWERS)
