"""Muting permission sets: what a permission set group takes away again.

A group names them among its components.
Source: Object Reference, MutingPermissionSet.
"""

from orgwarden.catalog.sources import powers
from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import Field, Need

SOURCE = whole(
    "muting_permission_sets",
    "Muting permission sets",
    "What permission set groups take away of what their parts give.",
    "MutingPermissionSet",
    (
        Field("MasterLabel", "What Setup calls it."),
        Field("DeveloperName", "API name."),
        *powers.FIELDS,
    ),
    label=("MasterLabel", "DeveloperName"),
    needs=(Need("ViewSetup", "what groups take away is dark"),),
    extras=powers.EXTRAS,
)
