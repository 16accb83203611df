"""Permission set groups. Source: Object Reference, PermissionSetGroup."""

from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import Field

SOURCE = whole(
    "permission_set_groups",
    "Permission set groups",
    "Bundles of permission sets, and whether their sum is up to date.",
    "PermissionSetGroup",
    (
        Field("DeveloperName", "API name."),
        Field("MasterLabel", "What Setup calls it."),
        Field("Description", "What it is for."),
        Field("Status", "Updated, Outdated, Updating or Failed: is its sum worked out?"),
        Field("NamespacePrefix", "The package it came with."),
        Field("HasActivationRequired", "Only in sessions that were activated."),
    ),
    label=("MasterLabel", "DeveloperName"),
    audit=("PermissionSetGroupDelete",),
)
