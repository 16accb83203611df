"""Packages that are installed, with or without licences, and their versions.

Source: Tooling API, InstalledSubscriberPackage. The package and its version can be read through it
only: they answer to one id at a time.
"""

from datetime import timedelta

from orgwarden.catalog.sources.whole import UNSTAMPED, whole
from orgwarden.core.source import Field, Need

SOURCE = whole(
    "installed_packages",
    "Installed packages",
    "Every package in the org, its publisher and version, and whether it was reviewed.",
    "InstalledSubscriberPackage",
    (
        Field("SubscriberPackageId", "The package."),
        Field("SubscriberPackage.Name", "Its name."),
        Field("SubscriberPackage.NamespacePrefix", "Its namespace."),
        Field("SubscriberPackageVersionId", "The installed version."),
        Field("SubscriberPackageVersion.Name", "Its name."),
        Field("SubscriberPackageVersion.MajorVersion", "The version's first number."),
        Field("SubscriberPackageVersion.MinorVersion", "The version's second number."),
        Field("SubscriberPackageVersion.PatchVersion", "The version's third number."),
        Field("SubscriberPackageVersion.BuildNumber", "The version's fourth number."),
        Field("SubscriberPackageVersion.IsBeta", "Not released."),
        Field("SubscriberPackageVersion.IsManaged", "Its maker can upgrade it."),
        Field("SubscriberPackageVersion.IsDeprecated", "Its maker has withdrawn it."),
        Field("SubscriberPackageVersion.IsSecurityReviewed", "Salesforce has reviewed it."),
        Field("SubscriberPackageVersion.PublisherName", "Who made it."),
    ),
    stamped=UNSTAMPED,
    label=("SubscriberPackage.Name", "SubscriberPackageId"),
    needs=(Need("InstallPackaging", "packages without licences, and versions, are dark"),),
    extras=(
        ("SubscriberPackageVersion.PublisherName",),
        ("SubscriberPackageVersion.IsSecurityReviewed",),
    ),
    audit=("%package%",),
    mentioned=("SubscriberPackage.Name",),
    tier="packages",
    api="tooling",
    cadence=timedelta(days=1),
)
