"""What the connected user may do at Salesforce, asked once a collection.

A view that permissions limit looks like an empty one (LoginHistory without Manage Users shows the
user's own rows), so what is needed is checked before an answer is believed.
"""

from __future__ import annotations

import msgspec

from orgwarden.catalog.sources import SOURCES
from orgwarden.core.problems import NotAllowed, Problem
from orgwarden.core.source import Source
from orgwarden.flows.work import Work
from orgwarden.salesforce import select
from orgwarden.salesforce.soql import equal

# What Setup calls them, for people.
LABELS = {
    "ApiEnabled": "API Enabled",
    "ManageUsers": "Manage Users",
    "ViewAllUsers": "View All Users",
    "ViewEventLogFiles": "View Event Log Files",
    "ViewSetup": "View Setup and Configuration",
}
NEEDED = tuple(sorted({n.permission for s in SOURCES for n in s.needs}))


class _Assignment(msgspec.Struct):
    PermissionSet: dict[str, object] | None


def held_permissions(work: Work) -> frozenset[str] | None:
    """The needed permissions that our user holds, from all its permission sets, its profile's
    own among them. None if the org does not let us ask."""
    fields = [f"PermissionSet.Permissions{p}" for p in NEEDED]
    query = select("PermissionSetAssignment", fields).where(
        equal("AssigneeId", work.org.connected_user_id)
    )
    try:
        rows = work.client.records(query, _Assignment, lane="sign_ins")
    except NotAllowed:
        return None
    return frozenset(
        p
        for p in NEEDED
        for row in rows
        if row.PermissionSet and row.PermissionSet.get(f"Permissions{p}") is True
    )


def unmet(work: Work, source: Source) -> Problem | None:
    """Why a source must stay dark, or None. What could not be asked is tried and judged by its
    own answer."""
    if work.permissions is None:
        return None
    for need in source.needs:
        if need.permission not in work.permissions:
            label = LABELS.get(need.permission, need.permission)
            return Problem(
                f"The connected user lacks {label}: {need.without}.",
                fix=f"Give {work.org.connected_user} the permission {label}, then collect again.",
            )
    return None
