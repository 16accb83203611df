"""What a connection test reads beside the sources. The test's queries are made from these values,
and so is the table shown before consent.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """One thing read. `kind` is `query`, or `metadata` for a settings type of the Metadata API,
    of which `fields` are what is looked at. `tier` is the opt-in it needs, "" for none."""

    object: str
    fields: tuple[str, ...]
    why: str
    kind: str = "query"
    tier: str = ""


OUR_USER = Look(
    "User",
    (
        "Id",
        "Username",
        "IsActive",
        "UserType",
        "LanguageLocaleKey",
        "UserPermissionsSFContentUser",
        "Profile.Name",
        "Profile.UserLicenseId",
        "Profile.UserLicense.Name",
        "Profile.UserLicense.LicenseDefinitionKey",
    ),
    "The connected user's own row: language, profile, licence, content box.",
)
OUR_PERMISSIONS = Look(
    "UserPermissionAccess",
    ("Permissions…",),
    "Which of the permissions below the connected user holds.",
)
OUR_LICENCES = Look(
    "PermissionSetLicenseAssign",
    ("PermissionSetLicense.MasterLabel", "PermissionSetLicense.MaximumPermissions…"),
    "What the connected user's permission set licences allow at most.",
)
SAME_LICENCE = Look(
    "Profile",
    ("Name", "Permissions…"),
    "What the profiles of the same user licence hold, which shows what that licence allows.",
)
OUR_SIGN_INS = Look(
    "LoginHistory",
    ("LoginTime", "LoginType"),
    "Whether a person signs in with the connected user's account.",
)
DELIVERIES = Look(
    "ContentDistribution",
    ("Id",),
    "Whether public links to files can be asked for.",
)
LIBRARIES = Look(
    "ContentWorkspace",
    ("Id",),
    "Whether Salesforce CRM Content is in use.",
)
SECURITY = Look(
    "SecuritySettings",
    ("sessionSettings.lockSessionsToIp",),
    "Whether sessions are locked to the address they began at.",
    kind="metadata",
    tier="metadata",
)
CONTENT = Look(
    "ContentSettings",
    ("enableContent", "enableContentDistribution"),
    "Whether Salesforce CRM Content and Content Deliveries are on.",
    kind="metadata",
    tier="metadata",
)
EVENTS = Look(
    "EventSettings",
    ("enableEventLogGeneration",),
    "Whether event log files are made.",
    kind="metadata",
    tier="metadata",
)
STORAGE = Look(
    "RealTimeEventSettings",
    ("realTimeEvents",),
    "Which real-time events are stored.",
    kind="metadata",
    tier="metadata",
)
LOOKS: tuple[Look, ...] = (
    OUR_USER,
    OUR_PERMISSIONS,
    OUR_LICENCES,
    SAME_LICENCE,
    OUR_SIGN_INS,
    DELIVERIES,
    LIBRARIES,
    SECURITY,
    CONTENT,
    EVENTS,
    STORAGE,
)
