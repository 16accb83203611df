"""Permission sets, the hidden ones of profiles and groups included: which powers each gives.

Every profile owns a hidden set, and so does every permission set group.
Source: Object Reference, PermissionSet.
"""

from orgwarden.catalog.sources import powers
from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import Field

SOURCE = whole(
    "permission_sets",
    "Permission sets",
    "Every permission set with the permissions that matter most.",
    "PermissionSet",
    (
        Field("Name", "API name."),
        Field("Label", "What Setup calls it."),
        Field("Type", "Regular, Standard, Group, Session, Profile …"),
        Field("IsCustom", "Made in this org."),
        Field("IsOwnedByProfile", "The hidden set of a profile."),
        Field("ProfileId", "That profile."),
        Field("PermissionSetGroupId", "The group whose hidden set it is."),
        Field("LicenseId", "The licence it is for."),
        Field("NamespacePrefix", "The package it came with."),
        Field("HasActivationRequired", "Only in sessions that were activated."),
        *powers.FIELDS,
    ),
    label=("Label", "Name"),
    extras=powers.EXTRAS,
    audit=("PermSetCreate%", "PermSetClone%", "PermSetDelete"),
)
