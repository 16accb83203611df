"""Profiles: what every user has at least, and which powers come with it.

Source: Object Reference, Profile.
"""

from orgwarden.catalog.sources import powers
from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import Field

SOURCE = whole(
    "profiles",
    "Profiles",
    "Every profile with its licence and the permissions that matter most.",
    "Profile",
    (
        Field("Name", "Name of the profile."),
        Field("Description", "What it is for."),
        Field("UserType", "Standard, Guest, PowerPartner …"),
        Field("UserLicenseId", "The licence its users need."),
        *powers.FIELDS,
    ),
    extras=powers.EXTRAS,
    audit=("deletedprofile",),
)
