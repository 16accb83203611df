"""Remote sites: addresses that code in the org may call.

Source: Tooling API, RemoteProxy.
"""

from datetime import timedelta

from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import Field, Need

SOURCE = whole(
    "remote_sites",
    "Remote sites",
    "Addresses that code in the org may call, and whether without https.",
    "RemoteProxy",
    (
        Field("SiteName", "API name."),
        Field("EndpointUrl", "The address."),
        Field("Description", "What people noted about it."),
        Field("IsActive", "May be called now."),
        Field("DisableProtocolSecurity", "https may call http."),
        Field("NamespacePrefix", "The package it came with."),
    ),
    label=("SiteName",),
    needs=(Need("ViewSetup", "where the org's code may send data is dark"),),
    audit=("remoteproxy%",),
    api="tooling",
    cadence=timedelta(days=1),
)
