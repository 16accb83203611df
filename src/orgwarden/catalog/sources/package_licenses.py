"""Managed packages with licences. Source: Object Reference, PackageLicense."""

from orgwarden.catalog.sources.whole import stamps, whole
from orgwarden.core.source import Field

SOURCE = whole(
    "package_licenses",
    "Package licences",
    "Licensed managed packages: whose, how many, until when.",
    "PackageLicense",
    (
        Field("NamespacePrefix", "The package's namespace."),
        Field("Status", "Active, Expired, Free or Trial."),
        Field("AllowedLicenses", "How many; -1: all users."),
        Field("UsedLicenses", "How many are given out."),
        Field("ExpirationDate", "Until when.", time=True),
    ),
    stamped=stamps("CreatedDate", "LastModifiedDate", "SystemModstamp"),
    label=("NamespacePrefix",),
)
