"""The audit trail's rows for what is changed through the API, as Salesforce adds them.

Actions and sections are those that Salesforce is known to write. The words of Display are known
where a test says so; elsewhere they are in the manner of the known ones. Nothing is written for a
revoked token and an ended session: the trail has no action for them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from orgsim.rest.call import Call

if TYPE_CHECKING:
    from orgsim.server import OrgServer

USERS = "Manage Users"
APPS = "Connected Apps"
APPLICATION = "Application"
Values = dict[str, Any]
Said = tuple[str, str]  # action, display


def add(server: OrgServer, user_id: str, action: str, section: str | None, display: str) -> None:
    """One row of SetupAuditTrail, seen when the delay of the audit trail is over."""
    org = server.org
    trail = org.store.tables.get("SetupAuditTrail")
    if trail is None:
        return
    made = {
        "Id": org.new_id("0Ym"),
        "Action": action,
        "Section": section,
        "Display": display,
        "CreatedDate": org.clock.now() // 1000 * 1000,
        "CreatedById": user_id,
    }
    trail.add(trail.make(made), server.propagation.until("audit"))


def _frozen(values: Values, row: Values, former: Values) -> list[Said]:
    if "IsFrozen" not in values:
        return []
    froze = ("frozeuser", "Froze user {user}")
    return [froze if values["IsFrozen"] else ("unfrozeuser", "Unfroze user {user}")]


def _user(values: Values, row: Values, former: Values) -> list[Said]:
    if values.get("IsActive") is False:
        return [("deactivateduser", "Deactivated user {user}")]
    return []


def _set(values: Values, row: Values, former: Values) -> list[Said]:
    """Permissions of a permission set that were switched."""
    return [
        (
            "PermSetEnableUserPerm" if value else "PermSetDisableUserPerm",
            f"Permission set {row['Label']}: user permission {name.removeprefix('Permissions')} "
            + ("enabled" if value else "disabled"),
        )
        for name, value in values.items()
        if name.startswith("Permissions") and former[name] != value
    ]


def _profile(values: Values, row: Values, former: Values) -> list[Said]:
    words = ("disabled", "enabled")
    return [
        (
            "profilePermChangedCustom",
            f"Changed profile {row['Name']}: general user permission "
            f"{name.removeprefix('Permissions')} was changed from {words[not value]} to "
            f"{words[bool(value)]}",
        )
        for name, value in values.items()
        if name.startswith("Permissions") and former[name] != value
    ]


def _access(verb: str, word: str) -> Callable[[Values, Values, Values], list[Said]]:
    def said(values: Values, row: Values, former: Values) -> list[Said]:
        kind = row.get("SetupEntityType") or "ConnectedApplication"
        return [
            (
                f"SetupEntityAccessAudit_{{owner}}_{kind}_{verb}{{custom}}",
                f"{{owner_words}} {{set}}: access to {{entity}} was {word}",
            )
        ]

    return said


# (object, verb) to what the trail says, from the values written, the row and what it was before.
AUDITED: dict[tuple[str, str], Callable[[Values, Values, Values], list[Said]]] = {
    ("UserLogin", "update"): _frozen,
    ("User", "update"): _user,
    ("User", "password"): lambda *_: [("resetpassword", "Reset password for user {user}")],
    ("PermissionSetAssignment", "create"): lambda *_: [
        ("PermSetAssign", "Permission set {set}: assigned to user {user}")
    ],
    ("PermissionSetAssignment", "delete"): lambda *_: [
        ("PermSetUnassign", "Permission set {set}: unassigned from user {user}")
    ],
    ("PermissionSet", "update"): _set,
    ("Profile", "update"): _profile,
    ("SetupEntityAccess", "create"): _access("Enabled", "enabled"),
    ("SetupEntityAccess", "delete"): _access("Disabled", "disabled"),
}


def note(
    call: Call, object: str, verb: str, values: Values, row: Values, former: Values | None = None
) -> None:
    """Add the rows, if this write is one the trail tells of. `row` is the written record."""
    told = AUDITED.get((object, verb))
    if told is None:
        return
    server = call.server
    names = _names(server, row)
    for action, display in told(values, row, former or row):
        add(
            server,
            call.session.user_id,
            _filled(action, names),
            USERS,
            _filled(display, names),
        )


def _filled(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _names(server: OrgServer, row: Values) -> dict[str, str]:
    """The names of whom and what a record is about."""
    store = server.org.store
    sets = store.tables.get("PermissionSet")
    at = sets.find(row.get("PermissionSetId") or row.get("ParentId") or "") if sets else None
    user = row.get("AssigneeId") or row.get("UserId") or row.get("Id") or ""
    owned = bool(sets and at is not None and sets.value(at, "IsOwnedByProfile"))
    entity = row.get("SetupEntityId") or ""
    for name, label in (("ConnectedApplication", "Name"), ("ExternalClientApplication", None)):
        table = store.tables.get(name)
        place = table.find(entity) if table else None
        if table is not None and place is not None:
            entity = str(table.value(place, label or "MasterLabel"))
    return {
        "user": server.people.value(user, "Username") or user,
        "set": str(sets.value(at, "Label")) if sets and at is not None else "",
        "owner": "Profile" if owned else "PermissionSet",
        "owner_words": "Profile" if owned else "Permission set",
        "custom": "Custom" if owned else "",
        "entity": entity,
    }
