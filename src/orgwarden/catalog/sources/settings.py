"""Settings that only the Metadata API tells: one record for each.

Source: Metadata API Developer Guide, Settings. The profiles' own rules for passwords and sessions
are read as well, because they stand above the org's.
"""

from datetime import timedelta

from orgwarden.catalog.sources.whole import UNSTAMPED, whole
from orgwarden.core.source import Field, Need
from orgwarden.core.whole import Component, Components

TYPES = (
    "Security",
    "MyDomain",
    "ConnectedApp",
    "OauthOidc",
    "Sharing",
    "UserManagement",
    "Event",
    "RealTimeEvent",
    "Content",
    "FileUploadAndDownloadSecurity",
)
OF_PROFILES = ("ProfilePasswordPolicy", "ProfileSessionSetting")

SOURCE = whole(
    "settings",
    "Settings",
    "Passwords, sessions, sign-on, sharing, apps and monitoring: each setting and its value.",
    "Settings",
    (
        Field("Type", "The type of settings, as the Metadata API names it."),
        Field("FullName", "Which of that type: the org's own, or a profile's."),
        Field("Path", "The setting."),
        Field("Value", "Its value."),
    ),
    stamped=UNSTAMPED,
    label=("Path",),
    needs=(
        Need("CustomizeApplication", "settings that only the Metadata API tells are dark"),
        Need("ModifyMetadata", "settings that only the Metadata API tells are dark"),
    ),
    identity=("Type", "FullName", "Path"),
    how=Components(
        (
            *(Component(f"{name}Settings", (name,)) for name in TYPES),
            *(Component(name) for name in OF_PROFILES),
        ),
        flat=True,
    ),
    cost=f"{len(TYPES) + 1} calls a run, 1 more per 10 profiles with rules of their own.",
    tier="metadata",
    api="metadata",
    cadence=timedelta(days=1),
)
