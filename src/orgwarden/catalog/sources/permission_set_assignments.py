"""Who was given which permission set or group.

Source: Object Reference, PermissionSetAssignment.
"""

from orgwarden.catalog.sources.whole import stamps, whole
from orgwarden.core.source import Field

SOURCE = whole(
    "permission_set_assignments",
    "Permission set assignments",
    "Who was given which permission set, group or profile, and until when.",
    "PermissionSetAssignment",
    (
        Field("AssigneeId", "The user."),
        Field("Assignee.Username", "That user's name."),
        Field("PermissionSetId", "The permission set, the hidden one of the profile included."),
        Field("PermissionSet.Label", "What Setup calls it."),
        Field("PermissionSetGroupId", "The group it came with."),
        Field("ExpirationDate", "Until when; empty: for ever.", time=True),
        Field("IsActive", "In force."),
    ),
    stamped=stamps("SystemModstamp"),
    label=("Assignee.Username", "AssigneeId"),
    audit=("PermSetAssign%", "PermSetUnassign%"),
    mentioned=("PermissionSet.Label", "AssigneeId"),
    extras=(("Assignee.Username",), ("PermissionSet.Label",)),
)
