"""Apps that an administrator has blocked: nobody's token of them works.

Source: Metadata API Developer Guide, BlacklistedConsumer.
"""

from datetime import timedelta

from orgwarden.catalog.sources.whole import UNSTAMPED, whole
from orgwarden.core.source import Field, Need
from orgwarden.core.whole import Component, Components

SOURCE = whole(
    "blocked_apps",
    "Blocked apps",
    "Apps that an administrator has blocked in the org.",
    "BlacklistedConsumer",
    (
        Field("FullName", "API name."),
        Field("MasterLabel", "What Setup calls it."),
        Field("ConsumerKey", "The app's consumer key, which is public."),
        Field("ConsumerName", "What the app calls itself."),
        Field("BlockedByApiWhitelisting", "Blocked because it is not on the list of apps."),
    ),
    stamped=UNSTAMPED,
    label=("ConsumerName", "FullName"),
    needs=(
        Need("CustomizeApplication", "which apps are blocked is dark"),
        Need("ModifyMetadata", "which apps are blocked is dark"),
    ),
    identity=("FullName",),
    how=Components((Component("BlacklistedConsumer"),)),
    cost="2 calls a run, 1 more per 10 blocked apps beyond ten; 1 if there is none.",
    audit=("%blockConnectedApplication",),
    mentioned=("ConsumerName",),
    cadence=timedelta(hours=6),
    tier="metadata",
    api="metadata",
)
