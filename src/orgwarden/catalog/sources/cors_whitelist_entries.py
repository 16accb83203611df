"""Origins whose pages may call the org. Source: Object Reference, CorsWhitelistEntry."""

from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import Field

SOURCE = whole(
    "cors_whitelist_entries",
    "Origins that may call the org",
    "Sites whose pages may call the org's APIs from a browser.",
    "CorsWhitelistEntry",
    (
        Field("DeveloperName", "API name."),
        Field("UrlPattern", "The origins."),
    ),
    label=("UrlPattern", "DeveloperName"),
)
