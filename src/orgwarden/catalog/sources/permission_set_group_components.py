"""Which permission sets are in which group.

Source: Object Reference, PermissionSetGroupComponent.
"""

from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import Field

SOURCE = whole(
    "permission_set_group_components",
    "Members of permission set groups",
    "Which permission sets a group bundles.",
    "PermissionSetGroupComponent",
    (
        Field("PermissionSetGroupId", "The group."),
        Field("PermissionSetId", "The permission set in it."),
        Field("PermissionSet.Label", "What Setup calls that set."),
    ),
    label=("PermissionSet.Label",),
    extras=(("PermissionSet.Label",),),
)
