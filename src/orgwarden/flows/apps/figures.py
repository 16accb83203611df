"""How many grants each app holds, of how many people, and which of these matter more.

Counted by queries over all grants, joined with the apps that they were put to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pyarrow as pa

from orgwarden.core.apps import App
from orgwarden.flows.apps.traces import menu_of
from orgwarden.lake.reading import Reader

DORMANT = timedelta(days=90)
_PEOPLE = {"permission_sets", "permission_set_assignments"}
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
# Of people who hold, through whichever profile, permission set or group, a permission that lets
# them reach every record, every setting or every account.
PRIVILEGED = """
    WITH reaching AS (
        SELECT DISTINCT a.AssigneeId AS person FROM permission_set_assignments a
        JOIN permission_sets s ON a.PermissionSetId = s.Id
        WHERE coalesce(a.IsActive, 'true') <> 'false' AND 'true' IN (
            s.PermissionsModifyAllData, s.PermissionsViewAllData, s.PermissionsCustomizeApplication,
            s.PermissionsManageUsers, s.PermissionsAuthorApex, s.PermissionsDataExport,
            s.PermissionsModifyMetadata))
    SELECT held.app AS app, count(DISTINCT UserId) AS privileged
    FROM oauth_tokens JOIN held ON coalesce(replace(AppName, chr(0), ''), '') = held.name
        AND coalesce(AppMenuItemId, '') = held.menu
    JOIN reaching ON reaching.person = UserId
    GROUP BY held.app"""


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
    people, users = read >= _PEOPLE, "users" in read
    nobody = Figures(0, 0, 0 if people else None, 0 if users else None, 0)
    held = [
        {"app": number, "name": trace.name, "menu": menu_of(trace)}
        for number, app in enumerate(apps)
        for trace in app.traces
        if trace.source == "oauth_tokens"
    ]
    found = dict.fromkeys(range(len(apps)), nobody)
    if held:
        schema = pa.schema([("app", pa.int64()), ("name", pa.string()), ("menu", pa.string())])
        reader.connection.register("held", pa.Table.from_pylist(held, schema=schema))
        asked = [(GRANTS, [now - DORMANT])]
        asked += [(PRIVILEGED, [])] if people else []
        asked += [(INACTIVE, [])] if users else []
        for sql, given in asked:
            for row in reader.run(sql, given).to_pylist():
                app = row.pop("app")
                found[app] = replace(found[app], **row)
    return [found[number] for number in range(len(apps))]
