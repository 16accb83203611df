"""Changes to permissions as they happen.

Source: Platform Events Developer Guide, PermissionSetEventStore.
"""

from orgwarden.catalog.sources.stored_event import stored_event
from orgwarden.core.expr import Column, Text, Whole, first

SOURCE = stored_event(
    "permission_set_events",
    "Permission changes in real time",
    "Every change to a permission set, its users and critical permissions, seconds after.",
    "PermissionSetEventStore",
    {
        "EventSource": "API, Classic or Lightning.",
        "HasExternalUsers": "External users are among those it is for.",
        "ImpactedUserIds": "The users it is for, as JSON.",
        "LoginHistoryId": "The sign-in it belongs to.",
        "Operation": "AssignedToUsers, UnassignedFromUsers, PermissionsEnabled …",
        "ParentIdList": "The permission sets, as JSON.",
        "ParentNameList": "Their names, as JSON.",
        "PermissionExpiration": "When it ends by itself.",
        "PermissionExpirationList": "The same for several users, as JSON.",
        "PermissionList": "The permissions, as JSON.",
        "PermissionType": "ObjectPermission or UserPermission.",
        "UserCount": "For how many users.",
    },
    action=first("Operation", Text("PermissionSet")),
    object=Text("PermissionSet"),
    target=first("ParentNameList", "ParentIdList"),
    rows=Whole(Column("UserCount")),
)
