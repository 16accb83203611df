"""User licences: how many the org has of each kind, and how many are given out.

Source: Object Reference, UserLicense.
"""

from datetime import timedelta

from orgwarden.catalog.sources.whole import stamps, whole
from orgwarden.core.source import Field

SOURCE = whole(
    "user_licenses",
    "User licences",
    "Kinds of licences for users, how many there are and how many are used.",
    "UserLicense",
    (
        Field("Name", "What Setup calls it."),
        Field("LicenseDefinitionKey", "The kind, the same in every org."),
        Field("Status", "Active or Disabled."),
        Field("TotalLicenses", "How many the org has."),
        Field("UsedLicenses", "How many are given to active users."),
    ),
    stamped=stamps("CreatedDate", "LastModifiedDate", "SystemModstamp"),
    quiet=("UsedLicenses",),
    cadence=timedelta(days=1),
)
