"""External client apps: apps made or installed in the org that followed connected apps.

Source: Tooling API, ExternalClientApplication.
"""

from datetime import timedelta

from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import Field, Need

SOURCE = whole(
    "external_client_apps",
    "External client apps",
    "External client apps in the org: where each came from and whom to ask about it.",
    "ExternalClientApplication",
    (
        Field("MasterLabel", "What Setup calls it."),
        Field("DeveloperName", "API name."),
        Field("DistributionState", "Local, or Packaged."),
        Field("NamespacePrefix", "The package it came with."),
        Field("OrgScopedExternalApp", "The app's name across orgs."),
        Field("Description", "What people noted about it."),
        Field("ContactEmail", "Whom to ask."),
        Field("InfoUrl", "Where it is explained."),
        Field("Version", "Its version."),
    ),
    label=("MasterLabel", "DeveloperName"),
    needs=(Need("ViewSetup", "external client apps are dark"),),
    extras=(("OrgScopedExternalApp",), ("ContactEmail",), ("InfoUrl",), ("Version",)),
    cadence=timedelta(hours=6),
    api="tooling",
)
