"""Sites that pages of the org may load from. Source: Object Reference, CspTrustedSite."""

from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import Field

SOURCE = whole(
    "csp_trusted_sites",
    "Trusted sites of pages",
    "Where pages of the org may load from and send to.",
    "CspTrustedSite",
    (
        Field("DeveloperName", "API name."),
        Field("EndpointUrl", "The site."),
        Field("Description", "What it is for."),
        Field("IsActive", "In force."),
        Field("Context", "Which pages: all, communities, Lightning …"),
        Field("IsApplicableToConnectSrc", "Pages may send data there."),
        Field("IsApplicableToFrameSrc", "Pages may show it in a frame."),
    ),
    label=("EndpointUrl", "DeveloperName"),
)
