"""The audit trail's row for a write through the API, as Salesforce adds one within seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orgsim.rest.call import Call

Values = dict[str, Any]
# (object, verb) to what the trail says, from the values written and the row's id; None: nothing.
AUDITED: dict[tuple[str, str], Callable[[Values], tuple[str, str] | None]] = {
    ("UserLogin", "update"): lambda v: (
        None
        if "IsFrozen" not in v
        else ("frozeuser", "Froze user {user}")
        if v["IsFrozen"]
        else ("unfrozeuser", "Unfroze user {user}")
    ),
    ("User", "update"): lambda v: (
        ("deactivateduser", "Deactivated user {user}") if v.get("IsActive") is False else None
    ),
    ("User", "password"): lambda v: ("resetpassword", "Reset password for user {user}"),
    ("PermissionSetAssignment", "create"): lambda v: (
        "PermSetAssign",
        "Permission set {set}: assigned to user {user}",
    ),
    ("PermissionSetAssignment", "delete"): lambda v: (
        "PermSetUnassign",
        "Permission set {set}: unassigned from user {user}",
    ),
}


def note(call: Call, object: str, verb: str, values: Values, row: Values) -> None:
    """Add the row, if this write is one the trail tells of. `row` is the written record."""
    told = AUDITED.get((object, verb))
    said = told(values) if told else None
    org = call.server.org
    trail = org.store.tables.get("SetupAuditTrail")
    if said is None or trail is None:
        return
    sets = org.store.tables.get("PermissionSet")
    at = sets.find(row.get("PermissionSetId") or "") if sets else None
    user = row.get("AssigneeId") or row.get("UserId") or row.get("Id") or ""
    names = {
        "user": call.server.people.value(user, "Username") or user,
        "set": sets.value(at, "Label") if sets and at is not None else "",
    }
    now = org.clock.now()
    made = {
        "Id": org.new_id("0Ym"),
        "Action": said[0],
        "Section": "Manage Users",
        "Display": said[1].format(**names),
        "CreatedDate": now // 1000 * 1000,
        "CreatedById": call.session.user_id,
    }
    trail.add(trail.make(made), now)
