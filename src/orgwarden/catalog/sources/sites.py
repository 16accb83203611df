"""Sites that strangers reach without signing in: whose rights they have, how pages are protected.

Source: Object Reference, Site.
"""

from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import Field, Need

SOURCE = whole(
    "sites",
    "Sites",
    "Public sites: the guest whose rights they have, and how their pages are protected.",
    "Site",
    (
        Field("MasterLabel", "What Setup calls it."),
        Field("Name", "API name."),
        Field("Status", "Active, Inactive …"),
        Field("SiteType", "ChatterNetwork, Visualforce …"),
        Field("Subdomain", "The subdomain it is under."),
        Field("UrlPathPrefix", "The path it is under."),
        Field("AdminId", "The user who looks after it."),
        Field("GuestUserId", "The user as whom strangers act."),
        Field("GuestRecordDefaultOwnerId", "Who owns what strangers make."),
        Field("ClickjackProtectionLevel", "Which pages may frame it."),
        Field("OptionsRequireHttps", "Only by https."),
        Field("OptionsBrowserXssProtection", "Asks browsers to block cross-site scripts."),
        Field("OptionsContentSniffingProtection", "Forbids browsers to guess types."),
        Field("OptionsReferrerPolicyOriginWhenCrossOrigin", "Tells other sites no paths."),
        Field("OptionsCspUpgradeInsecureRequests", "Turns http into https."),
        Field("OptionsAllowStandardLookups", "Guests may use lookup pages."),
        Field("OptionsAllowStandardSearch", "Guests may use search pages."),
        Field("OptionsAllowStandardPortalPages", "Guests may use standard pages."),
        Field("OptionsAllowGuestSupportApi", "Guests may use the support interface."),
        Field("OptionsEnableFeeds", "Has feeds that anybody may read."),
    ),
    label=("MasterLabel", "Name"),
    needs=(Need("ViewSetup", "which sites are public is dark"),),
    extras=(
        ("OptionsCspUpgradeInsecureRequests",),
        ("OptionsReferrerPolicyOriginWhenCrossOrigin",),
        ("OptionsAllowGuestSupportApi",),
    ),
)
