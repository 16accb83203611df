"""Licences that come through permission sets: how many there are, how many are given out.

Source: Object Reference, PermissionSetLicense.
"""

from datetime import timedelta

from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import Field

SOURCE = whole(
    "permission_set_licenses",
    "Permission set licences",
    "Kinds of licences that open features, how many there are and how many are used.",
    "PermissionSetLicense",
    (
        Field("MasterLabel", "What Setup calls it."),
        Field("DeveloperName", "API name."),
        Field("PermissionSetLicenseKey", "The kind, the same in every org."),
        Field("Status", "Active or Disabled."),
        Field("TotalLicenses", "How many the org has."),
        Field("UsedLicenses", "How many are given out."),
        Field("ExpirationDate", "When it ends.", time=True),
        Field("IsAvailableForIntegrations", "May be given to integration users."),
    ),
    label=("MasterLabel", "DeveloperName"),
    quiet=("UsedLicenses",),
    extras=(("IsAvailableForIntegrations",),),
    cadence=timedelta(days=1),
)
